"""What is done by the clock: find work whose worker vanished, clear what nobody owns."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID

import structlog
from django.db.models import Q
from django.utils import timezone

from viddlws.downloads import folders, moves
from viddlws.downloads.models import Download, State
from viddlws.lib import bell
from viddlws.library import plans, storage
from viddlws.library import services as library

KEPT = timedelta(days=1)  # how long a failed download's folder waits for somebody to try again

log = structlog.get_logger(__name__)


def sweep() -> int:
    """Queue again what is running by a lease that has ended; how many."""
    lost = [download for download in Download.objects.filter(moves.lapsed()) if moves.lose(download)]
    for download in lost:
        log.warning("download.lost", id=str(download.pk), attempt=download.attempts_made)
    if lost:
        bell.ring("downloads.dispatch")
    return len(lost)


def tidy() -> int:
    """Remove folders of downloads that nobody works on any more, and what the library no longer names; how many."""
    gone = 0
    for folder in _job_folders():
        if not _needed(folder) and folders.drop(UUID(folder.name)):
            gone += 1
    return gone + library.tidy()


def _job_folders() -> list[Path]:
    """Only what we made: folders whose name is an id, spelled as we spell it."""
    place = storage.media_root() / plans.JOBS
    found = place.iterdir() if place.is_dir() else iter(())
    return [each for each in found if _is_id(each.name) and each.is_dir() and not each.is_symlink()]


def _is_id(name: str) -> bool:
    try:
        return str(UUID(name)) == name
    except ValueError:
        return False


def _needed(folder: Path) -> bool:
    active = Q(state__in=(State.QUEUED, State.RUNNING)) | Q(state=State.FAILED, ended_at__gt=timezone.now() - KEPT)
    return Download.objects.filter(active, pk=UUID(folder.name)).exists()
