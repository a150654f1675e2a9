"""Subscribing on the pages: a feed of a tag, a search or everything, and what can be done with it."""

import re
from pathlib import Path

import pytest
from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse
from lxml import etree
from pytest_django import DjangoAssertNumQueries, Settings

from tests.conftest import signed_in
from tests.feeds.material import episode, many
from tests.web.pages import NASTY, text
from tests.web.test_hostile import suspicious
from viddlws.accounts.models import User
from viddlws.feeds import services
from viddlws.feeds.models import Feed
from viddlws.library.models import Tag


def subscribed(client: Client, **choice: str) -> HttpResponseBase:
    """The feed's page, as one comes to it."""
    answer = client.post(reverse("subscribe"), {"kind": "audio", "order": "archived", **choice}, follow=True)
    assert answer.status_code == 200
    return answer


def address_on(page: HttpResponseBase) -> str:
    found = re.search(r'id="address" value="([^"]+)"', text(page))
    assert found, text(page)
    return found[1]


def fetched(address: str) -> int:
    status: int = Client().get(address.removeprefix("http://testserver")).status_code
    return status


@pytest.mark.parametrize(
    ("query", "chosen"),
    [("?tag=jazz", {"tag": "jazz"}), ("?q=walk", {"query": "walk"}), ("", {})],
    ids=["a tag", "a search", "everything"],
)
def test_what_the_library_shows_can_be_subscribed_to(
    alice: User, media: Path, query: str, chosen: dict[str, str]
) -> None:
    video = episode(alice, media, "A walk", tags=("jazz",))
    client = signed_in(alice)
    assert f'href="{reverse("subscribe")}{query}"' in text(client.get(reverse("library") + query))
    form = text(client.get(reverse("subscribe") + query))
    for name, value in chosen.items():
        assert f'name="{name}" value="{value}"' in form

    page = subscribed(client, **chosen)

    answer = Client().get(address_on(page).removeprefix("http://testserver"))
    assert answer.status_code == 200
    assert str(video.pk) in b"".join(getattr(answer, "streaming_content", ())).decode()


def test_the_kind_that_the_library_is_filtered_by_is_chosen_already(alice: User, media: Path) -> None:
    episode(alice, media, tags=("jazz",))
    client = signed_in(alice)

    page = text(client.get(reverse("library") + "?tag=jazz&kind=video"))
    assert f"{reverse('subscribe')}?tag=jazz&amp;kind=video" in page
    assert re.search(r'value="video" checked', text(client.get(reverse("subscribe") + "?tag=jazz&kind=video")))


def test_what_no_feed_lists_is_not_offered(alice: User, media: Path) -> None:
    episode(alice, media, tags=("jazz",))

    for query in ("?tag=jazz&q=walk", "?channel=Hills", "?length=long", "?state=done"):
        assert reverse("subscribe") not in text(signed_in(alice).get(reverse("library") + query)), query


def test_each_tag_has_a_way_to_subscribe(alice: User, media: Path) -> None:
    episode(alice, media, tags=("rock & roll",))

    assert f"{reverse('subscribe')}?tag=rock+%26+roll" in text(signed_in(alice).get(reverse("tags")))


def test_the_same_choice_again_is_the_same_feed(alice: User, media: Path) -> None:
    client = signed_in(alice)

    first, again = subscribed(client, tag="jazz"), subscribed(client, tag="jazz")
    other = subscribed(client, tag="jazz", kind="video")

    assert address_on(first) == address_on(again) != address_on(other)
    assert "already" in text(again)
    assert "already" not in text(other)


def test_the_other_kind_is_one_button_away_and_then_a_link(alice: User, media: Path) -> None:
    client = signed_in(alice)
    audio = subscribed(client, tag="jazz", name="Evenings")
    assert "Subscribe to video, too" in text(audio)

    video = subscribed(client, tag="jazz", name="Evenings", kind="video")

    assert reverse("feed", args=[Feed.objects.get(kind="audio").pk]) in text(video)


@pytest.mark.parametrize("choice", [{"kind": "smell"}, {"order": ""}, {"tag": "a", "query": "b"}, {"tag": "\u200b"}])
def test_a_choice_there_is_not_is_refused_in_words(alice: User, media: Path, choice: dict[str, str]) -> None:
    answer = signed_in(alice).post(reverse("subscribe"), {"kind": "audio", "order": "archived", **choice})

    assert answer.status_code == 422
    assert 'role="alert"' in text(answer)
    assert not Feed.objects.exists()


def test_another_address_closes_the_old_one(alice: User, media: Path) -> None:
    client = signed_in(alice)
    old = address_on(subscribed(client, tag="jazz"))
    assert fetched(old) == 200

    page = client.post(reverse("rotate-feed", args=[Feed.objects.get().pk]), follow=True)

    assert address_on(page) != old
    assert fetched(old) == 404
    assert fetched(address_on(page)) == 200


def test_a_revoked_feed_shows_no_address_and_opens_again_under_another(alice: User, media: Path) -> None:
    client = signed_in(alice)
    old = address_on(subscribed(client, tag="jazz"))
    feed = Feed.objects.get()

    closed = client.post(reverse("revoke-feed", args=[feed.pk]), follow=True)
    assert fetched(old) == 404
    for page in (closed, client.get(reverse("feeds"))):
        assert "/podcast/" not in text(page)
        assert re.search(r"[Rr]evoked: no app can open it", text(page))
    assert "/podcast/" not in text(client.post(reverse("test-feed", args=[feed.pk]), follow=True))

    again = address_on(client.post(reverse("rotate-feed", args=[feed.pk]), follow=True))
    assert again != old
    assert fetched(again) == 200


def test_a_removed_feed_is_gone_and_its_videos_are_not(alice: User, media: Path) -> None:
    video = episode(alice, media, tags=("jazz",))
    client = signed_in(alice)
    old = address_on(subscribed(client, tag="jazz"))

    page = client.post(reverse("remove-feed", args=[Feed.objects.get().pk]), follow=True)

    assert "No feeds yet" in text(page)
    assert fetched(old) == 404
    video.refresh_from_db()


def test_renaming_changes_what_is_shown_and_not_the_address(alice: User, media: Path) -> None:
    client = signed_in(alice)
    before = address_on(subscribed(client, tag="jazz"))

    page = client.post(reverse("rename-feed", args=[Feed.objects.get().pk]), {"name": "Blue & slow"}, follow=True)

    assert "Blue &amp; slow</h1>" in text(page)
    assert address_on(page) == before


def test_the_list_says_what_is_in_each_feed_and_who_fetched_it(alice: User, media: Path) -> None:
    episode(alice, media, tags=("jazz",))
    client = signed_in(alice)
    address = address_on(subscribed(client, tag="jazz"))
    assert "No app has fetched it yet" in text(client.get(reverse("feeds")))

    Client(headers={"User-Agent": "AntennaPod/3.5.0"}).get(address.removeprefix("http://testserver"))

    page = text(client.get(reverse("feeds")))
    assert "1 item, " in page
    assert re.search(r"just now</time> by <span[^>]*>AntennaPod</span>", page)


def test_opml_lists_the_open_feeds(alice: User, media: Path) -> None:
    client = signed_in(alice)
    kept = address_on(subscribed(client, tag="a & b"))
    subscribed(client, query="closed")
    services.revoke(alice, Feed.objects.get(query="closed").pk)

    answer = client.get(reverse("feeds-opml"))

    outlines = etree.fromstring(answer.content).findall("body/outline")
    assert [(each.get("text"), each.get("xmlUrl")) for each in outlines] == [("a & b (audio)", kept)]
    assert "attachment" in answer["Content-Disposition"]


def test_all_that_names_an_address_is_kept_by_nobody(alice: User, media: Path) -> None:
    client = signed_in(alice)
    page = subscribed(client, tag="jazz")

    for answer in (page, client.get(reverse("feeds")), client.get(reverse("feeds-opml"))):
        assert answer["Cache-Control"] == "private, no-store"
        assert answer["Referrer-Policy"] == "same-origin"


def test_addresses_begin_with_the_public_one(alice: User, media: Path, settings: Settings) -> None:
    settings.PUBLIC_URL = "https://tube.example.org/video"

    page = subscribed(signed_in(alice), tag="jazz")

    assert address_on(page).startswith("https://tube.example.org/video/podcast/")
    bare = address_on(page).removeprefix("https://")
    for link in (f"podcast://{bare}", f"pktc://subscribe/{bare}", f"antennapod-subscribe://{bare}"):
        assert f'href="{link}"' in text(page)
    assert "overcast://x-callback-url/add?url=https%3A%2F%2Ftube.example.org%2Fvideo%2Fpodcast%2F" in text(page)
    assert "cannot get it" not in text(page)


@pytest.mark.parametrize(
    ("public", "why"),
    [
        ("http://localhost:8000", "localhost is this machine itself"),
        ("https://192.168.1.7", "192.168.1.7 is known in your own network only"),
        ("https://[fd00::1]", "fd00::1 is known in your own network only"),
        ("https://nas.local", "nas.local is known in your own network only"),
        ("https://nas", "nas is known in your own network only"),
        ("http://tube.example.org", "http:// and not with https://"),
    ],
)
def test_an_address_that_makers_servers_cannot_reach_is_said(
    alice: User, media: Path, settings: Settings, public: str, why: str
) -> None:
    settings.PUBLIC_URL = public

    page = text(subscribed(signed_in(alice), tag="jazz"))

    assert why in page
    assert "Pocket Casts, Overcast, Apple Podcasts, and others" in page


def test_nobody_else_sees_or_does_anything_with_it(alice: User, bob: User, media: Path) -> None:
    address = address_on(subscribed(signed_in(alice), tag="Alices-secret"))
    feed, client = Feed.objects.get(), signed_in(bob)

    for name in ("feed", "feed-cover"):
        assert client.get(reverse(name, args=[feed.pk])).status_code == 404
    for name in ("rename-feed", "rotate-feed", "revoke-feed", "remove-feed", "test-feed"):
        assert client.post(reverse(name, args=[feed.pk]), {"name": "x"}).status_code == 404
    for name in ("feeds", "feeds-opml"):
        assert "secret" not in text(client.get(reverse(name)))
    assert fetched(address) == 200


@pytest.mark.parametrize("nasty", [each.replace("\x07", "").replace("\x1b", "") for each in NASTY])
def test_no_name_breaks_the_pages(alice: User, media: Path, nasty: str) -> None:
    client = signed_in(alice)
    pages = [
        client.get(reverse("subscribe"), {"tag": nasty, "q": nasty, "kind": nasty}),
        subscribed(client, tag=nasty[:60], name=nasty[:200]),
        subscribed(client, query=nasty[:200]),
    ]
    Feed.objects.update(fetched_by=nasty[:200], fetched_at="2026-01-01T00:00:00Z")
    pages += [client.get(reverse("feeds")), client.get(reverse("tags")), client.get(reverse("library"), {"tag": nasty})]
    pages += [client.get(reverse("feed", args=[feed.pk])) for feed in Feed.objects.all()]

    for page in pages:
        assert suspicious(text(page)) == []


def test_queries_do_not_grow_with_items_or_feeds(
    alice: User, media: Path, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client = signed_in(alice)
    many(alice, 200)
    for number in range(12):
        services.subscribe(alice, tag=f"tag {number}", query="")
    services.subscribe(alice, query="episode")
    feed = services.subscribe(alice, tag="music")

    with django_assert_max_num_queries(8):
        page = text(client.get(reverse("feeds")))
    assert page.count("200 items") == 2
    with django_assert_max_num_queries(14):
        client.get(reverse("feed", args=[feed.pk]))


def test_a_hidden_tag_says_so(alice: User, media: Path) -> None:
    client = signed_in(alice)
    subscribed(client, tag="jazz")
    Tag.objects.update(hidden=True)

    assert "tag jazz (hidden)" in text(client.get(reverse("feed", args=[Feed.objects.get().pk])))
