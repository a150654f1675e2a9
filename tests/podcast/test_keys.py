"""A key opens what its feed lists, while it lists it, and nothing else. Every miss looks the same."""

from pathlib import Path

import pytest
from django.http import HttpResponseBase
from django.test import Client
from pytest_django import Settings

from tests.feeds.material import episode, many
from tests.podcast.conftest import addresses_in, body, path_of
from viddlws.accounts.models import User
from viddlws.feeds import keys, services
from viddlws.feeds.models import Feed
from viddlws.library.models import MediaFile
from viddlws.library.services import edit, rename_tag
from viddlws.podcast import views
from viddlws.podcast.misses import MOST, Misses

ACROSS_TIME = {"Date", "Expires"}


def seen(answer: HttpResponseBase) -> tuple[int, bytes, dict[str, str]]:
    return answer.status_code, body(answer), {k: v for k, v in answer.items() if k not in ACROSS_TIME}


def miss() -> tuple[int, bytes, dict[str, str]]:
    return seen(Client().get(f"/podcast/{'a' * 32}/feed.xml"))


def test_a_miss_is_a_plain_404(alice: User) -> None:
    status, text, headers = miss()

    assert (status, text) == (404, b"Not found.\n")
    assert headers["X-Robots-Tag"] == "noindex"


@pytest.mark.parametrize("path", ["x", "x/y/z", "//feed.xml", "%00/feed.xml", f"{'A' * 32}/feed.xml", "é/feed.xml"])
def test_everything_below_the_folder_misses_alike(alice: User, path: str) -> None:
    assert seen(Client().get(f"/podcast/{path}")) == miss()


def test_keys_are_long_random_and_not_in_the_database(alice: User) -> None:
    feed, other = services.subscribe(alice), services.subscribe(alice, kind="video")

    assert feed.key != other.key
    assert len(feed.key) * 5 == keys.BITS >= 128
    kept = " ".join(str(value) for row in Feed.objects.values() for value in row.values())
    assert feed.key not in kept
    assert feed.key not in str(feed.guid)


def test_another_secret_key_opens_nothing(alice: User, settings: Settings) -> None:
    feed = services.subscribe(alice)
    path = path_of(feed)
    settings.SECRET_KEY = "another"

    assert Client().get(path).status_code == 404
    assert Client().get(path_of(feed)).status_code == 404
    assert Feed.objects.get().revoked
    assert Client().get(path_of(services.rotate(alice, feed.pk))).status_code == 200


def test_the_same_choice_is_the_same_feed(alice: User, bob: User) -> None:
    feed = services.subscribe(alice, tag="Music", name="M")

    assert services.subscribe(alice, tag=" music ") == feed
    assert services.subscribe(alice, tag="music", name="N").title == "N"
    assert services.subscribe(alice, tag="music", order="published") != feed
    assert services.subscribe(bob, tag="music") != feed
    with pytest.raises(services.FeedError):
        services.subscribe(alice, tag="music", query="x")


def test_rotating_closes_the_old_addresses_and_opens_new_ones_at_once(alice: User, media: Path) -> None:
    episode(alice, media)
    feed = services.subscribe(alice)
    old = addresses_in(feed)

    new = services.rotate(alice, feed.pk)
    assert {Client().get(path).status_code for path in addresses_in(new)} == {200}
    assert len(old) >= 6
    assert all(seen(Client().get(path)) == miss() for path in old)


@pytest.mark.parametrize("act", ["revoke", "remove"])
def test_revoking_and_removing_close_everything_at_once(alice: User, media: Path, act: str) -> None:
    episode(alice, media)
    feed, other = services.subscribe(alice), services.subscribe(alice, kind="video")
    paths = addresses_in(feed)
    own = [path for path in paths if feed.key in path]

    getattr(services, act)(alice, feed.pk)
    assert own
    assert all(seen(Client().get(path)) == miss() for path in own)
    assert Client().get(path_of(other)).status_code == 200


def test_a_revoked_feed_is_not_found_again_by_its_choice(alice: User) -> None:
    feed = services.revoke(alice, services.subscribe(alice).pk)

    assert services.subscribe(alice) != feed


def test_nobody_else_touches_a_feed(alice: User, bob: User) -> None:
    feed = services.subscribe(alice)
    for act in (services.rotate, services.revoke, services.remove):
        with pytest.raises(Feed.DoesNotExist):
            act(bob, feed.pk)
    assert services.feeds_of(bob) == []


def test_closing_an_account_closes_its_feeds(alice: User) -> None:
    path = path_of(services.subscribe(alice))
    User.objects.filter(pk=alice.pk).update(is_active=False)

    assert seen(Client().get(path)) == miss()


def names_of(feed: Feed) -> set[str]:
    return {path.rpartition("/")[2] for path in addresses_in(feed)} - {"feed.xml"}


def test_a_valid_key_does_not_open_what_its_feed_does_not_list(alice: User, bob: User, media: Path) -> None:
    episode(bob, media, "Bob's")
    episode(alice, media, "news", tags=("news",))
    episode(alice, media, "secret", tags=("music", "private"))
    feed = services.subscribe(alice, tag="music")
    foreign = set()
    for owner, tag in ((bob, ""), (alice, "news"), (alice, "private")):
        foreign |= names_of(services.subscribe(owner, tag=tag))

    assert len(foreign) >= 15
    assert all(seen(Client().get(path_of(feed, name))) == miss() for name in foreign)


def test_other_files_of_a_listed_video_stay_closed(alice: User, media: Path) -> None:
    video = episode(alice, media)
    feed = services.subscribe(alice)
    film = video.files.get(kind="video")

    for name in (f"{video.id}.mp4", f"{video.id}-{film.pk}.mp4", f"{video.id}.mp3", f"{video.id}.de.vtt"):
        assert seen(Client().get(path_of(feed, name))) == miss()


def test_what_leaves_the_feed_is_closed_at_once(alice: User, media: Path) -> None:
    video = episode(alice, media, tags=("music",))
    feed = services.subscribe(alice, tag="music")
    names = {name for name in names_of(feed) if name.startswith(str(video.id))}
    assert len(names) == 4

    edit(alice, video.id, tags=["other"])
    assert all(seen(Client().get(path_of(feed, name))) == miss() for name in names)
    edit(alice, video.id, tags=["music"])
    assert {Client().get(path_of(feed, name)).status_code for name in names} == {200}
    edit(alice, video.id, tags=["music", "private"])
    assert all(seen(Client().get(path_of(feed, name))) == miss() for name in names)


def test_a_file_that_is_lost_misses_alike(alice: User, media: Path) -> None:
    video = episode(alice, media)
    feed = services.subscribe(alice)
    MediaFile.objects.filter(video=video, kind="audio").update(path="../../etc/passwd")
    for path in media.glob("*.jpg"):
        path.unlink()

    for name in names_of(feed) - {f"{video.id}-chapters.json", f"{video.id}.en.vtt"}:
        if not name.startswith("cover"):
            assert seen(Client().get(path_of(feed, name))) == miss()


def test_an_address_that_keeps_missing_has_to_wait(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "misses", Misses(most=3))
    path = path_of(services.subscribe(alice))

    answers = [Client().get("/podcast/wrong/feed.xml") for _ in range(5)]
    assert [answer.status_code for answer in answers] == [404, 404, 404, 429, 429]
    assert 0 < int(answers[-1]["Retry-After"]) <= 300
    assert Client().get("/podcast/wrong/feed.xml", REMOTE_ADDR="192.0.2.7").status_code == 404
    assert Client().get(path).status_code == 200  # a house has one address and many phones


def test_misses_are_forgotten_after_a_while() -> None:
    misses = Misses(most=2, window=10)

    assert [misses.count("a", now) for now in (0, 1, 2, 11)] == [0, 0, 8, 0]
    assert MOST >= 100


def test_the_last_fetch_is_noted_once_a_minute(alice: User) -> None:
    feed = services.subscribe(alice)
    Client().get(path_of(feed), headers={"User-Agent": "AntennaPod/3\x07"})
    noted = Feed.objects.get()
    assert (noted.fetched_by, noted.fetched_at is not None) == ("AntennaPod/3", True)

    Client().get(path_of(feed), headers={"User-Agent": "Another"})
    assert Feed.objects.get().fetched_by == "AntennaPod/3"


def test_feeds_are_listed_with_what_is_in_them(alice: User, media: Path) -> None:
    many(alice, 3)
    services.subscribe(alice, tag="music")
    services.subscribe(alice, tag="music", kind="video")

    assert [(each.feed.full_title, each.items, each.size) for each in services.feeds_of(alice)] == [
        ("music (audio)", 3, 3000),
        ("music (video)", 0, 0),
    ]


def test_a_feed_goes_with_its_tag_when_two_become_one(alice: User, media: Path) -> None:
    episode(alice, media, tags=("songs",))
    feed = services.subscribe(alice, tag="songs")
    [music] = edit(alice, episode(alice, media).id, tags=["music"]).tags.all()
    assert feed.tag
    rename_tag(alice, feed.tag.pk, "music")
    feed = Feed.objects.get()
    assert feed.tag == music
    assert body(Client().get(path_of(feed))).count(b"<item>") == 2
