"""Pages of the library: filtered, sorted, by key, at a cost that does not grow with the library.

A page is found by walking an index from where the last one ended, so page 1,000 costs what page 1 costs. Nothing is
counted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core import signing
from django.db.models import (
    BigIntegerField,
    BooleanField,
    CharField,
    DateTimeField,
    F,
    Field,
    FloatField,
    Func,
    Q,
    QuerySet,
    UUIDField,
    Value,
)

from viddlws.accounts.models import User
from viddlws.library import search, tags
from viddlws.library.models import Length, Tag, Video

_SALT = "library.overview"
KINDS = {"video": Q(has_video=True), "audio": Q(has_audio=True)}
LENGTHS = tuple(length.value for length in Length if length)


@dataclass(frozen=True)
class Sort:
    """Columns of an index of ours, the id last."""

    column: str
    field: "Field[Any, Any]"
    descending: bool


SORTS = {
    "newest": Sort("added_at", DateTimeField(), True),
    "oldest": Sort("added_at", DateTimeField(), False),
    "title": Sort("sort_title", CharField(), False),
    "longest": Sort("sort_duration", FloatField(), True),
    "shortest": Sort("sort_duration", FloatField(), False),
    "largest": Sort("size", BigIntegerField(), True),
}


@dataclass(frozen=True)
class Filter:
    """What of the library to show. Empty means all; a word nobody knows finds nothing."""

    q: str = ""
    tag: str = ""
    kind: str = ""  # "video" or "audio"
    channel: str = ""
    length: str = ""  # "short", "medium" or "long"
    state: str = ""  # the library knows "done" alone
    hidden: bool = False  # also what has a hidden tag
    sort: str = "newest"


@dataclass(frozen=True)
class Page:
    """`next` is what to give as `after` for the page that follows; None on the last. Files and tags are loaded."""

    items: Sequence[Video]
    next: str | None


@dataclass(frozen=True)
class Chips:
    """What a person can choose to filter by."""

    tags: list[Tag]
    channels: list[str]  # of the newest videos, those with most of them first
    kinds: tuple[str, ...] = tuple(KINDS)
    lengths: tuple[str, ...] = LENGTHS


def page(user: User, chosen: Filter, after: str | None = None, size: int = 48) -> Page:
    """One page. An `after` that is not of this sort counts as none. Three queries, one more for a tag."""
    sort = SORTS.get(chosen.sort, SORTS["newest"])
    tag = _tag(user, chosen.tag)
    if chosen.tag and tag is None:
        return Page([], None)
    videos = _filtered(user, chosen, hidden=chosen.hidden or (tag is not None and tag.hidden))
    column, key = sort.column, "id"
    if tag:
        videos = videos.filter(taggings__tag=tag)
        if column == "added_at":  # the index of taggings has the order, too
            column, key = "taggings__added_at", "taggings__video_id"
    videos = videos.alias(place=F(column), place_id=F(key))
    start = _position(after, chosen.sort, sort)
    if start:
        videos = videos.filter(_beyond(sort, *start))
    sign = "-" if sort.descending else ""
    ordered = videos.order_by(f"{sign}place", f"{sign}place_id").defer("description", "chapters", "tag_text")
    found = list(ordered.prefetch_related("files", "tags")[: size + 1])
    items = found[:size]
    return Page(items, _cursor(items[-1], chosen.sort, sort) if len(found) > size else None)


def chips(user: User, *, hidden: bool = False) -> Chips:
    """Tags and channels to choose from: two queries, however large the library is."""
    words = Tag.objects.visible_to(user)
    recent = Video.objects.visible_to(user)
    if not hidden:
        words, recent = words.filter(hidden=False), recent.filter(hidden=False)
    counts: dict[str, int] = {}
    for channel in recent.order_by("-added_at", "-id").values_list("channel", flat=True)[:500]:
        counts[channel] = counts.get(channel, 0) + 1
    counts.pop("", None)
    return Chips(list(words), sorted(counts, key=lambda channel: -counts[channel])[:20])


def _tag(user: User, name: str) -> Tag | None:
    return next(iter(tags.tags_known(user, [name])), None) if name else None


def _filtered(user: User, chosen: Filter, *, hidden: bool) -> QuerySet[Video]:
    videos = Video.objects.visible_to(user)
    if not hidden:
        videos = videos.filter(hidden=False)
    if chosen.kind:
        videos = videos.filter(KINDS[chosen.kind]) if chosen.kind in KINDS else videos.none()
    if chosen.channel:
        videos = videos.filter(channel=chosen.channel.replace("\0", ""))
    if chosen.length:
        videos = videos.filter(length=chosen.length) if chosen.length in LENGTHS else videos.none()
    if chosen.state not in {"", "done"}:
        videos = videos.none()
    return search.matching(videos, chosen.q)


def _beyond(sort: Sort, value: object, video_id: UUID) -> Func:
    """Whether a row comes after a place in the order: a comparison of pairs, which both databases answer by index."""
    here = _pair(F("place"), F("place_id"))
    there = _pair(Value(value, output_field=sort.field), Value(video_id, output_field=UUIDField()))
    joiner = " < " if sort.descending else " > "
    return Func(here, there, template="%(expressions)s", arg_joiner=joiner, output_field=BooleanField())


def _pair(*parts: F | Value) -> Func:
    return Func(*parts, template="(%(expressions)s)", output_field=BooleanField())


def _cursor(last: Video, name: str, sort: Sort) -> str:
    value = getattr(last, sort.column)
    return signing.dumps([name, value.isoformat() if isinstance(value, datetime) else value, last.id.hex], salt=_SALT)


def _position(after: str | None, name: str, sort: Sort) -> tuple[object, UUID] | None:
    try:
        made_for, value, video_id = signing.loads(after or "", salt=_SALT)
    except signing.BadSignature:
        return None
    return (sort.field.to_python(value), UUID(video_id)) if made_for == name else None
