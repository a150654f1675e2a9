"""From what somebody pasted to links."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from viddlws.downloads.models import SMUGGLED
from viddlws.engine.guard.links import LinkRefused, check

MOST = 10_000  # links in one paste


@dataclass(frozen=True)
class Link:
    """A link that may be fetched, in its normal spelling."""

    url: str

    @property
    def key(self) -> str:
        """The same for what people see as the same link, short enough for an index."""
        return key_of(self.url.partition(SMUGGLED)[0])

    @property
    def site(self) -> str:
        """Its host without `www.`, or an empty text when there is none."""
        return (urlsplit(self.url).hostname or "").removeprefix("www.")[:253]


def key_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class NotALink:
    """A line that will not be fetched, and why."""

    text: str
    message: str
    advice: str


def lines(text: str) -> list[str]:
    """What stands on a line of its own, without blank lines; links with only spaces between them are taken apart."""
    return [part for line in text.splitlines() if line.strip() for part in _apart(line.strip())]


def read(line: str, allowed_networks: tuple[str, ...]) -> Link | NotALink:
    """One line as a link."""
    try:
        return Link(check(line, allowed_networks))
    except LinkRefused as refused:
        return NotALink(line, refused.message, refused.advice)


def _apart(line: str) -> Iterator[str]:
    words = line.split()
    if all(word.lower().startswith(("http://", "https://")) for word in words):
        yield from words
    else:
        yield line
