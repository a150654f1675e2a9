"""What an attempt did, as plain lines in the job's folder, without anything secret."""

import re
import time
from pathlib import Path

NAME = "attempt.log"
LONGEST = 1 << 20  # bytes of one attempt
LONGEST_LINE = 2_000  # characters

_SECRETS = (
    (re.compile(r"(?i)\b((?:proxy-)?authorization|(?:set-)?cookie2?)\b(['\"]?\s*[:=]\s*)[^\r\n]+"), r"\1\2***"),
    (re.compile(r"(?<=://)[^/@\s'\"]+@"), "***@"),
    (re.compile(r"#__youtubedl_smuggle=[^\s'\"]*"), ""),
    (
        re.compile(
            r"(?i)([?&;][^=&;\s]*(?:token|sig|key|auth|pass|secret|sess|jwt|policy|cred|hmac|hash)[^=&;\s]*=)[^&;#\s'\"]+"
        ),
        r"\1***",
    ),
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{8,}"), r"\1 ***"),
)


def censor(text: str) -> str:
    """`text` without cookies, credentials, tokens and signatures."""
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return text


class AttemptLog:
    """yt-dlp's logger. Each call is one line; what is longer than the file may be is left out."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w", encoding="utf-8", errors="replace", buffering=1)
        self._left = LONGEST
        self._began = time.monotonic()

    def debug(self, message: str) -> None:
        self._write("", message)

    def info(self, message: str) -> None:
        self._write("", message)

    def warning(self, message: str) -> None:
        self._write("warning: ", message)

    def error(self, message: str) -> None:
        self._write("error: ", message)

    def _write(self, kind: str, message: str) -> None:
        printable = "".join(each if each.isprintable() else " " for each in str(message)[:LONGEST_LINE])
        words = " ".join(printable.split())
        line = f"{time.monotonic() - self._began:8.2f} {kind}{censor(words)}\n"
        self._left -= len(line)
        if words and self._left > 0:
            try:
                self._file.write(line)
            except OSError:
                self._left = 0  # a full disk is reported by what needs the space, not by the log
