"""Lists become entries that each are a job of their own, and are read no further than they must be."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from tests.engine.running import failed, finished, listed
from tests.site import Site
from viddlws.engine.messages import ErrorClass, Failed, Format, Job, Limits, Playlist
from viddlws.engine.playlist import gather
from viddlws.engine.supervisor import Engine

NewJob = Callable[..., Job]
PAGE = "https://example.org/list"


def job(confirmed: bool = False, **limits: int) -> Job:
    return Job("1", PAGE, "/jobs/1", confirmed=confirmed, limits=Limits(**limits))


def smuggle(link: str, beside: Mapping[str, Any]) -> str:
    return f"{link}#{sorted(beside)}"


def links(count: int) -> Iterator[dict[str, Any]]:
    for number in range(count):
        yield {"_type": "url", "url": f"https://example.org/{number}", "title": f"Film {number}"}


def taken(found: Mapping[str, Any], of: Job | None = None) -> Playlist:
    event = gather({"_type": "playlist", "title": "A list", **found}, of or job(), smuggle)
    assert isinstance(event, Playlist)
    return event


def test_a_short_list_is_taken() -> None:
    playlist = taken({"entries": list(links(3))})

    assert (playlist.title, playlist.total, playlist.taken, playlist.at_least) == ("A list", 3, True, False)
    assert [entry.title for entry in playlist.entries] == ["Film 0", "Film 1", "Film 2"]


def test_a_long_list_is_asked_about() -> None:
    playlist = taken({"entries": list(links(60))}, job(ask_above=50))

    assert (playlist.total, playlist.taken, playlist.entries) == (60, False, ())


def test_a_long_list_that_was_confirmed_is_taken_up_to_the_limit() -> None:
    playlist = taken({"entries": list(links(60))}, job(confirmed=True, ask_above=5, entries=20))

    assert (len(playlist.entries), playlist.total, playlist.taken) == (20, 60, True)


def test_a_list_without_end_is_read_a_little_beyond_what_may_be_taken() -> None:
    read = 0

    def endless() -> Iterator[dict[str, Any]]:
        nonlocal read
        for entry in links(10**9):
            read += 1
            yield entry

    playlist = taken({"entries": endless()}, job(entries=40, ask_above=30))

    assert (playlist.taken, playlist.total, playlist.at_least) == (False, 41, True)
    assert read == 41


def test_a_length_that_the_site_states_is_enough_to_ask() -> None:
    entries = links(700)
    playlist = taken({"entries": entries, "playlist_count": 700})

    assert (playlist.taken, playlist.total) == (False, 700)
    assert next(entries)["title"] == "Film 0"


def test_pages_that_take_too_long_to_turn_end_the_counting() -> None:
    clock = iter(range(0, 10**6, 15))
    event = gather({"entries": links(10**6)}, job(), smuggle, lambda: next(clock))

    assert isinstance(event, Playlist)
    assert (event.taken, event.at_least) == (True, True)


def test_a_list_that_names_itself_leaves_itself_out() -> None:
    playlist = taken({"entries": [{"_type": "url", "url": PAGE}, *links(1)]})

    assert [entry.url for entry in playlist.entries] == ["https://example.org/0"]


def test_what_is_named_twice_is_taken_once() -> None:
    assert len(taken({"entries": [*links(2), *links(2)]}).entries) == 2


def test_lists_within_a_list_are_laid_flat() -> None:
    season = {"_type": "playlist", "entries": list(links(2))}

    assert len(taken({"entries": [season, {"_type": "url", "url": "https://example.org/extra"}]}).entries) == 3


def test_what_yt_dlp_packs_into_a_link_is_kept() -> None:
    packed = "https://example.org/1#__youtubedl_smuggle=%7B%22key%22%3A+1%7D"

    assert taken({"entries": [{"_type": "url", "url": packed}]}).entries[0].url == packed


def test_a_medium_of_a_page_with_several_leads_to_itself_and_not_to_the_page() -> None:
    direct = {"_type": "video", "url": "https://cdn.example.org/1.mp4", "title": "One", "duration": 5}
    manifest = {"formats": [{"url": "https://cdn.example.org/v", "manifest_url": "https://cdn.example.org/2.m3u8"}]}
    whole = {
        "formats": [
            {"url": "https://a.example.org/3", "acodec": "aac"},
            {"url": "https://b.example.org/3", "acodec": "none"},
        ]
    }
    page = {"webpage_url": "https://example.org/own"}

    playlist = taken({"entries": [direct, manifest, whole, page], "webpage_url": PAGE})

    assert [entry.url for entry in playlist.entries] == [
        "https://cdn.example.org/1.mp4#['referer', 'to_generic']",
        "https://cdn.example.org/2.m3u8#['referer', 'to_generic']",
        "https://a.example.org/3#['referer', 'to_generic']",
        "https://example.org/own",
    ]
    assert playlist.entries[0].duration == 5


@pytest.mark.parametrize("entries", [[], [None], [{}], [{"_type": "url"}], [{"_type": "url", "url": "x" * 9000}], None])
def test_a_list_without_anything_usable_is_a_failure(entries: object) -> None:
    event = gather({"entries": entries}, job(), smuggle)

    assert isinstance(event, Failed)
    assert event.error is ErrorClass.UNSUPPORTED


def test_each_of_two_players_on_a_page_is_a_film_of_its_own(engine: Engine, site: Site, new_job: NewJob) -> None:
    playlist = listed(engine, new_job(site.url("/two")))
    sizes = [finished(engine, new_job(entry.url)).files[0].size for entry in playlist.entries]

    assert len(sizes) == 2
    assert site.requests("/other.mp4")[-1].headers.get("referer") == site.url("/two")


def test_the_entries_of_a_list_can_be_fetched(engine: Engine, site: Site, new_job: NewJob) -> None:
    playlist = listed(engine, new_job(site.url("/playlist/3")))

    assert [entry.title for entry in playlist.entries] == ["Item 1", "Item 2", "Item 3"]
    assert finished(engine, new_job(playlist.entries[1].url)).files


def test_the_episodes_of_a_podcast_can_be_fetched(engine: Engine, site: Site, new_job: NewJob) -> None:
    playlist = listed(engine, new_job(site.url("/podcast")))
    done = finished(engine, new_job(playlist.entries[0].url, format=Format.AUDIO))

    assert [entry.title for entry in playlist.entries] == ["Episode 1", "Episode 2", "Episode 3"]
    assert {file.kind for file in done.files} >= {"audio"}


def test_a_list_of_100000_is_asked_about(engine: Engine, site: Site, new_job: NewJob) -> None:
    playlist = listed(engine, new_job(site.url("/playlist/100000")))

    assert (playlist.total, playlist.taken, playlist.entries) == (100_000, False, ())


def test_no_page_of_a_long_list_is_turned_before_it_is_confirmed(
    engine: Engine, fresh_site: Site, new_job: NewJob
) -> None:
    asked = listed(engine, new_job(fresh_site.url("/yt/pl-900")))
    pages_before = sum(fresh_site.hits(f"/yt/page-{number}") for number in range(18))
    confirmed = listed(engine, new_job(fresh_site.url("/yt/pl-900"), confirmed=True))
    pages_after = sum(fresh_site.hits(f"/yt/page-{number}") for number in range(18))

    assert (asked.taken, asked.total) == (False, 900)
    assert (confirmed.taken, confirmed.total, len(confirmed.entries)) == (True, 900, 500)
    assert pages_before == 0
    assert pages_after <= 11


def test_a_list_that_holds_only_itself_is_a_failure(engine: Engine, site: Site, new_job: NewJob) -> None:
    assert failed(engine, new_job(site.url("/yt/self"))).error is ErrorClass.UNSUPPORTED
