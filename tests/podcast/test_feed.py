"""What stands in a feed, line by line of what real apps need."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit
from uuid import NAMESPACE_DNS, UUID, uuid5

import feedparser
import pytest
from django.test import Client
from pytest_django import Settings

from tests.feeds.material import DAY, episode, many, put
from tests.feeds.reading import attribute, items_of, links, text_of
from tests.podcast.conftest import body, path_of, read
from viddlws.accounts.models import User
from viddlws.feeds import content, services
from viddlws.feeds.models import Feed
from viddlws.library.models import MediaFile, Shelf, Video
from viddlws.library.services import hide_tag, tags_named


def titles(feed: Feed) -> list[str]:
    return [text_of(item, "title") for item in items_of(read(feed))]


def test_the_channel_says_all_that_apps_ask_for(alice: User, media: Path, settings: Settings) -> None:
    settings.DEFAULT_FROM_EMAIL = "Operator <op@example.org>"
    episode(alice, media, tags=("music",))
    feed = services.subscribe(alice, tag="music")
    root = read(feed)

    raw = body(Client().get(path_of(feed))).decode()
    assert raw.index('rel="self"') == raw.index("rel=")
    assert links(root)["self"] == f"http://testserver{path_of(feed)}"
    for name in ("title", "link", "description", "language", "lastBuildDate", "itunes:author"):
        assert text_of(root, f"channel/{name}"), name
    cover = attribute(root, "channel/itunes:image", "href")
    assert cover == text_of(root, "channel/image/url")
    assert attribute(root, "channel/itunes:category", "text") == "TV & Film"
    said = {
        "itunes:explicit": "false",
        "itunes:type": "episodic",
        "itunes:block": "Yes",
        "podcast:block": "yes",
        "podcast:locked": "yes",
        "podcast:medium": "podcast",
        "itunes:owner/itunes:email": "op@example.org",
        "podcast:guid": str(feed.guid),
    }
    assert {name: text_of(root, f"channel/{name}") for name in said} == said
    assert attribute(root, "channel/podcast:locked", "owner") == "op@example.org"
    assert feed.guid == uuid5(UUID("ead4c236-bf58-58c6-a2c6-a6b28d128cb6"), str(feed.id)) != uuid5(NAMESPACE_DNS, "")
    for prefix in ("itunes", "atom", "podcast", "content"):
        assert f"xmlns:{prefix}=" in raw
    assert "podcast:chapters" not in raw[: raw.index("<item>")]
    assert "new-feed-url" not in raw


def test_without_an_operators_address_there_is_no_owner(alice: User) -> None:
    root = read(services.subscribe(alice))

    assert root.find("channel/{*}owner") is None


def test_an_item_says_all_that_apps_ask_for(alice: User, media: Path) -> None:
    video = episode(alice, media, captions=("en", "pt-BR"))
    feed = services.subscribe(alice)
    [item] = items_of(read(feed))
    folder = f"http://testserver/podcast/{feed.key}/"

    assert text_of(item, "guid") == str(video.id)
    assert attribute(item, "guid", "isPermaLink") == "false"
    assert len(item.findall("enclosure")) == 1
    assert attribute(item, "enclosure", "url") == f"{folder}{video.id}.m4a"
    assert attribute(item, "enclosure", "length") == str(len(b"audio of A walk") * 100)
    assert attribute(item, "enclosure", "type") == "audio/x-m4a"
    assert text_of(item, "pubDate") == "Sun, 01 Mar 2026 12:30:00 +0000"
    assert text_of(item, "itunes:duration") == "61"
    assert text_of(item, "link") == "https://example.org/watch?v=1&t=2"
    assert text_of(item, "podcast:person") == "Hills & ‹Dales›"
    assert text_of(item, "description").startswith("<p>First line<br>second &amp; line</p><p>Next")
    assert attribute(item, "podcast:chapters", "type") == "application/json+chapters"
    assert [each.get("language") for each in item.findall("{*}transcript")] == ["en", "pt-BR"]
    assert attribute(item, "podcast:transcript", "rel") == "captions"
    assert attribute(item, "itunes:image", "href").startswith(f"{folder}{video.id}-")


def test_a_video_feed_serves_mp4_and_names_its_audio_twin(alice: User, media: Path) -> None:
    episode(alice, media)
    sound, picture = services.subscribe(alice), services.subscribe(alice, kind="video")

    root = read(picture)
    assert attribute(root, "channel/item/enclosure", "type") == "video/mp4"
    assert text_of(root, "channel/podcast:medium") == "video"
    assert links(root)["alternate"] == f"http://testserver{path_of(sound)}"
    services.revoke(alice, sound.pk)
    assert "alternate" not in links(read(picture))


def test_an_original_that_apps_cannot_play_is_offered_beside_the_rendition(alice: User, media: Path) -> None:
    video = episode(alice, media, kinds=())
    feed = services.subscribe(alice, kind="video")
    original = put(video, media, "video", "original.webm", b"webm" * 9, "video/webm", codecs="vp9,opus")
    assert items_of(read(feed)) == []

    put(video, media, "video", "made.mp4", b"mp4", "video/mp4", codecs="h264,aac")
    [item] = items_of(read(feed))
    assert attribute(item, "enclosure", "type") == "video/mp4"
    uri = attribute(item, "podcast:alternateEnclosure/podcast:source", "uri")
    assert uri.endswith(f"/{video.id}-{original.pk}.webm")
    assert body(Client().get(urlsplit(uri).path)) == b"webm" * 9


def test_no_two_episodes_have_the_same_basename(alice: User, media: Path) -> None:
    for _ in range(3):
        episode(alice, media, "The same title")
    items = items_of(read(services.subscribe(alice)))

    names = {PurePosixPath(attribute(item, "enclosure", "url")).name for item in items}
    assert len(names) == 3
    assert {PurePosixPath(name).suffix for name in names} == {".m4a"}


def test_dates_are_those_of_archiving_or_of_publishing_and_never_in_the_future(alice: User, media: Path) -> None:
    episode(alice, media, "old", published_at=DAY - timedelta(days=900), added_at=DAY)
    episode(alice, media, "announced", published_at=DAY + timedelta(days=9000), added_at=DAY - timedelta(days=1))
    episode(alice, media, "undated", published_at=None, added_at=DAY - timedelta(days=2))

    assert titles(services.subscribe(alice)) == ["old", "announced", "undated"]
    published = services.subscribe(alice, order="published")
    assert titles(published) == ["announced", "undated", "old"]
    dates = [parsedate_to_datetime(text_of(item, "pubDate")) for item in items_of(read(published))]
    assert max(dates) < datetime.now(UTC)
    assert dates[0] == DAY - timedelta(days=1)


def test_hidden_tags_stay_out_unless_the_feed_is_for_them(alice: User, media: Path) -> None:
    episode(alice, media, "shown", tags=("music",))
    episode(alice, media, "secret", tags=("music", "private"))

    assert titles(services.subscribe(alice)) == ["shown"]
    assert titles(services.subscribe(alice, tag="music")) == ["shown"]
    assert titles(services.subscribe(alice, query="secret")) == []
    assert titles(services.subscribe(alice, tag="private")) == ["secret"]
    hide_tag(alice, tags_named(alice, ["private"])[0].pk, False)
    assert titles(services.subscribe(alice, tag="music")) == ["shown", "secret"] or titles(
        services.subscribe(alice, tag="music")
    ) == ["secret", "shown"]


def test_a_search_lists_what_is_found_and_nobody_elses(alice: User, bob: User, media: Path) -> None:
    episode(alice, media, "River walk")
    episode(alice, media, "Hill walk")
    episode(bob, media, "River of Bob")

    assert titles(services.subscribe(alice, query=" river ")) == ["River walk"]
    assert sorted(titles(services.subscribe(alice))) == ["Hill walk", "River walk"]


def test_an_item_comes_when_its_file_does(alice: User, media: Path) -> None:
    video = episode(alice, media, kinds=("video",))
    feed = services.subscribe(alice)
    assert titles(feed) == []

    put(video, media, "audio", "sound.m4a", b"sound", "audio/mp4", codecs="aac")
    assert titles(feed) == ["A walk"]


def test_guids_stay_through_edits_rotation_and_downloading_again(alice: User, media: Path) -> None:
    video = episode(alice, media)
    feed = services.subscribe(alice)
    before = read(feed)

    Video.objects.filter(pk=video.pk).update(title="Other")
    MediaFile.objects.filter(video=video, kind="audio").delete()
    put(video, media, "audio", "again.m4a", b"again", "audio/mp4", codecs="aac")
    after = read(services.rotate(alice, feed.pk))
    assert text_of(items_of(after)[0], "guid") == text_of(items_of(before)[0], "guid")
    assert text_of(after, "channel/podcast:guid") == text_of(before, "channel/podcast:guid")


def test_the_last_build_is_the_last_change_and_never_now(alice: User, media: Path) -> None:
    feed = services.subscribe(alice)
    Shelf.objects.update(changed_at=DAY)
    type(feed).objects.update(created_at=DAY - timedelta(days=1))

    assert text_of(read(feed), "channel/lastBuildDate") == "Sun, 01 Mar 2026 12:30:00 +0000"


def test_an_empty_feed_is_a_feed(alice: User) -> None:
    answer = body(Client().get(path_of(services.subscribe(alice, tag="nothing yet"))))

    parsed = feedparser.parse(answer)
    assert parsed.bozo is False
    assert (parsed.feed.title, parsed.entries) == ("nothing yet", [])


def test_long_feeds_are_paged(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content, "PAGE", 10)
    many(alice, 25)
    feed = services.subscribe(alice, tag="music")
    folder = f"http://testserver/podcast/{feed.key}/"

    found: list[str] = []
    name = "feed.xml"
    seen = []
    while name:
        root = read(feed, name)
        relations = {relation: url.removeprefix(folder) for relation, url in links(root).items()}
        seen.append(relations)
        found += [text_of(item, "title") for item in items_of(root)]
        name = relations.get("next", "")
    assert found == [f"Episode {number}" for number in range(25)]
    assert seen[1] == {
        "self": "feed-2.xml",
        "first": "feed.xml",
        "previous": "feed.xml",
        "next": "feed-3.xml",
        "last": "feed-3.xml",
    }
    assert seen[2] == {"self": "feed-3.xml", "first": "feed.xml", "previous": "feed-2.xml", "last": "feed-3.xml"}
    assert Client().get(path_of(feed, "feed-4.xml")).status_code == 404
    tags = {Client().get(path_of(feed, name))["ETag"] for name in ("feed.xml", "feed-2.xml", "feed-3.xml")}
    assert len(tags) == 3


def test_a_full_page_stays_below_its_bytes_however_long_the_notes(alice: User) -> None:
    many(alice, 1001, notes="&<>é\n" * 4000)
    feed = services.subscribe(alice, tag="music")

    text = body(Client().get(path_of(feed)))
    assert len(items_of(read(feed))) == 1000
    assert 4_000_000 < len(text) < 4_500_000
    assert len(items_of(read(feed, "feed-2.xml"))) == 1
