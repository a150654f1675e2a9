"""A stranger with a key: an app that knows an address and nothing else."""

import re
from collections.abc import Callable

import pytest
from django.http import HttpResponseBase
from django.test import Client
from lxml import etree

from viddlws.feeds.models import Feed
from viddlws.podcast import views
from viddlws.podcast.misses import Misses

Fetch = Callable[..., HttpResponseBase]


@pytest.fixture(autouse=True)
def no_misses_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "misses", Misses())


def path_of(feed: Feed, name: str = "feed.xml") -> str:
    return f"/podcast/{feed.key}/{name}"


def body(answer: HttpResponseBase) -> bytes:
    streamed = getattr(answer, "streaming_content", None)
    return b"".join(streamed) if streamed is not None else bytes(getattr(answer, "content", b""))


def read(feed: Feed, name: str = "feed.xml") -> "etree._Element":
    answer = Client().get(path_of(feed, name))
    assert answer.status_code == 200
    return etree.fromstring(body(answer))


def addresses_in(feed: Feed) -> list[str]:
    """Paths of all that a feed's text points at in our own house."""
    text = body(Client().get(path_of(feed))).decode()
    return re.findall(r'(?:href|url|uri)="http://testserver(/podcast/[^"]+)"', text)
