"""A running ViddlWS with a small library."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from tests.ops.running import Up, listed, up, viddlws
from tests.site.server import Site
from tests.stack.group import with_alice

WALKS = (
    "/titled?title=Words+%26+chapters&captions=en&picture=7",
    "/audio.mp3?t=walk",
    "/titled?evil=script",
    "/titled?evil=path",
    "/titled?evil=emoji",
)
EQUALS = ("/titled?title=The+same&n=1", "/titled?title=The+same&n=2", "/titled?title=The+same&n=3")
LARGE = ("/big/8.mp4",)


@dataclass(frozen=True)
class Subscription:
    """A feed, and the end of its address."""

    id: str
    path: str


@dataclass(frozen=True)
class Library:
    """`viddlws up` with Alice's videos: the tag walk has WALKS in both formats, same has EQUALS, large has LARGE."""

    group: Up
    _open: dict[tuple[str, ...], Subscription] = field(default_factory=dict)

    def run(self, *arguments: str) -> str:
        answer = viddlws(self.group.data, *arguments)
        assert answer.returncode == 0, answer.stderr
        return answer.stdout

    def feed(self, *arguments: str) -> Subscription:
        """Subscribe as Alice; the same as last time for the same choice."""
        if arguments not in self._open:
            said: dict[str, Any] = json.loads(self.run("feed", "add", "--json", *arguments))
            self._open[arguments] = Subscription(said["id"], _path(said["address"]))
        return self._open[arguments]

    def rotate(self, feed: Subscription) -> Subscription:
        self._open.clear()
        return Subscription(feed.id, _path(self.run("feed", "rotate", feed.id)))

    def revoke(self, feed: Subscription) -> None:
        self._open.clear()
        self.run("feed", "revoke", feed.id)

    @cached_property
    def videos(self) -> list[dict[str, Any]]:
        """What `list --json` says."""
        return listed(self.group.data)

    def tagged(self, tag: str) -> list[dict[str, Any]]:
        return [video for video in self.videos if tag in video["tags"]]

    def sums(self, tag: str, kind: str) -> Counter[str]:
        """SHA-256 of every file of that kind below that tag."""
        files = (file for video in self.tagged(tag) for file in video["files"] if file["kind"] == kind)
        return Counter(sha256(Path(file["path"])) for file in files)


def _path(address: str) -> str:
    return "/podcast/" + address.strip().partition("/podcast/")[2]


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory, site: Site) -> Iterator[Library]:
    data = with_alice(tmp_path_factory.mktemp("clients") / "data")
    with up(data, first_run=False, DEFAULT_FROM_EMAIL="Operator <operator@example.org>") as group:
        library = Library(group)
        orders = [(WALKS, "both", "walk"), (EQUALS, "audio", "same"), (LARGE, "video", "large")]
        with ThreadPoolExecutor() as pool:
            list(pool.map(lambda order: _add(library, site, *order), orders))
        yield library


def _add(library: Library, site: Site, paths: tuple[str, ...], form: str, tag: str) -> None:
    library.run("add", *map(site.url, paths), "--format", form, "--tag", tag, "--wait")
