"""The check of a link a person gave, before anything is stored or fetched."""

import re
import socket
import unicodedata
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import SplitResult, quote, urlsplit

from viddlws.engine.guard.addresses import (
    PRIVATE_ADDRESS,
    PRIVATE_ADDRESS_ADVICE,
    Address,
    is_public,
    parse_networks,
    plain,
)

LONGEST = 8192

_DEFAULT_PORTS = {"http": 80, "https": 443}
_HOST_NAME = re.compile(r"[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*")
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
_SAFE_IN_PATH = "/:@!$&'()*+,;=~%[]"
_SAFE_IN_QUERY = _SAFE_IN_PATH + "?"
# yt-dlp reads instructions to itself from such a fragment, among them which proxy to use.
_SMUGGLED = "__youtubedl_smuggle"


class LinkRefused(ValueError):  # noqa: N818 (a refusal, not a fault)
    """A link that will not be fetched. `message` says why, `advice` what to do; both in plain words."""

    def __init__(self, message: str, advice: str) -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice


def check(text: str, allowed_networks: Sequence[str] = ()) -> str:
    """The link in its normal spelling: host in lower case and ASCII, no default port, a path, percent-encoded.

    Raises `LinkRefused`. Names are not looked up here; the proxy judges what they resolve to.
    """
    text = text.strip()
    _refuse_odd_text(text)
    parts = _split(text)
    host = _host(parts)
    _refuse_private(host, allowed_networks)
    return _normal(parts, host)


def _refuse_odd_text(text: str) -> None:
    if not text:
        raise LinkRefused("There is no link.", "Paste the address of a page with a video.")
    if len(text) > LONGEST:
        raise LinkRefused(f"The link is longer than {LONGEST:,} characters.", "Copy the link again from the site.")
    if any(character.isspace() for character in text):
        raise LinkRefused("A link has no spaces in it.", "Paste each link on a line of its own.")
    if any(unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp") for character in text):
        raise LinkRefused("The link contains invisible characters.", "Copy the link again from the site.")
    if _SMUGGLED in text:
        raise LinkRefused("The link contains instructions to the downloader.", "Remove everything from the # sign on.")


def _split(text: str) -> SplitResult:
    scheme = _SCHEME.match(text)
    if scheme is None or "://" not in text:
        raise LinkRefused("This is not a link.", "A link begins with http:// or https://.")
    if scheme[1].lower() not in _DEFAULT_PORTS:
        raise LinkRefused(
            f"Links of the kind {scheme[1][:20]}: are not supported.", "Use one with http:// or https://."
        )
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise LinkRefused("The link's host or port is not valid.", "Copy the link again from the site.") from None
    if "@" in parts.netloc:
        raise LinkRefused("The link contains a user name or a password.", "Remove the part before the @ sign.")
    if port == 0:
        raise LinkRefused("The link's host or port is not valid.", "Copy the link again from the site.")
    return parts


def _host(parts: SplitResult) -> str:
    """The host in ASCII and lower case; IPv6 literals without brackets, as IPv4 where they mean it."""
    host = parts.hostname or ""
    if parts.netloc.startswith("["):
        try:
            return str(plain(IPv6Address(host.partition("%")[0])))
        except ValueError:
            raise LinkRefused("The link's host is not valid.", "Copy the link again from the site.") from None
    try:
        host = unicodedata.normalize("NFKC", host).replace("\u3002", ".").encode("idna").decode("ascii").lower()
    except UnicodeError:
        host = ""
    host = host.removesuffix(".")
    if not host:
        raise LinkRefused("The link names no site.", "Copy the link again from the site.")
    if len(host) > 253 or not _HOST_NAME.fullmatch(host):
        raise LinkRefused("The link's host is not valid.", "Copy the link again from the site.")
    return host


def _refuse_private(host: str, allowed_networks: Sequence[str]) -> None:
    address = literal_address(host)
    if address is None or is_public(address):
        return
    if not any(plain(address) in network for network in parse_networks(allowed_networks)):
        raise LinkRefused(PRIVATE_ADDRESS, PRIVATE_ADDRESS_ADVICE)


def literal_address(host: str) -> Address | None:
    """The address a host stands for without any lookup: decimal, octal, hexadecimal and short spellings, localhost."""
    if host == "localhost" or host.endswith(".localhost"):
        return IPv4Address("127.0.0.1")
    if ":" in host:
        return IPv6Address(host)
    try:
        return IPv4Address(socket.inet_aton(host))
    except (OSError, UnicodeError):
        return None


def _normal(parts: SplitResult, host: str) -> str:
    if ":" in host:
        host = f"[{host}]"
    port = "" if parts.port in (None, _DEFAULT_PORTS[parts.scheme]) else f":{parts.port}"
    path = quote(parts.path or "/", safe=_SAFE_IN_PATH)
    query = "?" + quote(parts.query, safe=_SAFE_IN_QUERY) if parts.query else ""
    fragment = "#" + quote(parts.fragment, safe=_SAFE_IN_QUERY) if parts.fragment else ""
    return f"{parts.scheme}://{host}{port}{path}{query}{fragment}"
