"""What an app cannot play yet is made for it in the background, and enters the feed when it is ready."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client

from tests.downloads.conftest import shared_engine, works
from tests.library.rendered import MP4, film, performed
from tests.podcast.conftest import addresses_in, body, path_of, read
from viddlws.accounts.models import User
from viddlws.engine.supervisor import Engine
from viddlws.feeds import services
from viddlws.feeds.models import Feed
from viddlws.library.models import Rendition

__all__ = ["shared_engine", "works"]

pytestmark = pytest.mark.django_db(transaction=True)


def titles(feed: Feed) -> list[str | None]:
    return [title.text for title in read(feed).findall("channel/item/title")]


def test_the_sound_of_a_video_enters_an_audio_feed_when_it_is_ready(alice: User, works: Engine, media: Path) -> None:
    video = film(alice, MP4)

    feed = services.subscribe(alice, kind="audio")

    assert titles(feed) == []
    assert list(Rendition.objects.values_list("video", "kind")) == [(video.pk, "audio")]
    before = Client().get(path_of(feed)).headers["ETag"]
    performed(video, "audio")
    assert titles(feed) == ["A walk"]
    assert Client().get(path_of(feed)).headers["ETag"] != before
    (sound,) = (address for address in addresses_in(feed) if address.endswith(".m4a"))
    assert body(Client().get(sound))[4:8] == b"ftyp"


def test_what_was_kept_since_is_made_when_an_app_asks_again(alice: User, works: Engine, media: Path) -> None:
    feed = services.subscribe(alice, kind="video")
    titles(feed)
    video = film(alice)

    assert not Rendition.objects.exists()
    Feed.objects.update(fetched_at=feed.created_at - timedelta(minutes=2))
    titles(feed)

    assert list(Rendition.objects.values_list("video", "kind")) == [(video.pk, "video")]
