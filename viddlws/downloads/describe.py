"""Downloads as plain values, the way the command line prints them and the API answers them."""

from collections.abc import Iterable
from typing import Any

from django.db.models import prefetch_related_objects

from viddlws.downloads.models import Download, State
from viddlws.downloads.waiting import MAKE_ROOM, queue_paused
from viddlws.engine.messages import ErrorClass
from viddlws.library import storage
from viddlws.library.models import MediaFile


def describe(downloads: Iterable[Download]) -> list[dict[str, Any]]:
    """One dictionary for each, ready for JSON, in the same order. The number of queries does not depend on how many.

    Keys: id, state, title, url, format, tags, attempts; progress (percent, step, speed in bytes per second, eta in
    seconds) while it runs, else None; error (class, message, advice) of the last attempt, else why the whole queue is
    paused, else None; files as fetched (kind, absolute path, size in bytes, mime, duration in seconds, width, height),
    not what was made of them for feeds.
    """
    rows = list(downloads)
    prefetch_related_objects(rows, "tags", "video__tags", "video__files")
    paused = queue_paused() if any(row.state == State.QUEUED for row in rows) else ""
    return [_described(row, paused) for row in rows]


def _described(row: Download, paused: str) -> dict[str, Any]:
    video = row.video
    return {
        "id": str(row.pk),
        "state": str(row.state),
        "title": video.title if video else row.title,
        "url": row.plain_url,
        "format": str(row.format),
        "tags": [tag.name for tag in (video or row).tags.all()],
        "attempts": row.attempts_made,
        "progress": _progress(row) if row.state == State.RUNNING else None,
        "error": _error(row, paused),
        "files": [_file(file) for file in video.files.all() if not file.derived] if video else [],
    }


def _progress(row: Download) -> dict[str, Any]:
    return {"percent": row.percent, "step": str(row.step), "speed": row.speed, "eta": row.eta}


def _error(row: Download, paused: str) -> dict[str, Any] | None:
    if row.error_class:
        return {"class": str(row.error_class), "message": row.error_message, "advice": row.error_advice}
    if paused and row.state == State.QUEUED:
        return {"class": str(ErrorClass.DISK_FULL), "message": paused, "advice": MAKE_ROOM}
    return None


def _file(file: MediaFile) -> dict[str, Any]:
    return {
        "kind": file.kind,
        "path": str(storage.path_of(file)),
        "size": file.size,
        "mime": file.mime,
        "duration": file.duration,
        "width": file.width,
        "height": file.height,
    }
