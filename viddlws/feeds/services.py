"""What people do with feeds: subscribe, rotate, revoke, remove. A feed that is not the person's is `DoesNotExist`."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from viddlws.accounts.models import User
from viddlws.feeds import content, keys
from viddlws.feeds.models import Feed, Kind, Order
from viddlws.lib.turns import wait_for_turn
from viddlws.library import renditions, search, shelves
from viddlws.library.errors import LibraryError
from viddlws.library.tags import tags_named

PODCASTS = uuid.UUID("ead4c236-bf58-58c6-a2c6-a6b28d128cb6")  # Podcasting 2.0's namespace of podcast:guid
NOTED_EVERY = timedelta(minutes=1)
LONGEST_NAME = 200  # characters


class FeedError(LibraryError):
    """Something about a feed that cannot be done."""


@dataclass(frozen=True)
class Listed:
    """A feed and what is in it now."""

    feed: Feed
    items: int
    size: int  # bytes


@transaction.atomic
def subscribe(
    user: User, *, tag: str = "", query: str = "", kind: str = Kind.AUDIO, order: str = Order.ARCHIVED, name: str = ""
) -> Feed:
    """The person's feed of this choice: the one there is, or a new one. A tag nobody used yet is made; neither tag
    nor query means everything. Raises FeedError."""
    query = " ".join(query.split())
    _check(tag, query, kind, order)
    wait_for_turn(f"feeds of {user.pk}")
    found_tag = next(iter(tags_named(user, [tag])), None)
    if tag and found_tag is None:
        raise FeedError("A feed needs a tag that can be read.", "Write at least one letter.")
    shelves.watch(user, found_tag)
    name = _name(name)
    same = _of(user).filter(tag=found_tag, query=query, kind=kind, order=order)
    feed = next((each for each in same if not each.revoked), None)
    if feed and name and name != feed.name:
        return rename(user, feed.pk, name)
    feed = feed or _made(Feed(owner=user, name=name, tag=found_tag, query=query, kind=kind, order=order))
    renditions.want_missing(content.chosen(feed), feed.kind)
    return feed


@transaction.atomic
def rename(user: User, feed_id: uuid.UUID, name: str) -> Feed:
    """Give a feed another name; an empty one names it after what it is of."""
    feed = _of(user).get(pk=feed_id)
    feed.name = _name(name)
    _save(feed, "name")
    return feed


@transaction.atomic
def rotate(user: User, feed_id: uuid.UUID) -> Feed:
    """Give a feed another key, at once; a revoked one works again. Its guid and those of its episodes stay."""
    feed = _of(user).get(pk=feed_id)
    _give_key(feed)
    _save(feed, "salt", "key_hash")
    _tell_others(feed)
    return feed


@transaction.atomic
def revoke(user: User, feed_id: uuid.UUID) -> Feed:
    """Close a feed at once: nothing opens it any more until it is given another key."""
    feed = _of(user).get(pk=feed_id)
    feed.key_hash = None
    _save(feed, "key_hash")
    _tell_others(feed)
    return feed


@transaction.atomic
def remove(user: User, feed_id: uuid.UUID) -> None:
    """Forget a feed. What it lists stays in the library."""
    feed = _of(user).get(pk=feed_id)
    _tell_others(feed)
    feed.delete()


def feeds_of(user: User) -> list[Listed]:
    """All feeds of a person, oldest first, with what is in them: one query for the feeds, and one for the amounts."""
    feeds = list(_of(user))
    return [Listed(feed, *amount) for feed, amount in zip(feeds, content.amounts(feeds), strict=True)]


def by_key(key: str) -> Feed | None:
    """The feed this key opens, with its owner, tag and shelf, by one query; None for a key that opens none."""
    if len(key) != keys.LENGTH:
        return None
    open_feeds = Feed.objects.select_related("owner__shelf", "tag__shelf").filter(owner__is_active=True)
    open_feeds = open_feeds.filter(key_hash=keys.fingerprint(key))
    feed = open_feeds.first()
    if feed and feed.key != key:  # the secret key is another since: what the feed says would lead nowhere
        return None
    if feed and feed.shelf is None:  # its tag was merged into one that no feed was of
        shelves.watch(feed.owner, feed.tag)
        feed = open_feeds.first()
    return feed


def revision(feed: Feed) -> str:
    """Changes whenever what the feed says does, but for its text's form and its address.

    It belongs to the moment of `by_key`. What is in the feed is read later, so a text is never older than this.
    """
    assert feed.shelf
    return f"{feed.revision:x}-{feed.shelf.pk:x}-{feed.shelf.revision:x}"


def others(feed: Feed) -> Sequence[Feed]:
    """The same choice of the other kind, where somebody subscribed to that, too."""
    return [other for other in _others(feed).select_related("tag") if not other.revoked][:1]


def note_fetch(feed: Feed, agent: str, now: datetime | None = None) -> None:
    """Remember that an app asked, and what it calls itself, and have made what it cannot play yet: at most once a
    minute, else without a query."""
    now = now or timezone.now()
    due = now - NOTED_EVERY
    if feed.fetched_at is None or feed.fetched_at <= due:
        shown = "".join(character for character in agent if character.isprintable())[:200]
        rows = Feed.objects.filter(Q(fetched_at__isnull=True) | Q(fetched_at__lte=due), pk=feed.pk)
        if rows.update(fetched_at=now, fetched_by=shown):
            renditions.want_missing(content.chosen(feed), feed.kind)


def forget_fetch(feed: Feed, agent: str) -> None:
    """Put back what was known before this one asked: `feed` was read then. It was us."""
    Feed.objects.filter(pk=feed.pk, fetched_by=agent).update(fetched_at=feed.fetched_at, fetched_by=feed.fetched_by)


def coming(feed: Feed) -> int:
    """How many items are still being made ready for apps."""
    return renditions.under_way(content.chosen(feed), feed.kind)


def _of(user: User) -> QuerySet[Feed]:
    return Feed.objects.visible_to(user).select_related("owner", "tag")


def _check(tag: str, query: str, kind: str, order: str) -> None:
    if tag and query:
        raise FeedError("A feed is of a tag or of a search, not of both.", "Leave one of them out.")
    if len(query) > search.LONGEST:
        raise FeedError("The search is too long.", f"Use at most {search.LONGEST} characters.")
    if kind not in Kind.values or order not in Order.values:
        raise FeedError("There is no such kind of feed.", "Choose audio or video, by date archived or published.")


def _name(name: str) -> str:
    return " ".join("".join(each if each.isprintable() else " " for each in name).split())[:LONGEST_NAME].rstrip()


def _made(feed: Feed) -> Feed:
    feed.guid = uuid.uuid5(PODCASTS, str(feed.id))
    _give_key(feed)
    feed.save(force_insert=True)
    _tell_others(feed)
    return feed


def _give_key(feed: Feed) -> None:
    feed.salt = keys.salt()
    feed.key_hash = keys.fingerprint(feed.key)


def _save(feed: Feed, *fields: str) -> None:
    feed.revision += 1
    feed.save(update_fields=[*fields, "revision"])


def _others(feed: Feed) -> QuerySet[Feed]:
    same = Feed.objects.filter(owner=feed.owner, tag=feed.tag, query=feed.query, order=feed.order)
    return same.filter(key_hash__isnull=False).exclude(kind=feed.kind).order_by("created_at", "id")


def _tell_others(feed: Feed) -> None:
    """Feeds that name this one's address say something else now."""
    _others(feed).update(revision=F("revision") + 1)
