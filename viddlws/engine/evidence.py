"""What an exception of yt-dlp's tells, read without knowing yt-dlp: names of classes, attributes, words."""

import re
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlsplit

from viddlws.engine.attempt_log import censor

LONGEST_DETAIL = 2_000  # characters
LONGEST_READ = 20_000  # characters of one message that are looked at

_PLEA = re.compile(r"[;.]\s+(?:[Ii]f you believe this is an error, )?please report this issue")


@dataclass(frozen=True)
class Evidence:
    """What is known of one failure. `chain` is the exception and all it stems from, nearest first."""

    chain: tuple[BaseException, ...]
    denied: tuple[str, ...]
    phase: str

    @cached_property
    def names(self) -> frozenset[str]:
        return frozenset(kind.__name__ for error in self.chain for kind in type(error).__mro__)

    @cached_property
    def text(self) -> str:
        """All messages in lower case, without addresses, so that no word of a link is taken for the site's."""
        words = " | ".join(_PLEA.split(str(error)[:LONGEST_READ])[0] for error in self.chain).lower()
        return re.sub(r"\b[a-z][a-z0-9+.-]*://\S+", "", words)

    @cached_property
    def status(self) -> int | None:
        """The HTTP status, from the exception or, where yt-dlp keeps only words, from these."""
        for error in self.chain:
            status = getattr(error, "status", None)
            if isinstance(status, int):
                return status
        found = re.search(r"(?:http error|tunnel connection failed:|tunnel failed, response) (\d{3})\b", self.text)
        return int(found[1]) if found else None

    @cached_property
    def errnos(self) -> frozenset[int]:
        systems = (
            e for e in self.chain if isinstance(e, OSError) and not isinstance(e, ssl.SSLError | socket.gaierror)
        )
        known = {error.errno for error in systems if error.errno}
        return frozenset(known | {int(number) for number in re.findall(r"\[errno (\d+)\]", self.text)})

    @cached_property
    def while_fetching(self) -> bool:
        """The page was read; this is about the media."""
        return self.phase == "fetching" or "got error" in self.text or "download video data" in self.text

    @cached_property
    def host(self) -> str:
        """The site this is about, empty when nothing names it."""
        for error in self.chain:
            response = getattr(error, "response", None)
            host = host_of(getattr(response, "url", None)) or host_of(getattr(error, "url", None))
            if host:
                return host
        named = re.search(
            r"(?:https?://(?:[^\s/@]*@)?|host=')([\w.-]+|\[[0-9a-f:.]+\])", clean_detail(str(self.chain[0]))
        )
        return named[1] if named else ""


def chain_of(exc: BaseException) -> Iterator[BaseException]:
    """`exc` and what it stems from: what yt-dlp names as the reason before what was merely being handled."""
    waiting: list[object] = [exc]
    seen: set[int] = set()
    while waiting:
        error = waiting.pop(0)
        if not isinstance(error, BaseException) or id(error) in seen:
            continue
        seen.add(id(error))
        yield error
        info = getattr(error, "exc_info", None)
        named = info[1] if isinstance(info, tuple) and len(info) > 1 else None
        waiting += [named, getattr(error, "cause", None), error.__cause__, error.__context__]


def clean_detail(text: str) -> str:
    """The engine's words without control characters, secrets, query strings and its advice to developers."""
    words = re.sub(r"\x1b\[[0-9;]*m", "", text[:LONGEST_READ])
    words = re.sub(r"[\x00-\x08\x0b-\x1f\x7f]", "", words)
    words = re.split(r"\.?\s+Use --[a-z]", _PLEA.split(words)[0])[0]
    words = re.sub(r"\?[^\s?'\"<>=]+=[^\s'\"<>)]*", "?...", censor(words))
    words = re.sub(r"(://[^\s'\"<>?]{100})[^\s'\"<>?]+", r"\1...", words)
    return words.encode("utf-8", "replace").decode().strip()[:LONGEST_DETAIL]


def host_of(url: object) -> str:
    """The host of an address; empty when it is none."""
    try:
        return urlsplit(url).hostname or "" if isinstance(url, str) else ""
    except ValueError:
        return ""
