"""The worker's side of the queue: hand out what waits, perform one download, give back what runs."""

import contextlib
import errno
import itertools
import threading
import time
from pathlib import Path
from uuid import UUID

import structlog

from viddlws.downloads import filing, folders, moves, waiting
from viddlws.downloads.dispatching import dispatch
from viddlws.downloads.jobs import job
from viddlws.downloads.models import Download, State
from viddlws.downloads.pulse import Pulse, kept
from viddlws.downloads.upkeep import sweep, tidy
from viddlws.engine.messages import ErrorClass, Event, Failed, Finished, Found, Playlist, Progress, Started
from viddlws.engine.supervisor import EngineError
from viddlws.lib import bell
from viddlws.library import storage
from viddlws.library.engine_room import close, engine
from viddlws.library.errors import DiskFull, LibraryError

__all__ = ["close", "dispatch", "engine", "perform", "resume", "start", "stop", "sweep", "tidy"]

ROOM = 2.2  # times the expected size: what was fetched and what is made of it lie side by side for a while
PATIENCE = 5.0  # seconds to wait until an attempt before this one has let the folder go
_FULL = {errno.ENOSPC, errno.EDQUOT}

log = structlog.get_logger(__name__)
_stopping = threading.Event()


class Stopped(Exception):  # noqa: N818 (a wish, not a fault)
    """This process is to end."""


def start() -> None:
    """Warm up the engine, look for work, and clear what a killed worker could not."""
    try:
        engine().start()
    except EngineError as error:
        log.error("engine.broken", cause=str(error))  # each download tries again, and then says so
    for name in ("downloads.sweep", "downloads.dispatch", "downloads.tidy"):
        bell.ring(name)


def stop() -> None:
    """Take up nothing more; what runs is interrupted within a second and goes back into the queue, to be resumed."""
    _stopping.set()


def resume() -> None:
    """Take up work again after `stop`."""
    _stopping.clear()


def perform(download_id: UUID) -> None:
    """Do one download from claim to end. Does nothing when it is not due, or somebody else has it."""
    download = None if _stopping.is_set() else moves.claim(download_id)
    if download is None:
        return
    with structlog.contextvars.bound_contextvars(id=str(download.pk), attempt=download.attempts_made):
        try:
            with folders.held(download.pk, PATIENCE) as folder:
                _attempt(download, folder)
        except folders.InUse:
            with contextlib.suppress(moves.Fenced):
                moves.put_back(download)
    if not _stopping.is_set():
        dispatch()


def _attempt(download: Download, folder: Path) -> None:
    began = time.monotonic()
    log.info("download.started", site=download.site, format=download.format)
    try:
        end = _outcome(download, folder)
        if end is None:
            moves.put_back(download, folders.log_tail(folder))
            log.info("download.interrupted")
        elif isinstance(end, Failed):
            _fail(download, folder, end)
        else:
            log.info("download.finished", seconds=round(time.monotonic() - began, 3), bytes=_bytes(end))
    except moves.Fenced:
        log.info("download.taken_away")
        if not Download.objects.filter(pk=download.pk, state__in=(State.QUEUED, State.RUNNING)).exists():
            folders.clear(folder)


def _bytes(end: Finished | Playlist) -> int:
    return sum(file.size for file in end.files) if isinstance(end, Finished) else 0


def _fail(download: Download, folder: Path, failed: Failed) -> None:
    state = moves.fail(download, failed, folders.log_tail(folder))
    if state == State.FAILED and not failed.passing:
        folders.clear(folder)
    log.warning("download.failed", error=failed.error, again=state == State.QUEUED, message=failed.message)


def _outcome(download: Download, folder: Path) -> Finished | Playlist | Failed | None:
    """Fetch and file; None when this process is to end. Whatever goes wrong becomes a Failed, except Fenced."""
    try:
        end = filing.delivered(folder) or _fetch(download, folder)
        if isinstance(end, Finished):
            filing.keep(download, folder, end)
        elif isinstance(end, Playlist):
            return filing.spread(download, folder, end) or end
        return end
    except Stopped:
        return None
    except moves.Fenced:
        raise
    except EngineError as error:
        return Failed(ErrorClass.UNKNOWN, str(error), "Ask the administrator to run `viddlws doctor`.", passing=True)
    except DiskFull as error:
        return Failed(ErrorClass.DISK_FULL, error.message, error.advice)
    except LibraryError as error:
        filing.forget(folder)
        return Failed(ErrorClass.UNKNOWN, error.message, error.advice, passing=True)
    except Exception as error:
        return _broken(error)


def _broken(error: Exception) -> Failed:
    if isinstance(error, OSError) and error.errno in _FULL:
        return Failed(ErrorClass.DISK_FULL, "The disk is full.", waiting.MAKE_ROOM)
    log.exception("download.broke")
    return Failed(
        ErrorClass.UNKNOWN,
        "Something went wrong inside ViddlWS.",
        "Try again; if it happens again, show the administrator this download's log.",
        detail=type(error).__name__,
        passing=True,
    )


def _fetch(download: Download, folder: Path) -> Finished | Playlist | Failed:
    """Let the engine work, and stop it as soon as the row is taken away or this process is to end."""
    running = engine().run(job(download, folder))
    with contextlib.closing(running):
        with kept(download):  # an engine that was killed takes its time to start again
            begun = list(itertools.islice(running, 1))
        pulse = Pulse(download)
        for event in itertools.chain(begun, running):
            if _stopping.is_set():
                raise Stopped
            if isinstance(event, Finished | Playlist | Failed):
                return event
            if failed := _hear(download, folder, event, pulse):
                return failed
    raise EngineError("The engine ended without a result.")


def _hear(download: Download, folder: Path, event: Event, pulse: Pulse) -> Failed | None:
    if isinstance(event, Progress):
        pulse.tell(event)
    elif isinstance(event, Started):
        moves.attempt_of(download).update(engine_version=event.engine_version[:40])
    elif isinstance(event, Found):
        title = {} if download.title_given or not event.info.title else {"title": event.info.title[:1000]}
        pulse.save(expected_size=event.expected_size, **title)
        return _no_room(folder, event.expected_size or 0)
    return None


def _no_room(folder: Path, expected: int) -> Failed | None:
    space = storage.free_space()
    needed = ROOM * expected - folders.filled(folder)
    if needed <= space.free - space.reserve:
        return None
    words = f"It needs {waiting.size(needed)}, and {waiting.size(max(0, space.free - space.reserve))} are free."
    return Failed(ErrorClass.DISK_FULL, words, waiting.MAKE_ROOM)
