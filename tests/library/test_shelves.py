"""Every change of what a feed shows is counted, and nothing else is."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from tests.feeds.material import episode, put
from viddlws.accounts.models import User
from viddlws.library import services, shelves
from viddlws.library.models import MediaFile, Shelf, Tag, Video

pytestmark = pytest.mark.django_db(transaction=True)  # PostgreSQL counts when a transaction ends


@pytest.fixture
def walk(alice: User, media: Path) -> Video:
    """Tagged music; Alice has another tag, news, and both are watched."""
    video = episode(alice, media, tags=("music",))
    for tag in services.tags_named(alice, ["music", "news"]):
        shelves.watch(alice, tag)
    return video


def counted(alice: User, act: Callable[[], object]) -> set[str]:
    """Which shelves an act counted for: `all`, or the names of tags."""
    before = {shelf.pk: shelf for shelf in Shelf.objects.all()}
    act()
    changed = [shelf for shelf in Shelf.objects.select_related("tag") if shelf.revision != before[shelf.pk].revision]
    assert all(shelf.changed_at >= before[shelf.pk].changed_at for shelf in changed)
    return {shelf.tag.name if shelf.tag else "all" for shelf in changed}


COLUMNS: dict[str, object] = {
    "title": "Another",
    "description": "Other words",
    "channel": "Dales",
    "url": "https://example.org/2",
    "webpage_url": "https://example.org/3",
    "duration": None,
    "language": "de",
    "chapters": [],
}


@pytest.mark.parametrize("column", COLUMNS)
def test_every_shown_column_counts(alice: User, walk: Video, column: str) -> None:
    def change() -> None:
        Video.objects.filter(pk=walk.pk).update(**{column: COLUMNS[column]})

    assert counted(alice, change) == {"all", "music"}
    assert counted(alice, change) == set()


@pytest.mark.parametrize("column", ["added_at", "published_at"])
def test_both_dates_count(alice: User, walk: Video, column: str) -> None:
    later = walk.added_at + timedelta(days=1)

    assert counted(alice, lambda: Video.objects.filter(pk=walk.pk).update(**{column: later})) == {"all", "music"}


def test_what_no_feed_shows_does_not_count(alice: User, walk: Video) -> None:
    assert counted(alice, lambda: Video.objects.filter(pk=walk.pk).update(extractor="other", size=1)) == set()


def test_files_that_come_change_and_go_count(alice: User, media: Path, walk: Video) -> None:
    found: list[MediaFile] = []

    def come() -> None:
        found.append(put(walk, media, "audio", "new.mp3", b"new", "audio/mpeg"))

    assert counted(alice, come) == {"all", "music"}
    assert counted(alice, lambda: MediaFile.objects.filter(pk=found[0].pk).update(size=4)) == {"all", "music"}
    assert counted(alice, lambda: MediaFile.objects.filter(pk=found[0].pk).update(label="x")) == set()
    assert counted(alice, lambda: found[0].delete()) == {"all", "music"}


def test_a_tag_that_comes_or_goes_counts_for_it(alice: User, walk: Video) -> None:
    assert counted(alice, lambda: services.edit(alice, walk.pk, tags=["music", "news"])) == {"all", "news"}
    assert counted(alice, lambda: services.edit(alice, walk.pk, tags=["music"])) == {"all", "news"}


def test_a_hidden_tag_counts_for_the_tags_beside_it(alice: User, walk: Video) -> None:
    """The video leaves their feeds."""
    assert counted(alice, lambda: services.edit(alice, walk.pk, tags=["music", "private"])) == {"all", "music"}
    private = Tag.objects.get(name="private")
    assert counted(alice, lambda: services.hide_tag(alice, private.pk, False)) == {"all", "music"}
    assert counted(alice, lambda: services.delete_tag(alice, private.pk)) == {"all"}


def test_a_renamed_or_hidden_tag_counts(alice: User, walk: Video) -> None:
    news = Tag.objects.get(name="news")

    assert counted(alice, lambda: services.rename_tag(alice, news.pk, "New news")) == {"all", "New news"}
    assert counted(alice, lambda: services.hide_tag(alice, news.pk, True)) == {"all", "New news"}


def test_a_video_that_goes_counts(alice: User, walk: Video) -> None:
    assert counted(alice, lambda: services.remove(alice, [walk.pk])) == {"all", "music"}


def test_a_merged_tag_counts_for_the_one_that_stays(alice: User, walk: Video) -> None:
    music = Tag.objects.get(name="music")

    assert counted(alice, lambda: services.rename_tag(alice, music.pk, "news")) == {"all", "news"}


def test_others_are_not_concerned(alice: User, bob: User, media: Path, walk: Video) -> None:
    shelves.watch(bob)

    def change() -> None:
        episode(bob, media, "His", tags=("music",))

    assert counted(bob, change) == {"all"}
    assert Shelf.objects.get(owner=alice).revision == 1


def test_many_changes_in_one_transaction_are_quick_and_counted(alice: User, walk: Video, media: Path) -> None:
    several = [episode(alice, media, str(number), tags=("music",)).pk for number in range(20)]

    assert counted(alice, lambda: services.remove(alice, several)) == {"all", "music"}


def test_a_person_can_be_deleted_with_everything(alice: User, walk: Video) -> None:
    alice.delete()

    assert not Shelf.objects.exists()
