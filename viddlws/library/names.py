"""Names for files and folders that every file system takes: Linux, macOS, Windows, network shares. Pure."""

import re
import unicodedata
from urllib.parse import quote

LONGEST = 180  # bytes of UTF-8; leaves room for what sync programs append below the usual 255
_INSTEAD = str.maketrans({":": "-", "/": "-", "\\": "-", "|": "-", '"': "'", "<": "(", ">": ")", "?": None, "*": "_"})
_DROPPED = {"Cc", "Cf", "Cs", "Co", "Cn"}  # controls, invisible marks, halves and holes of Unicode
_DEVICES = {"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$"} | {
    f"{device}{digit}" for device in ("COM", "LPT") for digit in "0123456789¹²³"
}


def component(text: str, *, longest: int = LONGEST, otherwise: str = "untitled") -> str:
    """`text` as one path component of at most `longest` bytes (16 or more); `otherwise` when nothing is left of it.

    Never empty, never hidden, never an option, never a device of Windows; equal for texts that look equal.
    """
    text = "".join(_visible(character) for character in text[: 8 * longest])
    text = unicodedata.normalize("NFC", text).translate(_INSTEAD)
    text = unicodedata.normalize("NFC", _trimmed(cut(_trimmed(text), longest - 1))) or otherwise
    return f"_{text}" if text.split(".")[0].strip().upper() in _DEVICES else text


def cut(text: str, longest: int) -> str:
    """The beginning of `text` that fits into `longest` bytes of UTF-8."""
    return text.encode("utf-8", "ignore")[:longest].decode("utf-8", "ignore")


def key(path: str) -> str:
    """Equal for paths that some file system takes for the same."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())


def content_disposition(name: str, *, attachment: bool) -> str:
    """The header that gives a download its name: plain ASCII for old clients, RFC 8187 for all others."""
    kind = "attachment" if attachment else "inline"
    if not name:
        return kind
    name = component(name, longest=255)
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    plain = re.sub(r"[^ !#$&\'()+,.0-9;=@A-Z\[\]^_`a-z{}~-]", "_", plain).strip() or "download"
    header = f'{kind}; filename="{plain}"'
    return header if plain == name else f"{header}; filename*=UTF-8''{quote(name, safe='!#$&+^`|~')}"


def _visible(character: str) -> str:
    category = unicodedata.category(character)
    if category in {"Zs", "Zl", "Zp"} or character in "\t\n\r":
        return " "
    return "" if category in _DROPPED else character


def _trimmed(text: str) -> str:
    return " ".join(text.split()).lstrip(" .-~").rstrip(" .")
