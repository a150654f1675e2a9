"""What several tests of the running engine do."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from viddlws.engine.messages import Event, Failed, Finished, Job, Playlist, Progress, Started, Step
from viddlws.engine.supervisor import Engine

PATIENCE = 20.0  # seconds
FETCHING = {Step.FETCHING, Step.FETCHING_VIDEO, Step.FETCHING_AUDIO}


def last(engine: Engine, job: Job) -> Event:
    *_, event = engine.run(job)
    return event


def finished(engine: Engine, job: Job) -> Finished:
    event = last(engine, job)
    assert isinstance(event, Finished), event
    return event


def failed(engine: Engine, job: Job) -> Failed:
    event = last(engine, job)
    assert isinstance(event, Failed), event
    return event


def listed(engine: Engine, job: Job) -> Playlist:
    event = last(engine, job)
    assert isinstance(event, Playlist), event
    return event


def started(events: Iterator[Event]) -> int:
    """The pid of the job's process."""
    event = next(events)
    assert isinstance(event, Started)
    return event.pid


def until_fetching(events: Iterator[Event]) -> Progress:
    """Read events until the first of media being fetched."""
    return next(event for event in events if isinstance(event, Progress) and event.step in FETCHING)


def wait_for_end(*pids: int) -> None:
    """Return when none of these processes runs any more. Raises TimeoutError."""
    deadline = time.monotonic() + PATIENCE
    while any(_runs(pid) for pid in pids):
        if time.monotonic() > deadline:
            raise TimeoutError(f"still running: {[pid for pid in pids if _runs(pid)]}")
        os.sched_yield()


def processes_in(folder: str) -> list[psutil.Process]:
    """Those that work in a job's folder."""
    found = []
    for process in psutil.process_iter():
        try:
            if Path(process.cwd()) == Path(folder):
                found.append(process)
        except (psutil.NoSuchProcess, psutil.AccessDenied, OSError):
            continue
    return found


def _runs(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
