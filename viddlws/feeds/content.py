"""What a feed lists. The text of a feed and the gate before its media ask the same function, so that a key opens what
its feed lists, while it lists it."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import Count, Exists, Expression, F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce, Least, Left

from viddlws.feeds import names
from viddlws.feeds.models import Feed, Kind, Order
from viddlws.feeds.text import LONGEST_NOTES
from viddlws.library import search
from viddlws.library.models import MediaFile, Video

PAGE = 1000  # items
_AT_ONCE = 100  # SQLite joins at most 500 queries into one
_FILE_KINDS = {Kind.AUDIO: MediaFile.Kind.AUDIO, Kind.VIDEO: MediaFile.Kind.VIDEO}
_FILE_COLUMNS = ("id", "video_id", "kind", "size", "mime", "language", "podcast_ready")
_VIDEO_COLUMNS = ("id", "title", "begins", "channel", "url", "webpage_url", "duration", "dated", "has_chapters")


class File(NamedTuple):
    """A file of an episode, without where it lies."""

    id: int
    video_id: UUID
    kind: str
    size: int
    mime: str
    language: str
    ready: bool  # every podcast app plays it

    @property
    def mark(self) -> str:
        """Changes with the picture."""
        return f"{(self.id * 0x9E3779B1 ^ self.size * 0x85EBCA6B) & 0xFFFFFFFF:08x}"


@dataclass(frozen=True)
class Episode:
    """An item of a feed. `notes` are plain text, cut to what can be shown."""

    id: UUID
    title: str
    notes: str
    channel: str
    link: str
    duration: float | None
    date: datetime
    has_chapters: bool
    media: File
    alternates: tuple[File, ...]
    picture: File | None
    captions: tuple[File, ...]


@dataclass(frozen=True)
class Page:
    episodes: Sequence[Episode]
    number: int
    last: int  # number of the last page


def plays(kind: str) -> Q:
    """Files of a feed's kind that podcast apps play."""
    return Q(kind=_FILE_KINDS[Kind(kind)], podcast_ready=True)


def listed(feed: Feed) -> QuerySet[Video]:
    """The videos of a feed: those it is of that have a file which plays."""
    return chosen(feed).filter(Exists(MediaFile.objects.filter(plays(feed.kind), video=OuterRef("pk"))))


def chosen(feed: Feed) -> QuerySet[Video]:
    """What a feed is of: its owner's videos, of its tag or search, whether or not they have a file that plays yet.
    What has a hidden tag is left out, except where the feed is for a hidden tag."""
    videos: QuerySet[Video] = Video.objects.visible_to(feed.owner)
    if feed.tag is None or not feed.tag.hidden:
        videos = videos.filter(hidden=False)
    if feed.tag:
        videos = videos.filter(taggings__tag=feed.tag)
    return search.matching(videos, feed.query)


def page(feed: Feed, number: int = 1) -> Page | None:
    """One page, newest first; None behind the last. Two queries, and one more where there are several pages."""
    start = (number - 1) * PAGE
    episodes = _episodes(feed, _dated(feed, listed(feed))[start : start + PAGE + 1])
    if not episodes and number > 1:
        return None
    several = number > 1 or len(episodes) > PAGE
    last = max(number, -(-listed(feed).count() // PAGE)) if several else 1
    return Page(episodes[:PAGE], number, last)


def file_of(feed: Feed, thing: names.Thing) -> MediaFile | None:
    """The file behind a name, while the feed lists what it belongs to."""
    rows = MediaFile.objects.filter(video__in=listed(feed).filter(pk__in=[thing.video])).order_by("id")
    files = [File(*row) for row in rows.values_list(*_FILE_COLUMNS)]
    media = _media(feed, files)
    found: File | None = None
    match thing.what:
        case names.What.MEDIA if media and names.ending(media.mime) == thing.mark:
            found = media
        case names.What.ALTERNATE:
            others = _alternates(feed, files)
            found = next((f for f in others if (f.id, names.ending(f.mime)) == (thing.number, thing.mark)), None)
        case names.What.PICTURE:
            found = next((f for f in files if f.kind == MediaFile.Kind.THUMBNAIL and f.mark == thing.mark), None)
        case names.What.CAPTIONS:
            found = next((f for f in _captions(files) if f.language == thing.mark), None)
        case _:
            pass
    return MediaFile.objects.filter(pk=found.id).first() if found else None


def amount(feed: Feed) -> tuple[int, int]:
    """How many items a feed has, and how many bytes they are."""
    return amounts([feed])[0]


def amounts(feeds: Sequence[Feed]) -> list[tuple[int, int]]:
    """The same of each of them, in their order, by one query for every few hundred."""
    found: list[tuple[int, int]] = []
    for start in range(0, len(feeds), _AT_ONCE):
        parts = [_amount(feed, place) for place, feed in enumerate(feeds[start : start + _AT_ONCE])]
        by_place = {place: (items, size or 0) for place, items, size in parts[0].union(*parts[1:], all=True)}
        found += [by_place[place] for place in range(len(parts))]
    return found


def _amount(feed: Feed, place: int) -> QuerySet[Video, tuple[int, int, int | None]]:
    """One row: `place`, and the sums over the whole feed, because a constant groups nothing."""
    first = MediaFile.objects.filter(plays(feed.kind), video=OuterRef("pk")).order_by("id")
    sized = listed(feed).annotate(media_size=Subquery(first.values("size")[:1]), place=Value(place)).order_by()
    sums = sized.values("place").annotate(items=Count("pk"), bytes=Sum("media_size"))
    return sums.values_list("place", "items", "bytes")


def _dated(feed: Feed, videos: QuerySet[Video]) -> QuerySet[Video]:
    """Newest first, with `dated`, the date an app shows: never in the future, whatever a site says."""
    moment: Expression | F = F("added_at")
    place = F("id")
    if feed.order == Order.PUBLISHED:
        moment = Least(Coalesce("published_at", "added_at"), "added_at")
    elif feed.tag:  # taggings have an index in this order
        moment, place = F("taggings__added_at"), F("taggings__video_id")
    return videos.annotate(dated=moment, place=place).order_by("-dated", "-place")


def _episodes(feed: Feed, videos: QuerySet[Video]) -> list[Episode]:
    """Rows instead of models: a page has a thousand videos with four files each."""
    shown = videos.annotate(begins=Left("description", LONGEST_NOTES), has_chapters=~Q(chapters=[]))
    rows = list(shown.values_list(*_VIDEO_COLUMNS))
    files: dict[UUID, list[File]] = {row[0]: [] for row in rows}
    wanted = (_FILE_KINDS[Kind(feed.kind)], MediaFile.Kind.THUMBNAIL, MediaFile.Kind.SUBTITLE)
    found = MediaFile.objects.filter(video_id__in=list(files), kind__in=wanted).order_by("id")
    for each in found.values_list(*_FILE_COLUMNS):
        file = File(*each)
        files[file.video_id].append(file)
    episodes = (_episode(feed, *row, files=files[row[0]]) for row in rows)
    return [episode for episode in episodes if episode]


def _episode(
    feed: Feed,
    id: UUID,  # noqa: A002 - the columns' names
    title: str,
    begins: str,
    channel: str,
    url: str,
    webpage_url: str,
    duration: float | None,
    dated: datetime,
    has_chapters: bool,
    *,
    files: Sequence[File],
) -> Episode | None:
    media = _media(feed, files)
    if media is None:  # gone since the videos were read
        return None
    link = webpage_url or url
    return Episode(
        id=id,
        title=title,
        notes=begins,
        channel=channel,
        link=link if link.startswith(("http://", "https://")) else "",
        duration=duration if duration and math.isfinite(duration) else None,
        date=dated,
        has_chapters=has_chapters,
        media=media,
        alternates=tuple(_alternates(feed, files)),
        picture=next((file for file in files if file.kind == MediaFile.Kind.THUMBNAIL), None),
        captions=tuple(_captions(files)),
    )


def _media(feed: Feed, files: Iterable[File]) -> File | None:
    """The one file an app fetches: the oldest that plays, so that its address stays."""
    kind = _FILE_KINDS[Kind(feed.kind)]
    return next((file for file in files if file.kind == kind and file.ready), None)


def _alternates(feed: Feed, files: Sequence[File]) -> list[File]:
    """The original, where what an app fetches was made of it."""
    media, kind = _media(feed, files), _FILE_KINDS[Kind(feed.kind)]
    return [file for file in files if file.kind == kind and media and file.id != media.id]


def _captions(files: Iterable[File]) -> list[File]:
    """One of each language."""
    found = {file.language: file for file in files if file.kind == MediaFile.Kind.SUBTITLE and file.mime == "text/vtt"}
    return [file for language, file in found.items() if names.sayable(language)]
