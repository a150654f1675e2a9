"""What other people's parsers make of a feed, all in the same words."""

import io
import json
import shutil
import subprocess
from calendar import timegm
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import feedparser
import podcastparser

_ROOT = Path(__file__).resolve().parents[2]
PARTYTIME = _ROOT / "node_modules" / "podcast-partytime"
_SCRIPT = """
const { parseFeed } = require("podcast-partytime");
let xml = "";
process.stdin.setEncoding("utf8").on("data", (part) => (xml += part)).on("end", () => {
  const feed = parseFeed(xml, { allowMissingGuid: false });
  if (!feed) throw new Error("no feed");
  const tags = Object.values(feed.pc20support).flat();
  const episodes = feed.items.map((item) => [
    item.title, item.guid, item.enclosure.url, item.enclosure.length, item.enclosure.type,
    Math.floor(item.pubDate.getTime() / 1000), item.duration,
  ]);
  process.stdout.write(JSON.stringify({ title: feed.title, tags, episodes }));
});
"""


class Episode(NamedTuple):
    title: str
    guid: str
    url: str
    size: int
    mime: str
    date: int  # seconds since 1970
    duration: int  # seconds


class Read(NamedTuple):
    title: str
    episodes: list[Episode]


def by_feedparser(xml: bytes) -> Read:
    feed = feedparser.parse(io.BytesIO(xml))
    assert feed.bozo is False, feed.bozo_exception
    return Read(feed.feed.title, [_of_feedparser(entry) for entry in feed.entries])


def _of_feedparser(entry: Any) -> Episode:
    [file] = entry.enclosures
    date = timegm(entry.published_parsed)
    return Episode(entry.title, entry.id, file.href, int(file.length), file.type, date, int(entry.itunes_duration))


def by_podcastparser(xml: bytes) -> Read:
    feed = podcastparser.parse("http://localhost/feed.xml", io.BytesIO(xml))
    return Read(feed["title"], [_of_podcastparser(episode) for episode in feed["episodes"]])


def _of_podcastparser(episode: dict[str, Any]) -> Episode:
    [file] = episode["enclosures"]
    about = (file["url"], file["file_size"], file["mime_type"])
    return Episode(episode["title"], episode["guid"], *about, episode["published"], episode["total_time"])


def by_partytime(xml: bytes) -> Read:
    feed = _partytime(xml)
    return Read(feed["title"], [Episode(*values) for values in feed["episodes"]])


def tags_by_partytime(xml: bytes) -> set[str]:
    """The tags of Podcasting 2.0 that it found."""
    return set(_partytime(xml)["tags"])


def _partytime(xml: bytes) -> dict[str, Any]:
    answer = subprocess.run(["node", "-e", _SCRIPT], input=xml, capture_output=True, cwd=_ROOT, timeout=60, check=False)
    assert answer.returncode == 0, answer.stderr.decode()
    found: dict[str, Any] = json.loads(answer.stdout.splitlines()[-1])  # above it: what it warns of
    return found


def is_well_formed(xml: bytes) -> bool:
    """What xmllint says; true where there is none."""
    if shutil.which("xmllint") is None:
        return True
    return subprocess.run(["xmllint", "--noout", "-"], input=xml, timeout=60, check=False).returncode == 0


PARSERS: dict[str, Callable[[bytes], Read]] = {
    "feedparser": by_feedparser,
    "podcastparser": by_podcastparser,
    "partytime": by_partytime,
}
