"""Whatever dies, the others notice: nothing hangs, nothing is left running."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from tests.engine.running import finished, started, until_fetching, wait_for_end
from tests.site import Site
from viddlws.engine.messages import ErrorClass, Event, Failed, Finished, Job
from viddlws.engine.supervisor import Engine, EngineSettings

NewJob = Callable[..., Job]
ROOT = Path(__file__).parents[2]
WORKER = """
import sys
from pathlib import Path
from viddlws.engine.messages import Job
from viddlws.engine.supervisor import Engine, EngineSettings

folder, link = Path(sys.argv[1]), sys.argv[2]
engine = Engine(EngineSettings(folder / "home", folder / "jobs", allowed_networks=("127.0.0.0/8",)))
for event in engine.run(Job("orphan", link, str(folder / "jobs" / "orphan"))):
    print(type(event).__name__, getattr(event, "step", ""), getattr(event, "pid", ""), flush=True)
"""


@pytest.fixture
def own_engine(tmp_path: Path) -> Iterator[Engine]:
    """An engine that may be broken."""
    engine = Engine(EngineSettings(tmp_path / "home", tmp_path / "jobs", allowed_networks=("127.0.0.0/8",)))
    yield engine
    engine.close()


def stalled_job(site: Site, folder: Path) -> Job:
    return Job("stalled", site.url("/stall"), str(folder / "jobs" / "stalled"))


def end_of(events: Iterator[Event]) -> Event:
    *_, event = events
    return event


def test_a_killed_process_is_a_failure_that_may_pass(engine: Engine, fresh_site: Site, new_job: NewJob) -> None:
    events = engine.run(new_job(fresh_site.url("/stall")))
    pid = started(events)
    until_fetching(events)

    os.kill(pid, signal.SIGKILL)

    end = end_of(events)
    assert isinstance(end, Failed)
    assert (end.error, end.passing) == (ErrorClass.UNKNOWN, True)
    assert "SIGKILL" in end.detail


def test_after_a_kill_the_job_goes_on_where_it_stopped(engine: Engine, fresh_site: Site, new_job: NewJob) -> None:
    job = new_job(fresh_site.url("/drip?rate=400000"))
    events = engine.run(job)
    pid = started(events)
    next(event for event in events if getattr(event, "downloaded", 0) > 200_000)
    os.kill(pid, signal.SIGKILL)
    assert isinstance(end_of(events), Failed)

    film = next(file for file in finished(engine, job).files if file.kind == "video")

    again = fresh_site.requests("/drip")[-1].headers.get("range", "")
    assert again.startswith("bytes=")
    assert again != "bytes=0-"
    assert film.duration == pytest.approx(12, abs=0.5)


def test_the_death_of_the_zygote_fails_its_jobs_and_the_next_gets_a_new_one(
    own_engine: Engine, fresh_site: Site, tmp_path: Path
) -> None:
    job = stalled_job(fresh_site, tmp_path)
    events = own_engine.run(job)
    pid = started(events)
    until_fetching(events)
    zygote = psutil.Process(pid).ppid()

    os.kill(zygote, signal.SIGKILL)

    assert isinstance(end_of(events), Failed)
    wait_for_end(pid, zygote)
    fresh_site.gate("stall").open()
    assert finished(own_engine, job).files


def test_the_death_of_the_worker_ends_everything(fresh_site: Site, tmp_path: Path) -> None:
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER, str(tmp_path), fresh_site.url("/stall")],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert worker.stdout is not None
    pid = int(worker.stdout.readline().split()[1])
    zygote = psutil.Process(pid).ppid()
    for line in worker.stdout:
        if "fetching" in line:
            break

    worker.kill()

    wait_for_end(pid, zygote)
    worker.wait()
    worker.stdout.close()


def test_a_drained_zygote_ends_after_its_last_job_while_another_takes_the_new_ones(
    own_engine: Engine, fresh_site: Site, tmp_path: Path
) -> None:
    events = own_engine.run(stalled_job(fresh_site, tmp_path))
    pid = started(events)
    until_fetching(events)
    zygote = psutil.Process(pid).ppid()

    os.kill(zygote, signal.SIGTERM)
    parent = zygote
    while parent == zygote:  # until it has heard, it takes jobs, and brings them to their end
        new = own_engine.run(Job("new", fresh_site.url("/clip.mp4"), str(tmp_path / "jobs" / "new")))
        parent = psutil.Process(started(new)).ppid()
        assert isinstance(end_of(new), Finished)

    fresh_site.gate("stall").open()
    assert isinstance(end_of(events), Finished)
    wait_for_end(zygote)


def test_closing_the_engine_fails_what_runs(own_engine: Engine, fresh_site: Site, tmp_path: Path) -> None:
    events = own_engine.run(stalled_job(fresh_site, tmp_path))
    pid = started(events)
    until_fetching(events)

    own_engine.close()

    assert isinstance(end_of(events), Failed)
    wait_for_end(pid)


def test_the_zygote_is_told_no_secrets(own_engine: Engine, monkeypatch: pytest.MonkeyPatch, fresh_site: Site) -> None:
    monkeypatch.setenv("VIDDLWS_SECRET_KEY", "not-for-the-engine")
    events = own_engine.run(stalled_job(fresh_site, own_engine._settings.home.parent))
    pid = started(events)

    for process in (pid, psutil.Process(pid).ppid()):
        assert "not-for-the-engine" not in Path(f"/proc/{process}/environ").read_text()
    events.close()
