"""A list becomes one download for each entry; a long one is asked about first."""

from pathlib import Path

import pytest
from pytest_django import Settings

from tests.downloads.acts import asked, no_job_folders, option, performed, tried_again
from tests.site import Site
from viddlws.accounts.models import User
from viddlws.downloads import filing, moves, services
from viddlws.downloads.models import SMUGGLED, Download, State
from viddlws.engine.messages import Entry, Playlist
from viddlws.engine.supervisor import Engine


def test_each_entry_becomes_a_download_of_its_own(site: Site, alice: User, works: Engine, media: Path) -> None:
    playlist = performed(asked(alice, site.url("/playlist/3"), format="audio", tags=["list"]))

    assert (playlist.state, playlist.entry_count, playlist.title) == (State.DONE, 3, "A list of 3")
    entries = list(playlist.entries.order_by("requested_at"))
    assert [entry.plain_url for entry in entries] == [site.url(f"/item/{n}") for n in (1, 2, 3)]
    assert {(entry.owner, entry.format, entry.state) for entry in entries} == {(alice, "audio", State.QUEUED)}
    assert all([tag.name for tag in entry.tags.all()] == ["list"] for entry in entries)
    assert no_job_folders(media)
    assert performed(entries[0]).state == State.DONE


def test_entries_somebody_has_already_stay_as_they_are(site: Site, alice: User, works: Engine) -> None:
    have = asked(alice, site.url("/item/2"), title="Mine")
    playlist = performed(asked(alice, site.url("/playlist/3?again=1")))

    assert playlist.entry_count == 3
    assert playlist.entries.count() == 2
    have.refresh_from_db()
    assert (have.title, have.playlist) == ("Mine", None)


def test_two_players_on_a_page_are_two_downloads_that_work(site: Site, alice: User, works: Engine) -> None:
    page = performed(asked(alice, site.url("/two")))

    assert page.entry_count == 2
    done = [performed(entry) for entry in page.entries.all()]
    assert [entry.state for entry in done] == [State.DONE, State.DONE], [entry.error_message for entry in done]
    assert not any("smuggle" in entry.plain_url for entry in done)
    assert not any("smuggle" in entry.video.url for entry in done if entry.video)


def test_a_hundred_thousand_entries_are_asked_about_first(
    fresh_site: Site, alice: User, works: Engine, settings: Settings
) -> None:
    option(settings, playlist_limit=60)
    download = performed(asked(alice, fresh_site.url("/yt/pl-100000")))

    assert (download.state, download.error_class) == (State.FAILED, "too-large")
    assert download.error_message == "The list has 100,000 entries."
    assert download.error_advice == "Add the first 60?"
    assert not download.entries.exists()

    services.retry(alice, download.pk, confirmed=True)
    download = tried_again(download)

    assert (download.state, download.entry_count) == (State.DONE, 60), download.error_message
    assert download.entries.count() == 60


def test_a_list_that_fits_is_offered_whole(site: Site, alice: User, works: Engine) -> None:
    download = performed(asked(alice, site.url("/playlist/70")))

    assert download.error_message == "The list has 70 entries."
    assert download.error_advice == "Add all 70?"
    again = services.request(alice, site.url("/playlist/70"), confirmed=True)
    assert again[0].outcome == "again"
    assert tried_again(download).entry_count == 70


def test_entries_that_point_into_our_own_network_are_refused_one_by_one(alice: User, media: Path) -> None:
    playlist = moves.claim(asked(alice, "https://videos.example.org/list").pk)
    assert playlist
    entries = (Entry("http://10.0.0.1/admin", "inside"), Entry("https://videos.example.org/1"), Entry("file:///etc/x"))

    assert filing.spread(playlist, media, Playlist("L", entries, 3, taken=True)) is None

    states = {entry.url: (entry.state, entry.error_class) for entry in playlist.entries.all()}
    assert states == {
        "http://10.0.0.1/admin": (State.FAILED, "blocked"),
        "https://videos.example.org/1": (State.QUEUED, ""),
        "file:///etc/x": (State.FAILED, "blocked"),
    }
    assert all(entry.error_message for entry in playlist.entries.filter(state=State.FAILED))


def test_several_media_of_one_page_are_several_downloads(alice: User, media: Path) -> None:
    playlist = moves.claim(asked(alice, "https://videos.example.org/page").pk)
    assert playlist
    links = [f"https://videos.example.org/film{SMUGGLED}={n}" for n in (1, 2, 2)]

    filing.spread(playlist, media, Playlist("L", tuple(map(Entry, links)), 3, taken=True))

    assert sorted(entry.url for entry in playlist.entries.all()) == links[:2]


def test_a_cancelled_list_brings_no_entries(alice: User, media: Path) -> None:
    playlist = moves.claim(asked(alice, "https://videos.example.org/list").pk)
    assert playlist
    services.cancel(alice, playlist.pk)

    with pytest.raises(moves.Fenced):
        filing.spread(playlist, media, Playlist("L", (Entry("https://videos.example.org/1"),), 1, taken=True))
    assert Download.objects.get() == playlist


def test_a_list_asked_for_again_is_read_again(site: Site, alice: User, works: Engine, media: Path) -> None:
    first = performed(asked(alice, site.url("/playlist/2?grows=1")))
    Download.objects.filter(playlist=first).first().delete()  # type: ignore[union-attr] # as if it were new on the site

    [answer] = services.request(alice, site.url("/playlist/2?grows=1"))

    assert answer.outcome == "again"
    assert answer.download
    again = performed(answer.download)
    assert (again.pk, again.state, again.entry_count) == (first.pk, State.DONE, 2)
    assert again.entries.count() == 2


def test_a_list_in_a_list_in_a_list_in_a_list_ends(site: Site, alice: User, works: Engine, media: Path) -> None:
    outer = None
    for level in range(filing.DEEPEST + 1):
        inner = asked(alice, site.url(f"/playlist/2?level={level}"))
        Download.objects.filter(pk=inner.pk).update(playlist=outer)
        outer = inner

    ended = performed(inner)

    assert (ended.state, ended.error_class) == (State.DONE, "")
    Download.objects.filter(pk=ended.entries.first().pk).update(url=site.url("/playlist/2?deepest=1"))  # type: ignore[union-attr]
    deepest = performed(ended.entries.first())  # type: ignore[arg-type]
    assert (deepest.state, deepest.error_class) == (State.FAILED, "unsupported")
