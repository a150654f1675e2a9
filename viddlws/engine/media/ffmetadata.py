"""A medium's title, maker, date and chapters as an ffmetadata file, which takes any text without a command line."""

import re
from collections.abc import Iterable
from dataclasses import replace

from viddlws.engine.messages import Chapter, MediaInfo

_SPECIAL = re.compile(r"([=;#\\\n])")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_MOST_CHAPTERS = 1000
_LONG_TEXT = 1000  # characters; players show one line


def ffmetadata(info: MediaInfo) -> str:
    """`info.chapters` must be usable."""
    tags = {"title": info.title, "artist": info.channel, "date": info.published[:10], "comment": info.webpage_url}
    lines = [";FFMETADATA1"]
    lines += [f"{key}={escaped(value)}" for key, value in tags.items() if value]
    for chapter in info.chapters:
        start, end = int(chapter.start * 1000), int(chapter.end * 1000)
        lines += ["[CHAPTER]", "TIMEBASE=1/1000", f"START={start}", f"END={end}", f"title={escaped(chapter.title)}"]
    return "\n".join(lines) + "\n"


def usable(chapters: Iterable[Chapter], until: float) -> tuple[Chapter, ...]:
    """The chapters with a length, in order, none beyond `until` seconds; sites get these wrong."""
    kept = [replace(one, end=min(one.end, until)) for one in chapters if 0 <= one.start < min(one.end, until)]
    return tuple(sorted(kept, key=lambda one: one.start)[:_MOST_CHAPTERS])


def escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", _UNPRINTABLE.sub("", text)[:_LONG_TEXT])
