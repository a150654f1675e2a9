"""The worker's side of renditions: one at a time, made by the engine, filed beside the video's other files."""

import contextlib
import threading
import time
from datetime import datetime
from pathlib import Path
from uuid import UUID

import structlog
from django.conf import settings
from django.db import DatabaseError, InterfaceError, close_old_connections

from viddlws.engine.messages import Chapter, ErrorClass, Failed, File, Finished, Format, Limits, MediaInfo, Render
from viddlws.engine.supervisor import EngineError
from viddlws.lib import bell
from viddlws.library import folders, renditions, storage
from viddlws.library.engine_room import engine
from viddlws.library.errors import DiskFull, LibraryError
from viddlws.library.models import MediaFile, Rendition
from viddlws.library.renditions import Fenced

PATIENCE = 5.0  # seconds to wait until an attempt before this one has let the folder go
RENEW = 2.0  # seconds between two renewals of the lease; as long it takes to notice that a video was removed

log = structlog.get_logger(__name__)
_stopping = threading.Event()


class Stopped(Exception):  # noqa: N818 (a wish, not a fault)
    """This process is to end."""


def stop() -> None:
    """Take up nothing more; what runs is given back within a second."""
    _stopping.set()


def resume() -> None:
    """Take up work again after `stop`."""
    _stopping.clear()


def render() -> None:
    """Make the next rendition, if one is wanted and none is being made. Nothing is begun on a nearly full disk."""
    if _stopping.is_set():
        return
    renditions.sweep()
    rendition_id = renditions.due()
    if rendition_id and not storage.free_space().short:
        perform(rendition_id)


def perform(rendition_id: UUID) -> None:
    """Make one rendition from claim to end. Does nothing when it is not due, or another is being made."""
    rendition = renditions.claim(rendition_id)
    if rendition is None:
        return
    with structlog.contextvars.bound_contextvars(id=str(rendition.video_id), kind=rendition.kind):
        try:
            with folders.held(rendition.pk, PATIENCE) as folder:
                _attempt(rendition, folder)
        except folders.InUse:
            with contextlib.suppress(Fenced):
                renditions.put_back(rendition, wait=renditions.LEASE)
    if not _stopping.is_set():
        bell.ring("library.render")


def _attempt(rendition: Rendition, folder: Path) -> None:
    began = time.monotonic()
    try:
        storage.unplace(folder)  # what an attempt before this one moved and did not file
        failed = _outcome(rendition, folder)
        if failed:
            _fail(rendition, failed)
        else:
            log.info("rendition.finished", seconds=round(time.monotonic() - began, 3))
    except Stopped:
        with contextlib.suppress(Fenced):
            renditions.put_back(rendition)
    except Fenced:
        log.info("rendition.taken_away")
    finally:
        folders.clear(folder)


def _fail(rendition: Rendition, failed: Failed) -> None:
    if failed.error is ErrorClass.DISK_FULL:
        renditions.put_back(rendition, failed.message, renditions.DISK_PAUSE)
        again = True
    else:
        again = renditions.fail(rendition, failed.message, failed.passing)
    log.warning("rendition.failed", error=failed.error, again=again, message=failed.message)


def _outcome(rendition: Rendition, folder: Path) -> Failed | None:
    """Make and file it; None when it is there. Raises Stopped and Fenced; all else becomes a Failed."""
    try:
        source = renditions.source_of(rendition)
        if source is None or not storage.path_of(source).is_file():
            return Failed(ErrorClass.GONE, "The file it would be made of is not there.", "")
        space = storage.free_space()
        if space.free - source.size < space.reserve:
            return Failed(ErrorClass.DISK_FULL, "The disk is nearly full.", "")
        last = _made(rendition, _job(rendition, source, folder, space.reserve))
        return last if isinstance(last, Failed) else _keep(rendition, folder, last)
    except (Stopped, Fenced):
        raise
    except EngineError as error:
        return Failed(ErrorClass.UNKNOWN, str(error), "", passing=True)
    except DiskFull as error:
        return Failed(ErrorClass.DISK_FULL, error.message, "")
    except LibraryError as error:
        return Failed(ErrorClass.UNKNOWN, error.message, "", passing=True)
    except Exception:
        log.exception("rendition.broke")
        return Failed(ErrorClass.UNKNOWN, "Something went wrong inside ViddlWS.", "", passing=True)


def _job(rendition: Rendition, source: MediaFile, folder: Path, reserve: int) -> Render:
    picture = MediaFile.objects.filter(video=rendition.video_id, kind=MediaFile.Kind.THUMBNAIL).first()
    thumbnail = storage.path_of(picture) if picture else None
    options = settings.OPTIONS
    return Render(
        id=str(rendition.pk),
        source=str(storage.path_of(source)),
        folder=str(folder),
        format=Format(rendition.kind),
        thumbnail=str(thumbnail) if thumbnail and thumbnail.is_file() else "",
        info=_info(rendition),
        limits=Limits(
            size=options.max_size, stall=options.stall_timeout, total=options.task_time_limit, reserve=reserve
        ),
    )


def _info(rendition: Rendition) -> MediaInfo:
    video = rendition.video
    published: datetime | None = video.published_at
    return MediaInfo(
        title=video.title,
        channel=video.channel,
        extractor_id=video.extractor_id,
        webpage_url=video.webpage_url,
        published=published.isoformat() if published else "",
        chapters=tuple(Chapter(**each) for each in video.chapters),
    )


def _made(rendition: Rendition, job: Render) -> Finished | Failed:
    """Let the engine work, and stop it as soon as the row is taken away or this process is to end."""
    renewed = time.monotonic()
    with contextlib.closing(engine().render(job)) as events:
        for event in events:
            if _stopping.is_set():
                raise Stopped
            if isinstance(event, Finished | Failed):
                return event
            if time.monotonic() - renewed >= RENEW:
                _renew(rendition)
                renewed = time.monotonic()
    raise EngineError("The engine ended without a result.")


def _renew(rendition: Rendition) -> None:
    """A database that is away for a moment does not end an hour's work."""
    try:
        renditions.renew(rendition)
    except (DatabaseError, InterfaceError) as error:
        log.warning("rendition.unsaved", cause=type(error).__name__)
        close_old_connections()


def _keep(rendition: Rendition, folder: Path, finished: Finished) -> Failed | None:
    """File what was made. Raises Fenced. A kill at any point loses and doubles nothing: what was moved and not filed
    is taken back by the next attempt, or when the folder is tidied away."""
    (file,) = finished.files
    if not _is_ready(file):
        return Failed(ErrorClass.UNKNOWN, "The converted file would not play everywhere.", "")
    renditions.renew(rendition)
    video = rendition.video
    (placed,) = storage.place(video.pk, video.owner, finished.info, video.title, folder, [file])
    renditions.finish(rendition, placed)
    return None


def _is_ready(file: File) -> bool:
    return MediaFile(mime=file.mime, codecs=",".join(file.codecs)).plays_in_podcast_apps
