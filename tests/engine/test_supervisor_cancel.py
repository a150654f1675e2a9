"""A job that nobody wants any more ends at once, with all it has started."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.engine.running import finished, processes_in, started, until_fetching, wait_for_end
from tests.site import Site
from viddlws.engine.messages import Event, Job
from viddlws.engine.supervisor import Engine

NewJob = Callable[..., Job]


def test_closing_the_events_ends_the_process(engine: Engine, fresh_site: Site, new_job: NewJob) -> None:
    events = engine.run(new_job(fresh_site.url("/stall")))
    pid = started(events)
    until_fetching(events)

    before = time.monotonic()
    events.close()
    took = time.monotonic() - before

    assert not Path(f"/proc/{pid}").exists()  # reaped, not merely dying
    assert took < 1.0


def test_a_site_that_does_not_answer_cannot_hold_a_job(engine: Engine, fresh_site: Site, new_job: NewJob) -> None:
    events = engine.run(new_job(fresh_site.url("/hang")))
    pid = started(events)
    fresh_site.gate("hang").wait_for_request()

    events.close()

    assert not Path(f"/proc/{pid}").exists()


def test_programs_end_with_their_job(engine: Engine, fresh_site: Site, new_job: NewJob) -> None:
    job = new_job(fresh_site.url("/yt/live"), live=True)
    events = engine.run(job)
    programs = _programs(events, job)
    assert programs

    events.close()

    wait_for_end(*programs)


def test_programs_end_when_their_job_is_killed(engine: Engine, fresh_site: Site, new_job: NewJob) -> None:
    job = new_job(fresh_site.url("/yt/live"), live=True)
    events = engine.run(job)
    pid = started(events)
    programs = _programs(events, job)

    os.kill(pid, signal.SIGKILL)

    wait_for_end(pid, *programs)
    events.close()


def test_a_cancelled_job_can_be_begun_again(engine: Engine, fresh_site: Site, new_job: NewJob) -> None:
    job = new_job(fresh_site.url("/stall"))
    events = engine.run(job)
    until_fetching(events)
    events.close()
    fresh_site.gate("stall").open()

    assert finished(engine, job).files


def _programs(events: Iterator[Event], job: Job) -> list[int]:
    """The pids of what the job's process has started, as soon as there is one."""
    for _ in events:
        found = [process.pid for process in processes_in(job.folder) if "ffmpeg" in process.name()]
        if found:
            return found
    return []
