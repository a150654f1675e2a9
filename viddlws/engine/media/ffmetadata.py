"""A medium's title, maker, date and chapters as an ffmetadata file, which takes any text without a command line."""

import math
import re
from collections.abc import Iterable

from viddlws.engine.messages import Chapter, MediaInfo

_SPECIAL = re.compile(r"([=;#\\\n])")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_MOST_CHAPTERS = 1000
_LONGEST = 100 * 24 * 3600  # seconds
_LONG_TEXT = 1000  # characters; players show one line


def ffmetadata(info: MediaInfo) -> str:
    tags = {"title": info.title, "artist": info.channel, "date": info.published[:10], "comment": info.webpage_url}
    lines = [";FFMETADATA1"]
    lines += [f"{key}={escaped(value)}" for key, value in tags.items() if value]
    for chapter in usable(info.chapters):
        start, end = int(chapter.start * 1000), int(chapter.end * 1000)
        lines += ["[CHAPTER]", "TIMEBASE=1/1000", f"START={start}", f"END={end}", f"title={escaped(chapter.title)}"]
    return "\n".join(lines) + "\n"


def usable(chapters: Iterable[Chapter]) -> list[Chapter]:
    """The chapters with a length, in order and not past any sensible end; sites get these wrong."""
    kept = [one for one in chapters if _sensible(one)]
    return sorted(kept, key=lambda one: one.start)[:_MOST_CHAPTERS]


def escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", _UNPRINTABLE.sub("", text)[:_LONG_TEXT])


def _sensible(one: Chapter) -> bool:
    return math.isfinite(one.start) and math.isfinite(one.end) and 0 <= one.start < one.end <= _LONGEST
