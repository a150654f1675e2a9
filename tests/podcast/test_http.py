"""How a feed and what it lists are answered."""

import gzip
import json
from io import BytesIO
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from PIL import Image
from pytest_django import DjangoAssertNumQueries, Settings

from tests.feeds.material import episode, many
from tests.podcast.conftest import addresses_in, body, path_of
from viddlws.accounts.models import User
from viddlws.config.hosts import with_prefix
from viddlws.feeds import addresses, services
from viddlws.feeds.models import Feed
from viddlws.library.models import Video


@pytest.mark.django_db(transaction=True)  # PostgreSQL counts changes when a transaction ends
def test_a_feed_that_has_not_changed_is_304_by_one_query(
    alice: User, media: Path, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    video = episode(alice, media, tags=("music",))
    feed = services.subscribe(alice, tag="music")
    first = Client().get(path_of(feed))
    for header in (first["ETag"], f'"other", W/{first["ETag"]}', "*"):
        with django_assert_num_queries(1):
            answer = Client().get(path_of(feed), headers={"If-None-Match": header})
        assert (answer.status_code, answer.content, answer["ETag"]) == (304, b"", first["ETag"])
    Video.objects.filter(pk=video.pk).update(title="Other")
    answer = Client().get(path_of(feed), headers={"If-None-Match": first["ETag"]})
    assert answer.status_code == 200
    assert b"<title>Other</title>" in body(answer)


@pytest.mark.django_db(transaction=True)
def test_what_changes_the_text_changes_the_etag(alice: User, media: Path, settings: Settings) -> None:
    feed = services.subscribe(alice, tag="music")
    seen = [Client().get(path_of(feed))["ETag"]]

    def changed() -> bool:
        seen.append(Client().get(path_of(Feed.objects.get(pk=feed.pk)))["ETag"])
        return len(set(seen)) == len(seen)

    episode(alice, media, tags=("music",))
    assert changed()
    services.rename(alice, feed.pk, "My music")
    assert changed()
    other = services.subscribe(alice, tag="music", kind="video")
    assert changed()
    services.rotate(alice, other.pk)
    assert changed()
    services.remove(alice, other.pk)
    assert changed()
    settings.PUBLIC_URL = "https://videos.example.org"
    assert changed()
    episode(alice, media, tags=("news",))
    assert not changed()


def test_headers_of_a_feed(alice: User, media: Path) -> None:
    episode(alice, media)
    answer = Client().get(path_of(services.subscribe(alice)))

    assert answer.streaming
    assert answer["Content-Type"] == "application/rss+xml; charset=utf-8"
    assert answer["Cache-Control"] == "private, max-age=0, must-revalidate"
    assert answer["ETag"].startswith('"')
    assert "Last-Modified" not in answer
    assert answer["X-Robots-Tag"] == "noindex"
    assert answer["Referrer-Policy"] == "no-referrer"


def test_it_is_compressed_for_those_who_take_it(alice: User, media: Path) -> None:
    episode(alice, media)
    path = path_of(services.subscribe(alice))
    plain = Client().get(path)

    packed = Client().get(path, headers={"Accept-Encoding": "deflate, gzip;q=0.5"})
    assert packed["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed["Vary"]
    assert gzip.decompress(body(packed)) == body(plain)
    assert packed["ETag"] != plain["ETag"]
    assert "Content-Encoding" not in Client().get(path, headers={"Accept-Encoding": "gzip;q=0"})


def test_head_says_what_get_would(alice: User, media: Path) -> None:
    episode(alice, media)
    for path in addresses_in(services.subscribe(alice)):
        got, asked = Client().get(path), Client().head(path)
        assert asked.status_code == got.status_code == 200
        for name in ("Content-Type", "ETag", "Cache-Control", "Accept-Ranges"):
            assert asked.get(name) == got.get(name), (path, name)
        assert body(asked) == b""


def test_nothing_but_reading_is_allowed(alice: User) -> None:
    feed = services.subscribe(alice)

    client = Client(enforce_csrf_checks=True)
    assert {client.post(path_of(feed)).status_code, client.delete(path_of(feed)).status_code} == {405}


def test_media_is_answered_in_ranges(alice: User, media: Path) -> None:
    video = episode(alice, media)
    path = path_of(services.subscribe(alice), f"{video.id}.m4a")
    whole = b"audio of A walk" * 100
    answer = Client().get(path)

    assert body(answer) == whole
    assert answer["Content-Type"] == "audio/x-m4a"
    assert answer["Content-Length"] == str(len(whole))
    assert answer["Accept-Ranges"] == "bytes"
    assert "Content-Encoding" not in answer
    for asked, first, last in (("0-9", 0, 9), ("1490-", 1490, 1499), ("-5", 1495, 1499)):
        part = Client().get(path, headers={"Range": f"bytes={asked}", "If-Range": answer["ETag"]})
        assert (part.status_code, part["Content-Range"]) == (206, f"bytes {first}-{last}/1500")
        assert (body(part), part["Content-Type"]) == (whole[first : last + 1], "audio/x-m4a")
    beyond = Client().get(path, headers={"Range": "bytes=1500-"})
    assert (beyond.status_code, beyond["Content-Range"]) == (416, "bytes */1500")
    assert Client().get(path, headers={"Range": "bytes=0-1", "If-Range": '"other"'}).status_code == 200


def test_pictures_are_square_jpeg_and_small(alice: User, media: Path) -> None:
    episode(alice, media)
    pictures = {path for path in addresses_in(services.subscribe(alice, name="Über uns")) if path.endswith(".jpg")}

    assert len(pictures) == 2
    for path in pictures:
        answer = Client().get(path)
        data = body(answer)
        assert answer["Content-Type"] == "image/jpeg"
        with Image.open(BytesIO(data)) as picture:
            assert (picture.format, picture.size, picture.mode) == ("JPEG", (1400, 1400), "RGB")
        assert len(data) <= 512 * 1024


def test_chapters_are_json_and_captions_webvtt(alice: User, media: Path) -> None:
    video = episode(alice, media)
    feed = services.subscribe(alice)

    answer = Client().get(path_of(feed, f"{video.id}-chapters.json"))
    assert answer["Content-Type"] == "application/json+chapters"
    assert json.loads(answer.content) == {
        "version": "1.2.0",
        "title": "A walk",
        "chapters": [
            {"startTime": 0.0, "endTime": 10.5, "title": "Begin"},
            {"startTime": 10.5, "endTime": 61.5, "title": "Walk & talk"},
        ],
    }
    captions = Client().get(path_of(feed, f"{video.id}.en.vtt"))
    assert (captions["Content-Type"], body(captions)) == ("text/vtt; charset=utf-8", b"WEBVTT\n")


def queries(feed: Feed) -> int:
    Feed.objects.update(fetched_at=None)
    with CaptureQueriesContext(connection) as found:
        body(Client().get(path_of(feed)))
    return len(found)


def test_queries_do_not_grow_with_the_items(alice: User) -> None:
    many(alice, 10, tag="few")
    many(alice, 1000, tag="lots")

    few, lots = (queries(services.subscribe(alice, tag=tag)) for tag in ("few", "lots"))
    assert few == lots <= 6  # the sixth looks for what has to be made first, once a minute


@pytest.mark.parametrize("public", ["https://h.example/videos", "https://h.example/videos/", "https://h.example"])
def test_the_public_address_has_the_prefix_once(alice: User, media: Path, settings: Settings, public: str) -> None:
    settings.PUBLIC_URL = with_prefix(public.rstrip("/"), "/videos")
    episode(alice, media)
    feed = services.subscribe(alice)

    text = body(Client().get(path_of(feed))).decode()
    assert text.count("https://h.example/videos/podcast/") == text.count("/podcast/") > 5
    assert "testserver" not in text
    assert "/videos/videos" not in text


def test_without_a_public_address_it_is_the_one_asked_with_the_prefix(alice: User, settings: Settings) -> None:
    settings.OPTIONS = settings.OPTIONS.model_copy(update={"url_prefix": "/videos"})
    feed = services.subscribe(alice)

    assert addresses.address(feed, "http://box:8000") == f"http://box:8000/videos/podcast/{feed.key}/feed.xml"
    text = body(Client().get(path_of(feed))).decode()
    assert text.count("http://testserver/videos/podcast/") == text.count("/podcast/") == 3
