"""The course of a rendering: one finished file of ours to another that plays everywhere.

Runs inside the child, in the job's folder, without any network; the source is only read.
"""

import os
import time
from collections.abc import Callable
from pathlib import Path

from viddlws.engine import errors
from viddlws.engine.evidence import clean_detail
from viddlws.engine.finalise import FinaliseError, Stream, finalise
from viddlws.engine.messages import ErrorClass, Event, Failed, Finished, Progress, Render, Step
from viddlws.engine.progress import Throttle

TELLING = 0.25  # least seconds between two events of progress
NICENESS = 10  # downloads and pages come first
COMPUTING = 24 * 3600  # seconds of one processor: eight hours of film on a slow machine


class DiskNearlyFullError(Exception):
    """What must stay free no longer is."""

    failed = errors.failure("disk-full")  # `errors.classify` takes it as it is


def perform(job: Render, ffmpeg: str, tell: Callable[[Event], None]) -> Event:
    """Make the file in `job.folder`; the last event. Raises OSError."""
    folder, throttle = Path(job.folder), Throttle(TELLING)

    def report(step: Step, fraction: float) -> None:
        progress = Progress(100 * fraction, step)
        if throttle.passes(progress, time.monotonic()):
            _check_disk(folder, job.limits.reserve)
            tell(progress)

    thumbnail = Path(job.thumbnail) if job.thumbnail else None
    try:
        files = finalise(folder, job, job.info, [Stream(Path(job.source), "muxed")], (), thumbnail, ffmpeg, report)
    except FinaliseError as error:
        return _unrendered(error)
    return Finished(job.info, tuple(file for file in files if file.kind == job.format))


def _check_disk(folder: Path, reserve: int) -> None:
    disk = os.statvfs(folder)
    if disk.f_bavail * disk.f_frsize < reserve:
        raise DiskNearlyFullError


def _unrendered(error: FinaliseError) -> Failed:
    """Only what ffmpeg stumbled over may go better another time: the source stays as it is."""
    if error.kind == "disk-full":
        return errors.failure("disk-full", detail=error.detail)
    if error.kind == "failed":
        return errors.failure("conversion-failed", detail=error.detail)
    kind = ErrorClass.UNSUPPORTED if error.kind == "not-media" else ErrorClass.UNKNOWN
    return Failed(kind, error.message, "Download it again if it does not play.", clean_detail(error.detail))
