"""A list that yt-dlp found, as entries that each become a job of their own. Pure but for the pages it turns.

yt-dlp hands over lists, generators and paged lists; behind the latter two each page is a request. None is read
further than it must be.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import count
from typing import Any

from viddlws.engine.mediainfo import number, text
from viddlws.engine.messages import Entry, ErrorClass, Failed, Job, Playlist

PAGE = 50  # entries asked of a paged list at once
DEEPEST = 4  # lists within lists
COUNTING = 20.0  # most seconds spent on turning pages
LONGEST_LINK = 8_000  # characters
LISTS = ("playlist", "multi_video", "compat_list")
EMPTY = Failed(
    ErrorClass.UNSUPPORTED,
    "This list holds nothing that can be downloaded.",
    "Open the link in a browser; lists that are private or empty cannot be taken.",
)

Smuggle = Callable[[str, dict[str, Any]], str]


def gather(
    found: Mapping[str, Any], job: Job, smuggle: Smuggle, clock: Callable[[], float] = time.monotonic
) -> Playlist | Failed:
    """The list as an event; a failure when nothing is in it.

    `smuggle` packs what an entry needs besides its link into the link (yt-dlp's own way).
    """
    title = text(found, "title", "id")
    total = _stated_length(found)
    if not job.confirmed and total is not None and total > job.limits.ask_above:
        return Playlist(title, (), total, taken=False)
    entries, more = _collect(found, job, smuggle, clock)
    counted, at_least = (total, False) if total is not None and more else (len(entries), more)
    if not job.confirmed and len(entries) > job.limits.ask_above:
        return Playlist(title, (), counted, taken=False, at_least=at_least)
    if not entries:
        return EMPTY
    return Playlist(title, tuple(entries[: job.limits.entries]), counted, taken=True, at_least=at_least)


def _stated_length(found: Mapping[str, Any]) -> int | None:
    entries = found.get("entries")
    if isinstance(entries, list):
        return None if any(_is_list(entry) for entry in entries) else len(entries)
    stated = number(found.get("playlist_count"))
    return int(stated) if stated else None


def _collect(
    found: Mapping[str, Any], job: Job, smuggle: Smuggle, clock: Callable[[], float]
) -> tuple[list[Entry], bool]:
    """At most one entry more than may be taken, and whether there were still more."""
    deadline = clock() + COUNTING
    page = str(found.get("webpage_url") or job.url)
    known = {_bare(job.url), _bare(page)}  # a list that names itself would never end
    entries: list[Entry] = []
    for raw in _flat(found, DEEPEST):
        entry = _entry(raw, page, smuggle)
        if entry is not None and _bare(entry.url) not in known:
            known.add(_bare(entry.url))
            entries.append(entry)
        if len(entries) > max(job.limits.entries, job.limits.ask_above) or clock() > deadline:
            return entries, True
    return entries, False


def _flat(found: Mapping[str, Any], depth: int) -> Iterator[Mapping[str, Any]]:
    for entry in _walk(found.get("entries")):
        if not isinstance(entry, Mapping):
            continue
        if not _is_list(entry):
            yield entry
        elif depth > 0:
            yield from _flat(entry, depth - 1)


def _walk(entries: Any) -> Iterator[Any]:
    if hasattr(entries, "getslice"):
        for start in count(0, PAGE):
            page = entries.getslice(start, start + PAGE)
            yield from page
            if len(page) < PAGE:
                return
    elif isinstance(entries, Iterable):
        yield from entries


def _is_list(entry: object) -> bool:
    return isinstance(entry, Mapping) and entry.get("_type") in LISTS


def _entry(raw: Mapping[str, Any], page: str, smuggle: Smuggle) -> Entry | None:
    link = _link(raw) if raw.get("_type") in ("url", "url_transparent") else _own_link(raw, page, smuggle)
    if not link or len(link) > LONGEST_LINK:
        return None
    return Entry(link, text(raw, "title"), number(raw.get("duration")) or None)


def _link(raw: Mapping[str, Any]) -> str:
    link = text(raw, "url", longest=LONGEST_LINK + 1)
    if link.startswith("//"):
        return "https:" + link
    return link if ":" in link else text(raw, "webpage_url")


def _own_link(raw: Mapping[str, Any], page: str, smuggle: Smuggle) -> str:
    """A link that leads to just this medium of a page that holds several."""
    own = text(raw, "webpage_url", longest=LONGEST_LINK + 1)
    if own and _bare(own) != _bare(page):
        return own
    media = text(raw, "url", longest=LONGEST_LINK + 1) or _best_address(raw)
    return smuggle(media, {"referer": page.partition("#")[0], "to_generic": True}) if media else ""


def _best_address(raw: Mapping[str, Any]) -> str:
    """The manifest all formats come from, or the last (best) format that has picture and sound."""
    formats = [each for each in raw.get("formats") or [] if isinstance(each, Mapping) and each.get("url")]
    if not formats:
        return ""
    whole = [each for each in formats if "none" not in (each.get("vcodec"), each.get("acodec"))]
    best = (whole or formats)[-1]
    return text(best, "manifest_url", "url", longest=LONGEST_LINK + 1)


def _bare(link: str) -> str:
    return link.partition("#__youtubedl_smuggle")[0]
