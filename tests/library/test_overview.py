"""The library, page by page."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from viddlws.accounts.models import User
from viddlws.library import services
from viddlws.library.models import Video
from viddlws.library.overview import SORTS, Filter, chips, page

START = datetime(2026, 1, 1, tzinfo=UTC)
minutes = count()


def video(owner: User, title: str = "A walk", *, tags: tuple[str, ...] = (), **fields: Any) -> Video:
    added_at = fields.pop("added_at", START + timedelta(minutes=next(minutes)))
    made = Video.objects.create(owner=owner, title=title, url="https://example.org/", added_at=added_at, **fields)
    made.tags.set(services.tags_named(owner, tags))
    return made


def titles(user: User, chosen: Filter | None = None, size: int = 48) -> list[str]:
    """Titles of all pages in order."""
    found, after = [], None
    while True:
        shown = page(user, chosen or Filter(), after, size)
        found += [each.title for each in shown.items]
        after = shown.next
        if not after:
            return found
        assert len(shown.items) == size


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("size", [1, 3, 7, 8])
def test_pages_show_each_video_once_in_order(alice: User, sort: str, size: int) -> None:
    """Even where many are equal in what is sorted by."""
    values = [("b", 5.0, 7), ("a", None, 7), ("C", 5.0, 9), ("b", None, 7), ("b", 5.0, 7), ("ü", 1.0, 8), ("B", 5.0, 7)]
    videos = [video(alice, title, duration=duration, size=bytes_, added_at=START) for title, duration, bytes_ in values]
    everything: list[Video] = []
    after = None
    while True:
        shown = page(alice, Filter(sort=sort), after, size)
        everything += shown.items
        after = shown.next
        if not after:
            break
    assert sorted(each.id for each in everything) == sorted(each.id for each in videos)
    key = SORTS[sort].column
    keys = [(getattr(each, key), each.id) for each in everything]
    if key != "sort_title":  # whose order is the database's
        assert keys == sorted(keys, reverse=SORTS[sort].descending)


def test_newest_come_first_and_only_ones_own(alice: User, bob: User) -> None:
    for title in ("one", "two", "three"):
        video(alice, title)
    video(bob, "his")
    assert titles(alice, size=2) == ["three", "two", "one"]


def test_what_is_added_while_one_reads_shifts_nothing(alice: User) -> None:
    for number in range(4):
        video(alice, str(number))
    first = page(alice, Filter(), None, 2)
    video(alice, "new")
    assert [each.title for each in page(alice, Filter(), first.next, 2).items] == ["1", "0"]


def test_hidden_tags_are_left_out_unless_asked_for(alice: User) -> None:
    video(alice, "open", tags=("music",))
    video(alice, "secret", tags=("Private", "music"))
    video(alice, "more secret", tags=("XXX", "private"))
    assert titles(alice) == ["open"]
    assert titles(alice, Filter(tag="music")) == ["open"]
    assert titles(alice, Filter(q="secret")) == []
    assert titles(alice, Filter(hidden=True)) == ["more secret", "secret", "open"]
    assert titles(alice, Filter(tag="private")) == ["more secret", "secret"]
    assert titles(alice, Filter(tag="PRIVATE", sort="title")) == ["more secret", "secret"]


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        (Filter(tag="Music"), ["song", "clip"]),
        (Filter(tag="nothing"), []),
        (Filter(kind="audio"), ["song"]),
        (Filter(kind="video"), ["film", "clip"]),
        (Filter(kind="smell"), []),
        (Filter(channel="Hills"), ["film"]),
        (Filter(length="short"), ["clip"]),
        (Filter(length="medium"), ["song"]),
        (Filter(length="long"), ["film"]),
        (Filter(length="endless"), []),
        (Filter(tag="music", kind="audio", q="so"), ["song"]),
        (Filter(state="done"), ["song", "film", "clip"]),
        (Filter(state="running"), []),
        (Filter(sort="by magic"), ["song", "film", "clip"]),
        (Filter(tag="music", sort="longest"), ["song", "clip"]),
    ],
)
def test_filters(alice: User, chosen: Filter, expected: list[str]) -> None:
    video(alice, "clip", has_video=True, duration=30, tags=("music",))
    video(alice, "film", has_video=True, duration=5000, channel="Hills")
    video(alice, "song", has_audio=True, duration=240, tags=("Music", "new"))
    assert titles(alice, chosen) == expected
    assert titles(alice, chosen, 1) == expected


@pytest.mark.parametrize("after", ["", "x", "!" * 5000, "bm90IG91cnM:1:x", "\0"])
def test_a_cursor_that_is_not_ours_begins_at_the_beginning(alice: User, after: str) -> None:
    video(alice, "one")
    assert [each.title for each in page(alice, Filter(), after).items] == ["one"]


def test_a_cursor_of_another_sort_begins_at_the_beginning(alice: User) -> None:
    for number in range(3):
        video(alice, str(number))
    after = page(alice, Filter(sort="title"), None, 1).next
    assert [each.title for each in page(alice, Filter(), after).items] == ["2", "1", "0"]


@pytest.mark.parametrize("chosen", [Filter(), Filter(tag="music"), Filter(q="walk"), Filter(channel="Hills")])
def test_more_videos_need_no_more_queries(alice: User, chosen: Filter) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            for each in page(alice, chosen).items:
                assert list(each.files.all()) == []
                assert [tag.name for tag in each.tags.all()] == ["music"]
        return len(captured)

    video(alice, tags=("music",), channel="Hills")
    one = queries()
    for _ in range(30):
        video(alice, tags=("music",), channel="Hills")
    assert queries() == one <= 4


def test_chips_offer_tags_and_the_busiest_channels(alice: User, bob: User) -> None:
    for channel in ("Hills", "Sea", "Sea", ""):
        video(alice, channel=channel, tags=("music",))
    video(alice, channel="Dark", tags=("private",))
    video(bob, channel="Bob's", tags=("his",))
    shown, all_of_it = chips(alice), chips(alice, hidden=True)
    assert [tag.name for tag in shown.tags] == ["music"]
    assert shown.channels == ["Sea", "Hills"]
    assert [tag.name for tag in all_of_it.tags] == ["music", "private"]
    assert set(all_of_it.channels) == {"Sea", "Dark", "Hills"}
