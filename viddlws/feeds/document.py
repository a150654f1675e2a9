"""From what a feed lists to its text: one page, with every address below the folder its key opens."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from email.utils import parseaddr

from django.conf import settings

from viddlws.feeds import cover, rss, text
from viddlws.feeds.content import Episode, File, Page
from viddlws.feeds.models import Feed, Kind
from viddlws.feeds.names import Thing, What, ending

MOST_BYTES = 4_500_000  # of a page; apps give up on larger ones
_USUAL = 1500  # bytes of an item without what strangers wrote; one character of theirs may take six
_FRAME = 10_000  # bytes of a page without items never exceed that and the channel's own text
_MIMES = {"audio/mp4": "audio/x-m4a"}  # in the words podcast apps know; the others know them, too


@dataclass(frozen=True)
class Place:
    """Absolute addresses, with a slash at the end."""

    home: str
    folder: str

    def of(self, thing: Thing) -> str:
        return self.folder + thing.name


def write(feed: Feed, page: Page, place: Place, others: Sequence[tuple[str, str]] = ()) -> Iterator[str]:
    """The text of a page, piece by piece. `others`: name and address of the same feed of the other kind."""
    items = [_item(episode, place) for episode in page.episodes]
    return rss.write(_channel(feed, page, place, others), _fitted(items))


def _fitted(items: list[rss.Item]) -> list[rss.Item]:
    """Notes shortened, the longest first, until a page of these items is small enough. Most pages are as they are."""
    sizes = [len(item.notes.encode()) for item in items]
    if sum(sizes) + sum(_USUAL + 6 * len(item.title + item.link + item.person) for item in items) < MOST_BYTES:
        return items
    room = MOST_BYTES - _FRAME - sum(rss.weight(replace(item, notes="")) for item in items)
    limit = _fair_share(sizes, room)
    return [replace(item, notes=text.shortened(item.notes, limit)) for item in items]


def mime_of(mime: str) -> str:
    """The type an app is told, in the feed and when it fetches."""
    return _MIMES.get(mime, mime)


def _channel(feed: Feed, page: Page, place: Place, others: Sequence[tuple[str, str]]) -> rss.Channel:
    assert feed.shelf, "changes are counted before anything is written"
    name, email = parseaddr(settings.DEFAULT_FROM_EMAIL)
    return rss.Channel(
        title=feed.title,
        link=place.home,
        self_url=place.of(Thing(What.FEED, number=page.number)),
        guid=str(feed.guid),
        medium="video" if feed.kind == Kind.VIDEO else "podcast",
        image=place.of(Thing(What.COVER, mark=cover.mark(feed))),
        changed=max(feed.shelf.changed_at, feed.created_at),
        description=_description(feed),
        owner_name=name,
        owner_email="" if email.endswith("@localhost") else email,
        alternates=tuple(others),
        paging=_paging(page, place),
    )


def _description(feed: Feed) -> str:
    if feed.tag:
        return f"Everything kept with the tag {feed.tag.name}."
    return f"Everything kept in which is found: {feed.query}" if feed.query else "Everything kept, newest first."


def _paging(page: Page, place: Place) -> rss.Paging:
    if page.last == 1:
        return rss.Paging()
    first, previous, following, last = (
        place.of(Thing(What.FEED, number=number)) if 1 <= number <= page.last else ""
        for number in (1, page.number - 1, page.number + 1, page.last)
    )
    return rss.Paging(first, previous, following, last)


def _item(episode: Episode, place: Place) -> rss.Item:
    def address(what: What, mark: str = "", number: int = 0) -> str:
        return place.of(Thing(what, episode.id, number, mark))

    def enclosure(file: File, what: What, number: int = 0) -> rss.Enclosure:
        return rss.Enclosure(address(what, ending(file.mime), number), file.size, mime_of(file.mime))

    return rss.Item(
        guid=str(episode.id),
        title=episode.title,
        published=episode.date,
        enclosure=enclosure(episode.media, What.MEDIA),
        notes=text.notes(episode.notes),
        link=episode.link,
        duration=episode.duration,
        image=address(What.PICTURE, episode.picture.mark) if episode.picture else "",
        person=episode.channel,
        chapters=address(What.CHAPTERS) if episode.has_chapters else "",
        transcripts=tuple(rss.Transcript(address(What.CAPTIONS, f.language), f.language) for f in episode.captions),
        alternates=tuple(enclosure(file, What.ALTERNATE, file.id) for file in episode.alternates),
    )


def _fair_share(sizes: Sequence[int], room: int) -> int:
    """The largest length, up to that of the longest notes, to which all may be cut so that they fit the room."""
    for taken, size in enumerate(sorted(sizes)):
        share = max(0, room) // (len(sizes) - taken)
        if size > share:
            return share
        room -= size
    return text.LONGEST_NOTES
