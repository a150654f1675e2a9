"""yt-dlp's info record made slim: without formats, captions, signed addresses and secrets. Pure."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from viddlws.engine.messages import Chapter, MediaInfo
from viddlws.engine.wire import clean

LONGEST_TITLE = 20_000  # characters
LONGEST_DESCRIPTION = 200_000
MOST_CHAPTERS = 2_000


def describe(info: Mapping[str, Any]) -> MediaInfo:
    """What is kept of `info`. Anything of the wrong kind counts as missing."""
    duration = number(info.get("duration"))
    return MediaInfo(
        title=_title(info),
        description=text(info, "description", longest=LONGEST_DESCRIPTION),
        channel=text(info, "channel", "uploader", "creator", "artist"),
        channel_url=_web_address(text(info, "channel_url", "uploader_url")),
        extractor=text(info, "extractor_key", "extractor"),
        extractor_id=text(info, "id"),
        webpage_url=_web_address(text(info, "webpage_url", "original_url").partition("#__youtubedl_smuggle")[0]),
        duration=duration if duration else None,
        published=_published(info),
        language=text(info, "language"),
        is_live=info.get("is_live") is True,
        chapters=_chapters(info, duration),
    )


def _title(info: Mapping[str, Any]) -> str:
    """The title; the generic extractor numbers the media of a page even when there is only one."""
    title = text(info, "fulltitle", "title", longest=LONGEST_TITLE)
    alone = info.get("extractor") == "html5" and str(info.get("id")).endswith("-1") and not info.get("n_entries")
    return title.removesuffix(" (1)") or title if alone else title


def text(info: Mapping[str, Any], *names: str, longest: int = 2_000) -> str:
    """The first of the fields that holds any text, cut and without what no database takes."""
    for name in names:
        value = info.get(name)
        if isinstance(value, str) and value.strip():
            return clean(value[:longest])
    return ""


def number(value: object) -> float | None:
    """`value` if it is a finite number of zero or more."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
        return None
    return float(value)


def _web_address(address: str) -> str:
    return address if address.startswith(("http://", "https://")) else ""


def _published(info: Mapping[str, Any]) -> str:
    for name in ("timestamp", "release_timestamp"):
        stamp = number(info.get(name))
        if stamp and stamp < 253_402_300_800:  # the year 10,000
            return datetime.fromtimestamp(stamp, UTC).isoformat()
    for name in ("upload_date", "release_date"):
        try:
            return datetime.strptime(str(info.get(name)), "%Y%m%d").replace(tzinfo=UTC).isoformat()
        except ValueError:
            continue
    return ""


def _chapters(info: Mapping[str, Any], duration: float | None) -> tuple[Chapter, ...]:
    chapters = []
    found = info.get("chapters")
    for each in found[:MOST_CHAPTERS] if isinstance(found, list) else []:
        if not isinstance(each, Mapping):
            continue
        start, end = number(each.get("start_time")), number(each.get("end_time"))
        end = duration if end is None else end
        if start is not None and end is not None and end > start:
            chapters.append(Chapter(start, end, text(each, "title")))
    return tuple(chapters)
