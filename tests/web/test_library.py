"""The library page: filter, search, sort, more."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests.conftest import signed_in
from tests.library.material import FILES, video_of
from tests.web.pages import download_of, text
from viddlws.accounts.models import User
from viddlws.downloads.models import State
from viddlws.engine.messages import File, MediaInfo
from viddlws.library import services
from viddlws.library.models import Tag, Video

pytestmark = pytest.mark.usefixtures("media")
AUDIO = (File("audio", "media.m4a", 500, "audio/mp4", 30.0),)


def titles(client: Client, **query: str) -> list[str]:
    """Titles of the kept videos that the library shows, in order."""
    page = text(client.get(reverse("library"), query))
    return re.findall(r'data-list="grid".*?<h3[^>]*><a[^>]*>(.*?)</a>', page, re.S)


def test_an_empty_library_says_how_to_begin(alice: User) -> None:
    assert "Paste a link above" in text(signed_in(alice).get(reverse("library")))


def test_the_newest_is_first(alice: User) -> None:
    now = timezone.now()
    for day, title in enumerate(("today", "yesterday", "before")):
        video_of(alice, title, added_at=now - timedelta(days=day))

    client = signed_in(alice)
    assert titles(client) == ["today", "yesterday", "before"]
    assert titles(client, sort="oldest") == ["before", "yesterday", "today"]


def test_a_tag_a_kind_a_channel_and_a_length_narrow_it(alice: User) -> None:
    video_of(alice, "film", tags=("jazz",), info=MediaInfo(channel="Hills", duration=3000))
    video_of(alice, "song", info=MediaInfo(channel="Valleys", duration=100), files=AUDIO)

    client = signed_in(alice)
    assert titles(client, tag="jazz") == ["film"]
    assert titles(client, kind="audio") == ["song"]
    assert titles(client, channel="Valleys") == ["song"]
    assert titles(client, length="short") == ["song"]
    assert titles(client, length="long") == ["film"]
    assert titles(client, kind="audio", tag="jazz") == []


def test_search_finds_title_description_channel_and_tag_as_one_types(alice: User) -> None:
    video_of(
        alice, "A walk in the hills", tags=("outdoors",), info=MediaInfo(description="muddy boots", channel="Dana")
    )
    video_of(alice, "Soup", info=MediaInfo(channel="Kitchen"))

    client = signed_in(alice)
    for words in ("wal", "muddy bo", "dana", "outdoors"):
        assert titles(client, q=words) == ["A walk in the hills"], words
    assert titles(client, q="nothing like it") == []


@pytest.mark.parametrize("query", ['"', "*", "a OR", "NEAR(", "' --", "%", "\\", "😀", "(((", "x" * 199])
def test_no_search_breaks_the_page(alice: User, query: str) -> None:
    video_of(alice, "film")

    assert signed_in(alice).get(reverse("library"), {"q": query}).status_code == 200


@pytest.mark.parametrize(
    "query", [{"kind": "x"}, {"sort": "drop table"}, {"after": "rubbish"}, {"length": "-1"}, {"tag": "\0"}, {"q": "\0"}]
)
def test_a_query_of_no_sense_is_no_error(alice: User, query: dict[str, str]) -> None:
    assert signed_in(alice).get(reverse("library"), query).status_code == 200


def test_hidden_tags_are_left_out_unless_asked_for(alice: User) -> None:
    video_of(alice, "open")
    video_of(alice, "diary", tags=("private",))

    client = signed_in(alice)
    assert titles(client) == ["open"]
    assert set(titles(client, hidden="1")) == {"open", "diary"}


def test_more_follows_without_a_gap_or_a_double(alice: User) -> None:
    now = timezone.now()
    rows = [Video(owner=alice, title=f"film {n:03}", url="u", added_at=now - timedelta(minutes=n)) for n in range(120)]
    Video.objects.bulk_create(rows)

    client, address, seen = signed_in(alice), reverse("library"), list[str]()
    while address:
        page = text(client.get(address, headers={"HX-Request": "true"} if "after" in address else {}))
        seen += re.findall(r'data-list="grid".*?<h3[^>]*><a[^>]*>(.*?)</a>', page, re.S)
        following = re.search(r'rel="next" href="([^"]+)"', page)
        address = reverse("library") + following[1].replace("&amp;", "&") if following else ""

    assert seen == [f"film {n:03}" for n in range(120)]


def test_what_runs_waits_and_failed_is_on_top_with_its_words(alice: User) -> None:
    download_of(alice, state=State.RUNNING, title="runs", percent=37, step="joining")
    download_of(alice, state=State.FAILED, title="failed")
    download_of(alice, title="waits")

    page = text(signed_in(alice).get(reverse("library")))

    assert page.index(">runs<") < page.index(">failed<") < page.index(">waits<")
    assert "Joining video and audio" in page
    assert "The page is gone." in page
    assert "Look for another." in page


def test_a_state_can_be_asked_for(alice: User) -> None:
    download_of(alice, state=State.FAILED, title="failed")
    download_of(alice, title="waits")
    video_of(alice, "kept")

    client = signed_in(alice)
    failed = text(client.get(reverse("library"), {"state": "failed"}))
    done = text(client.get(reverse("library"), {"state": "done"}))

    assert [word in failed for word in (">failed<", ">waits<", ">kept<")] == [True, False, False]
    assert [word in done for word in (">failed<", ">waits<", ">kept<")] == [False, False, True]


def test_htmx_gets_only_the_part_below_the_search(alice: User) -> None:
    page = text(signed_in(alice).get(reverse("library"), headers={"HX-Request": "true", "HX-Target": "found"}))

    assert page.strip().startswith('<div id="found">')
    assert "<html" not in page


@pytest.mark.parametrize("address", ["library", "downloads", "tags"])
def test_a_page_costs_as_many_queries_for_many_rows_as_for_few(alice: User, address: str) -> None:
    client = signed_in(alice)

    def fill(count: int) -> None:
        for number in range(count):
            video_of(alice, f"film {number}", tags=(f"tag {number % 7}", "all"), files=FILES)
            download_of(alice, state=State.RUNNING)
            download_of(alice, state=State.FAILED)
            download_of(alice)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse(address)).status_code == 200
        return len(queries)

    fill(2)
    few = cost()
    fill(9)

    assert cost() == few
    assert few < 25


def test_no_page_and_no_fragment_may_be_stored_by_a_cache(alice: User, media: Path) -> None:
    video = video_of(alice, tags=("jazz",))
    failed = download_of(alice, state=State.FAILED)
    client = signed_in(alice)
    pages = [
        reverse(name) for name in ("library", "downloads", "tags", "account", "changes", "account_change_password")
    ]
    pages += [reverse("watch", args=[each.pk]) for each in (video, failed)] + ["/nothing-here/"]

    for address in pages:
        assert client.get(address)["Cache-Control"] == "private, no-store", address
    assert Client().get(reverse("account_login"))["Cache-Control"] == "private, no-store"


def test_hiding_a_tag_hides_its_videos_at_once(alice: User) -> None:
    video_of(alice, "film", tags=("jazz",))
    services.hide_tag(alice, Tag.objects.get(name="jazz").pk, True)

    assert titles(signed_in(alice)) == []
