"""Tags: words of one's own."""

from pathlib import Path

import pytest

from tests.library.material import video_of
from tests.library.test_overview import titles, video
from viddlws.accounts.models import User
from viddlws.downloads.models import Download
from viddlws.library import services
from viddlws.library.errors import LibraryError
from viddlws.library.models import Tag, Video


def names(user: User) -> list[str]:
    return [tag.name for tag in services.tags_with_counts(user)]


def test_names_are_cleaned_and_case_does_not_matter(alice: User) -> None:
    made = services.tags_named(alice, ["  Sea \n side ", "sea side", "", " ", "\0", "Ärger", "ärger", "x" * 300])
    assert [tag.name for tag in made] == ["Sea side", "Ärger", "x" * 100]
    assert services.tags_named(alice, ["ÄRGER", "SEA SIDE"]) == [made[1], made[0]]
    assert Tag.objects.count() == 3


def test_private_and_xxx_start_hidden(alice: User) -> None:
    made = services.tags_named(alice, ["Private", "xxx", "music"])
    assert [tag.hidden for tag in made] == [True, True, False]


def test_everybody_has_tags_of_their_own(alice: User, bob: User) -> None:
    [hers] = services.tags_named(alice, ["music"])
    [his] = services.tags_named(bob, ["music"])
    assert hers != his
    for act in (
        lambda: services.rename_tag(bob, hers.pk, "noise"),
        lambda: services.hide_tag(bob, hers.pk, True),
        lambda: services.delete_tag(bob, hers.pk),
    ):
        with pytest.raises(Tag.DoesNotExist):
            act()
    assert names(alice) == ["music"]


def test_hiding_a_tag_takes_its_videos_out_of_the_overview_and_back(alice: User) -> None:
    video(alice, "one", tags=("music",))
    [tag] = services.tags_named(alice, ["music"])
    services.hide_tag(alice, tag.pk, True)
    assert titles(alice) == []
    services.hide_tag(alice, tag.pk, False)
    assert titles(alice) == ["one"]


def test_deleting_a_hidden_tag_shows_its_videos(alice: User) -> None:
    video(alice, "one", tags=("private",))
    services.delete_tag(alice, alice.tags.get().pk)
    assert titles(alice) == ["one"]


def test_a_tag_gets_another_spelling(alice: User) -> None:
    [tag] = services.tags_named(alice, ["music"])
    assert services.rename_tag(alice, tag.pk, " Music  box ").name == "Music box"
    assert services.rename_tag(alice, tag.pk, "MUSIC BOX") == tag
    assert names(alice) == ["MUSIC BOX"]
    with pytest.raises(LibraryError, match="needs a name"):
        services.rename_tag(alice, tag.pk, " \0 ")


def test_a_name_that_exists_makes_two_tags_one(alice: User) -> None:
    """On videos that have one of them or both, and on downloads that wait."""
    video(alice, "one", tags=("songs",))
    video(alice, "both", tags=("songs", "music"))
    songs, music = services.tags_named(alice, ["songs", "music"])
    waiting = Download.objects.create(owner=alice, url="u", url_key="k", site="s")
    waiting.tags.add(songs)
    assert services.rename_tag(alice, songs.pk, "MUSIC") == music
    assert names(alice) == ["music"]
    assert vars(services.tags_with_counts(alice).get())["count"] == 2
    assert list(waiting.tags.all()) == [music]
    assert {each.tag_text for each in Video.objects.all()} == {"music"}


@pytest.mark.django_db
def test_title_and_tags_can_be_edited(media: Path, alice: User, bob: User) -> None:
    made = video_of(alice, tags=("a", "b"))
    services.edit(alice, made.id, title="  New\0 \n title ")
    assert Video.objects.get().title == "New title"
    services.edit(alice, made.id, tags=["B", "c"])
    assert sorted(tag.name for tag in made.tags.all()) == ["b", "c"]
    with pytest.raises(LibraryError, match="needs a title"):
        services.edit(alice, made.id, title=" ")
    with pytest.raises(Video.DoesNotExist):
        services.edit(bob, made.id, title="his")
    assert Video.objects.get().title == "New title"
