"""Testing a feed: fetching it through its address as an app would, and saying what an app would see.

It asks the host of the feed's own address and no other: a redirect to another is told, not followed.
"""

import time
import xml.etree.ElementTree as ET
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from urllib.parse import urljoin, urlsplit

import requests

from viddlws.feeds.pictures import MOST_BYTES

AGENT = "ViddlWS feed test"
_MOST_TEXT = 6_000_000  # bytes of a feed; ours are smaller
_MOST_REDIRECTS = 3
_PATIENCE = (5, 10)  # seconds for connecting, and for each read
_ALTOGETHER = 30.0  # seconds
_SAMPLE = 100  # bytes asked for of the first episode
_ITUNES = "{http://www.itunes.com/dtds/podcast-1.0.dtd}"
_ATOM = "{http://www.w3.org/2005/Atom}"
_PROXY = "Look at what your reverse proxy does with addresses below /podcast/."


class Level(StrEnum):
    GOOD = "good"
    NOTE = "note"
    BAD = "bad"


@dataclass(frozen=True)
class Line:
    """One thing that was looked at, what was found, and what to do about it."""

    what: str
    level: Level
    said: str
    advice: str = ""


class _End(Exception):  # noqa: N818 - carries the last line
    """Nothing more can be tested."""

    def __init__(self, line: Line) -> None:
        self.line = line


@dataclass(frozen=True)
class _Answer:
    url: str
    status: int
    headers: requests.structures.CaseInsensitiveDict[str]
    content: bytes
    redirects: int
    seconds: float


def check(address: str, agent: str = AGENT) -> Iterator[Line]:
    """Line by line while it goes. `address` must be ours: the face decides that."""
    with requests.Session() as session:
        session.trust_env = False  # no proxy and no password of the machine's own
        session.headers["User-Agent"] = agent
        visitor = _Visitor(session, address)
        try:
            feed = yield from _reached(visitor, address)
            channel = yield from _read(feed, address)
            yield from _episode(visitor, channel, address)
            yield from _artwork(visitor, channel, address)
        except _End as end:
            yield end.line


class _Visitor:
    """Asks one host, within limits."""

    def __init__(self, session: requests.Session, address: str) -> None:
        self._session = session
        self._host = urlsplit(address).hostname
        self._ports = {urlsplit(address).port, None, 80, 443}
        self._until = time.monotonic() + _ALTOGETHER

    def ask(self, what: str, method: str, url: str, most: int, **headers: str) -> _Answer:
        """The answer after redirects, with at most so many bytes. Raises _End."""
        began = time.monotonic()
        for redirects in range(_MOST_REDIRECTS + 1):
            answer = self._once(what, method, url, most, headers)
            if not 300 <= answer.status < 400 or "Location" not in answer.headers:
                return _Answer(url, answer.status, answer.headers, answer.content, redirects, time.monotonic() - began)
            url = urljoin(url, answer.headers["Location"])
            if not self._ours(url):
                elsewhere = f"Sent on to another place: {urlsplit(url).scheme}://{urlsplit(url).netloc}"
                raise _End(Line(what, Level.BAD, elsewhere, "Set PUBLIC_URLS to the address that answers itself."))
        raise _End(Line(what, Level.BAD, f"Sent on more than {_MOST_REDIRECTS} times.", _PROXY))

    def _ours(self, url: str) -> bool:
        try:
            parts = urlsplit(url)
            return parts.scheme in {"http", "https"} and parts.hostname == self._host and parts.port in self._ports
        except ValueError:
            return False

    def _once(self, what: str, method: str, url: str, most: int, headers: dict[str, str]) -> _Answer:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            with self._session.request(
                method, url, headers=sent, timeout=_PATIENCE, allow_redirects=False, stream=True
            ) as answer:
                return _Answer(url, answer.status_code, answer.headers, self._content(what, answer, most), 0, 0.0)
        except requests.exceptions.SSLError:
            advice = "Renew it, and let the proxy send its whole chain. Apps refuse a certificate made by oneself."
            raise _End(Line("Certificate", Level.BAD, "It is not accepted.", advice)) from None
        except requests.exceptions.Timeout:
            raise _End(
                Line(what, Level.BAD, "No answer in time.", "Is the address right, and the port open?")
            ) from None
        except (requests.RequestException, OSError, ValueError):
            advice = "Look whether PUBLIC_URLS is right and this machine can reach that name."
            raise _End(Line(what, Level.BAD, "It cannot be reached.", advice)) from None

    def _content(self, what: str, answer: requests.Response, most: int) -> bytes:
        content = bytearray()
        for block in answer.iter_content(65536):
            content += block
            if len(content) > most:
                raise _End(Line(what, Level.BAD, "The answer is longer than it should be.", _PROXY))
            if time.monotonic() > self._until:
                raise _End(Line(what, Level.BAD, "The answer comes too slowly.", "Apps would give up, too."))
        return bytes(content)


def _reached(visitor: _Visitor, address: str) -> Generator[Line, None, _Answer]:
    feed = visitor.ask("Address", "GET", address, _MOST_TEXT)
    if feed.status != HTTPStatus.OK:
        said = f"The answer is {_words(feed.status)}."
        raise _End(Line("Address", Level.BAD, said, f"Another program answers there, or a wall. {_PROXY}"))
    yield Line("Address", Level.GOOD, f"Answered after {feed.seconds * 1000:.0f} ms.")
    if feed.redirects:
        advice = "Set PUBLIC_URLS to where it ends, so that no app has to go around."
        yield Line("Redirects", Level.NOTE, f"{feed.redirects}, to {urlsplit(feed.url).scheme}.", advice)
    else:
        yield Line("Redirects", Level.GOOD, "None.")
    if feed.url.startswith("https:"):
        yield Line("Certificate", Level.GOOD, "Valid.")
    else:
        yield Line("Certificate", Level.NOTE, "None: http is not encrypted.", "Several apps play from https only.")
    return feed


def _read(feed: _Answer, address: str) -> Generator[Line, None, ET.Element]:
    kind = feed.headers.get("Content-Type", "")
    good = kind.partition(";")[0].strip() == "application/rss+xml"
    yield Line("Type", Level.GOOD, kind) if good else Line("Type", Level.BAD, kind[:100] or "None.", _PROXY)
    try:
        root = ET.fromstring(feed.content)  # noqa: S314 - expat limits what entities grow to
    except ET.ParseError:
        root = ET.Element("nothing")
    channel = root.find("channel")
    if channel is None:
        raise _End(Line("Feed", Level.BAD, "What is there is no feed.", f"Another program answers. {_PROXY}"))
    own = channel.find(f"{_ATOM}link[@rel='self']")
    if own is None or own.get("href") != address:
        advice = "Let the proxy pass on host and scheme, or set PUBLIC_URLS."
        raise _End(Line("Feed", Level.BAD, "It says that it is at another address.", advice))
    count = len(channel.findall("item"))
    yield Line("Episodes", Level.GOOD if count else Level.NOTE, f"{count} on the first page.")
    return channel


def _episode(visitor: _Visitor, channel: ET.Element, address: str) -> Iterator[Line]:
    enclosure = channel.find("item/enclosure")
    if enclosure is None:
        yield Line("Media", Level.NOTE, "There is no episode to try.", "Keep something, and test again.")
        return
    url, size, kind = _of_ours(enclosure.get("url", ""), address), enclosure.get("length", ""), enclosure.get("type")
    head = visitor.ask("Media", "HEAD", url, 0, Accept_Encoding="identity")
    found = (head.status, head.headers.get("Content-Type"), head.headers.get("Content-Length"))
    if found == (HTTPStatus.OK, kind, size):
        yield Line("Media", Level.GOOD, f"{kind}, {size} bytes, as the feed says.")
    else:
        said = (
            f"{_words(head.status)}, {found[1] or 'no type'}, {found[2] or 'unknown'} bytes; not {kind}, {size} bytes."
        )
        yield Line("Media", Level.BAD, said, _PROXY)
    total = int(size) if size.isdecimal() else 0
    wanted = min(_SAMPLE, total)
    part = visitor.ask("Jumping", "GET", url, _SAMPLE, Range=f"bytes=0-{wanted - 1}", Accept_Encoding="identity")
    exact = part.headers.get("Content-Range") == f"bytes 0-{wanted - 1}/{total}" and len(part.content) == wanted
    if part.status == HTTPStatus.PARTIAL_CONTENT and exact:
        yield Line("Jumping", Level.GOOD, "Parts of it can be fetched: apps can jump and go on after a break.")
    else:
        advice = f"The proxy must pass on the Range header. {_PROXY}"
        yield Line("Jumping", Level.BAD, f"A part was asked for; the answer is {_words(part.status)}.", advice)


def _artwork(visitor: _Visitor, channel: ET.Element, address: str) -> Iterator[Line]:
    image = channel.find(f"{_ITUNES}image")
    url = _of_ours(image.get("href", "") if image is not None else "", address)
    picture = visitor.ask("Artwork", "GET", url, MOST_BYTES)
    if picture.status == HTTPStatus.OK and picture.headers.get("Content-Type") == "image/jpeg":
        yield Line("Artwork", Level.GOOD, f"A JPEG of {len(picture.content) // 1000} kB.")
    else:
        yield Line("Artwork", Level.BAD, f"The answer is {_words(picture.status)}.", _PROXY)


def _of_ours(url: str, address: str) -> str:
    """Only what lies beside the feed is asked for."""
    if not url.startswith(address.rpartition("/")[0] + "/"):
        raise _End(Line("Feed", Level.BAD, "It names addresses that are not ours.", "Set PUBLIC_URLS."))
    return url


def _words(status: int) -> str:
    known = {each.value: each.phrase for each in HTTPStatus}
    return f"{status} {known.get(status, '')}".strip()
