"""Cancelled stays cancelled, whatever the worker does."""

import time
from pathlib import Path

import pytest

from tests.downloads.acts import (
    Aside,
    asked,
    files_in,
    fresh,
    last_attempt,
    no_job_folders,
    performed,
    performing,
    tried_again,
    until,
)
from tests.site import Site
from viddlws.accounts.models import User
from viddlws.downloads import moves, services, worker
from viddlws.downloads.errors import NotNow
from viddlws.downloads.models import Attempt, Download, State
from viddlws.engine.messages import ErrorClass, Failed
from viddlws.engine.supervisor import Engine
from viddlws.library.models import Video

LINK = "https://videos.example.org/walk"


def test_a_waiting_download_is_cancelled(alice: User) -> None:
    download = asked(alice, LINK)

    assert services.cancel(alice, download.pk).state == State.CANCELLED
    assert moves.claim(download.pk) is None


@pytest.mark.django_db(transaction=True)
def test_a_running_download_ends_within_a_second(fresh_site: Site, alice: User, works: Engine, media: Path) -> None:
    download = asked(alice, fresh_site.url("/stall?gate=middle"))
    with performing(download):
        fresh_site.gate("middle").wait_for_request()
        services.cancel(alice, download.pk)
        began = time.monotonic()
    took = time.monotonic() - began

    assert took < 2.5  # a second, and a busy machine
    row = fresh(download)
    assert (row.state, row.token, row.video) == (State.CANCELLED, None, None)
    assert last_attempt(row).outcome == Attempt.Outcome.CANCELLED
    assert no_job_folders(media)
    assert files_in(media) == []


@pytest.mark.django_db(transaction=True)
def test_cancelled_while_it_is_being_filed(
    site: Site, alice: User, works: Engine, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The files are in the library already when the row is taken away: they go again."""
    from viddlws.library import storage

    place = storage.place
    download = asked(alice, site.url("/clip.mp4?t=filing"))

    def place_then_cancel(*given: object) -> object:
        placed = place(*given)  # type: ignore[arg-type]
        assert files_in(media)
        with Aside(lambda: services.cancel(alice, download.pk)):
            return placed

    monkeypatch.setattr(storage, "place", place_then_cancel)
    row = performed(download)

    assert row.state == State.CANCELLED
    assert not Video.objects.exists()
    assert no_job_folders(media)
    assert not [name for name in files_in(media) if name.endswith((".mp4", ".jpg", ".json"))]


def test_nothing_a_late_worker_does_brings_it_back(alice: User) -> None:
    download = asked(alice, LINK)
    held = moves.claim(download.pk)
    assert held
    services.cancel(alice, download.pk)

    for late in (
        lambda: moves.renew(held, percent=50),
        lambda: moves.finish(held, "", entry_count=1),
        lambda: moves.fail(held, Failed(ErrorClass.NETWORK, "No.", "", passing=True), ""),
        lambda: moves.put_back(held),
    ):
        with pytest.raises(moves.Fenced):
            late()
    moves.lose(held)

    row = fresh(download)
    assert (row.state, row.percent) == (State.CANCELLED, 0)


@pytest.mark.django_db(transaction=True)
def test_cancelled_and_at_once_tried_again_has_one_engine_in_its_folder(
    fresh_site: Site, alice: User, works: Engine, media: Path
) -> None:
    download = asked(alice, fresh_site.url("/stall?gate=middle"))
    with performing(download):
        fresh_site.gate("middle").wait_for_request()
        services.cancel(alice, download.pk)
        services.retry(alice, download.pk)
        with performing(download):
            fresh_site.gate("middle").wait_for_request()
            fresh_site.gate("middle").open()

    row = fresh(download)
    assert row.state == State.DONE, row.error_message
    assert [attempt.outcome for attempt in row.attempts.all()] == ["cancelled", "done"]
    assert no_job_folders(media)


def test_it_can_be_tried_again(site: Site, alice: User, works: Engine) -> None:
    download = asked(alice, site.url("/clip.mp4?t=again"))
    services.cancel(alice, download.pk)

    assert services.retry(alice, download.pk).state == State.QUEUED
    assert tried_again(download).state == State.DONE


def test_what_is_over_cannot_be_cancelled(alice: User) -> None:
    download = asked(alice, LINK)
    Download.objects.update(state=State.DONE, entry_count=3)

    with pytest.raises(NotNow) as refusal:
        services.cancel(alice, download.pk)
    assert refusal.value.message


def test_cancelling_twice_is_cancelling(alice: User) -> None:
    download = asked(alice, LINK)
    services.cancel(alice, download.pk)
    assert services.cancel(alice, download.pk).state == State.CANCELLED


@pytest.mark.django_db(transaction=True)
def test_a_running_download_can_be_removed(fresh_site: Site, alice: User, works: Engine, media: Path) -> None:
    download = asked(alice, fresh_site.url("/stall?gate=middle"))
    with performing(download):
        fresh_site.gate("middle").wait_for_request()
        assert services.remove(alice, [download.pk]) == 1

    assert not Download.objects.exists()
    assert no_job_folders(media)


@pytest.mark.django_db(transaction=True)
def test_removing_what_is_done_removes_its_files(site: Site, alice: User, works: Engine, media: Path) -> None:
    download = performed(asked(alice, site.url("/clip.mp4?t=remove")))
    assert any(name.endswith(".mp4") for name in files_in(media))

    assert services.remove(alice, [download.pk]) == 1

    assert not Video.objects.exists()
    assert not Download.objects.exists()
    assert not [name for name in files_in(media) if name.endswith((".mp4", ".jpg", ".json"))]


@pytest.mark.django_db(transaction=True)
def test_ending_the_worker_gives_back_what_runs(fresh_site: Site, alice: User, works: Engine, media: Path) -> None:
    download = asked(alice, fresh_site.url("/big/4.mp4?gate=middle&after=3000000"))
    with performing(download):
        until(lambda: any(part.stat().st_size for part in media.glob(".jobs/*/*.part")))
        worker.stop()

    row = fresh(download)
    assert (row.state, row.attempts_made) == (State.QUEUED, 0)
    assert last_attempt(row).outcome == Attempt.Outcome.STOPPED
    assert not no_job_folders(media)

    assert performed(download).state == State.QUEUED  # a worker that ends takes up nothing

    worker.resume()
    fresh_site.gate("middle").open()
    assert performed(download).state == State.DONE
    ranges = [hit.headers.get("range") for hit in fresh_site.requests("/big/4.mp4")]
    assert any(each and not each.startswith("bytes=0-") for each in ranges), ranges  # it went on where it was
    until(lambda: no_job_folders(media))
