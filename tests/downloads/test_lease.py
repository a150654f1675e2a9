"""Workers die, hang, and come back late: each download is done once all the same."""

import os
import signal
import threading
import time
from datetime import timedelta
from pathlib import Path

import psutil
import pytest
from django.db import connection
from django.utils import timezone

from tests.downloads.acts import (
    asked,
    fresh,
    lapse,
    last_attempt,
    no_job_folders,
    performed,
    performing,
    tried_again,
    until,
)
from tests.site import Site
from viddlws.accounts.models import User
from viddlws.downloads import filing, moves, pulse, worker
from viddlws.downloads.models import Attempt, Download, State
from viddlws.engine.messages import Progress, Step
from viddlws.engine.supervisor import Engine
from viddlws.library import storage
from viddlws.library.models import Video

LINK = "https://videos.example.org/walk"


def claimed(user: User) -> Download:
    held = moves.claim(asked(user, LINK).pk)
    assert held
    return held


@pytest.mark.django_db(transaction=True)
def test_of_many_who_claim_at_once_one_has_it(alice: User) -> None:
    download = asked(alice, LINK)
    line, won = threading.Barrier(8), []

    def claim() -> None:
        line.wait()
        won.append(moves.claim(download.pk))
        connection.close()

    claimers = [threading.Thread(target=claim) for _ in range(8)]
    for each in claimers:
        each.start()
    for each in claimers:
        each.join()

    assert len(won) == 8
    assert sum(each is not None for each in won) == 1
    assert Attempt.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_ten_bells_for_one_download_are_one_run(site: Site, alice: User, works: Engine, media: Path) -> None:
    download = asked(alice, site.url("/video?t=ten-bells"))
    ringers = [performing(download) for _ in range(10)]
    for each in ringers:
        each.__enter__()
    for each in ringers:
        each.__exit__()

    assert fresh(download).state == State.DONE
    assert Attempt.objects.count() == 1
    assert site.hits("/video?t=ten-bells") == 1
    assert Video.objects.count() == 1


def test_a_lease_is_renewed_while_there_is_news(alice: User) -> None:
    held = claimed(alice)
    Download.objects.update(lease_until=timezone.now() + timedelta(seconds=2))

    pulse.Pulse(held).save(percent=12.5)

    row = fresh(held)
    assert row.percent == 12.5
    assert row.lease_until
    assert row.lease_until > timezone.now() + timedelta(seconds=10)


def test_progress_is_saved_once_a_second_and_only_when_it_changed(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    held = claimed(alice)
    telling = pulse.Pulse(held)
    seen = []
    for step in range(40):  # four a second, the last half without news
        now[0] += 0.25
        telling.tell(Progress(min(step, 20), Step.FETCHING, 1000.0, 3.0))
        seen.append(fresh(held).percent)

    assert sorted(set(seen)) == [0.0, 3.0, 7.0, 11.0, 15.0, 19.0, 20.0]


def test_a_lease_is_renewed_also_without_news(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    held = claimed(alice)
    telling = pulse.Pulse(held)
    telling.save(percent=0)
    Download.objects.update(lease_until=timezone.now() + timedelta(seconds=2))
    for _ in range(13):
        now[0] += 0.4
        telling.tell(Progress(0, Step.READING_PAGE))

    row = fresh(held)
    assert row.lease_until
    assert row.lease_until > timezone.now() + timedelta(seconds=10)


def test_work_whose_worker_vanished_is_found_and_queued_again(alice: User) -> None:
    held = claimed(alice)
    assert worker.sweep() == 0
    lapse(held)

    assert worker.sweep() == 1

    row = fresh(held)
    assert (row.state, row.attempts_made, row.token) == (State.QUEUED, 0, None)
    assert last_attempt(row).outcome == Attempt.Outcome.LOST
    assert moves.claim(row.pk)


def test_a_late_worker_changes_nothing(alice: User) -> None:
    late = claimed(alice)
    lapse(late)
    now_has_it = moves.claim(late.pk)  # a bell for a lapsed row is as good as the sweep
    assert now_has_it
    assert now_has_it.token != late.token

    with pytest.raises(moves.Fenced):
        moves.renew(late, percent=99)
    with pytest.raises(moves.Fenced):
        moves.finish(late, "", entry_count=1)
    moves.lose(late)

    row = fresh(late)
    assert (row.state, row.token, row.percent) == (State.RUNNING, now_has_it.token, 0)
    assert [attempt.outcome for attempt in row.attempts.all()] == ["lost", "running"]


def test_what_is_lost_again_and_again_has_failed(alice: User) -> None:
    download = asked(alice, LINK)
    for _ in range(4):
        assert moves.claim(download.pk)
        lapse(download)
        worker.sweep()

    row = fresh(download)
    assert (row.state, row.error_class) == (State.FAILED, "unknown")
    assert row.error_message == "The download process was lost 4 times."
    assert row.error_advice


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_lost_its_row_stops_its_engine(fresh_site: Site, alice: User, works: Engine, media: Path) -> None:
    download = asked(alice, fresh_site.url("/stall?gate=middle"))
    with performing(download):
        fresh_site.gate("middle").wait_for_request()
        lapse(download)
        worker.sweep()

    assert fresh(download).state == State.QUEUED
    assert not no_job_folders(media)  # for the next attempt


@pytest.mark.django_db(transaction=True)
def test_killing_the_process_that_fetches_is_a_failure_that_passes(
    fresh_site: Site, alice: User, works: Engine, media: Path
) -> None:
    download = asked(alice, fresh_site.url("/stall?gate=middle"))
    with performing(download):
        fresh_site.gate("middle").wait_for_request()
        (child,) = processes_in(media)
        os.kill(child, signal.SIGKILL)

    row = fresh(download)
    assert (row.state, row.attempts_made) == (State.QUEUED, 1)
    assert row.error_message
    fresh_site.gate("middle").open()
    assert tried_again(download).state == State.DONE
    assert no_job_folders(media)


def test_killed_between_filing_and_the_rows(
    site: Site, alice: User, works: Engine, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The files were moved, the rows not written, the worker gone: nothing is fetched or kept twice."""
    download = asked(alice, site.url("/clip.mp4?t=filing-killed"))
    held = moves.claim(download.pk)
    assert held
    folder = storage.job_folder(download.pk)
    folder.mkdir(parents=True)
    with monkeypatch.context() as killed:
        killed.setattr(moves, "finish", _killed)
        with pytest.raises(KeyboardInterrupt):
            worker._attempt(held, folder)
    assert filing.delivered(folder)
    hits = site.hits("/clip.mp4?t=filing-killed")
    lapse(download)
    worker.sweep()

    row = performed(download)

    assert row.state == State.DONE
    assert site.hits("/clip.mp4?t=filing-killed") == hits
    assert row.video
    named = sorted(file.path for file in row.video.files.all())
    assert sorted(str(path.relative_to(media)) for path in media.rglob("*.*") if _kept(path)) == named


def _killed(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def _kept(path: Path) -> bool:
    return path.is_file() and not path.name.startswith(".")


def processes_in(media: Path) -> list[int]:
    """Processes that work in a job's folder."""
    found: list[int] = []

    def look() -> bool:
        found[:] = []
        for process in psutil.process_iter():
            try:
                if Path(process.cwd()).is_relative_to(media / ".jobs"):
                    found.append(process.pid)
            except (psutil.Error, OSError):
                continue
        return bool(found)

    until(look)
    return found
