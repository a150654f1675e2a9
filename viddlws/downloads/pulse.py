"""What keeps a row ours while we work on it: progress that is saved, a lease that is renewed."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import structlog
from django.db import DatabaseError, InterfaceError, close_old_connections, connection

from viddlws.downloads import moves
from viddlws.downloads.models import Download
from viddlws.engine.messages import Progress

SAVE = 1.0  # seconds between two saves of progress
RENEW = 5.0  # seconds after which the lease is renewed although nothing changed
LOOK = 0.25  # seconds between two looks whether the row is still ours

log = structlog.get_logger(__name__)


class Pulse:
    """Told of every event of a job, it writes as little as it can. All methods raise `moves.Fenced`."""

    def __init__(self, download: Download) -> None:
        self._download = download
        self._shown: dict[str, Any] = {}
        self._saved = self._looked = time.monotonic()

    def tell(self, progress: Progress) -> None:
        """Save at most once a second and only what changed; notice at once when the row has been taken away."""
        shown = {
            "percent": round(progress.percent, 1),
            "step": progress.step,
            "speed": progress.speed and round(progress.speed),
            "eta": progress.eta and round(progress.eta),
        }
        age = time.monotonic() - self._saved
        if age >= SAVE and shown != self._shown:
            self.save(**shown)
            self._shown = shown
        elif age >= RENEW:
            self.save()
        elif time.monotonic() - self._looked >= LOOK:
            self._patiently(self._look)

    def save(self, **changes: Any) -> None:
        """Save these columns and renew the lease."""
        self._patiently(lambda: moves.renew(self._download, **changes))
        self._saved = self._looked = time.monotonic()

    def _look(self) -> None:
        self._looked = time.monotonic()
        if not moves.still_mine(self._download):
            raise moves.Fenced

    def _patiently(self, write: Callable[[], None]) -> None:
        """A database that is away for a moment does not end a download; one that is away for a lease does."""
        try:
            write()
        except (DatabaseError, InterfaceError) as error:
            if time.monotonic() - self._saved > moves.LEASE.total_seconds() or connection.in_atomic_block:
                raise
            log.warning("download.unsaved", id=str(self._download.pk), cause=type(error).__name__)
            close_old_connections()


@contextlib.contextmanager
def kept(download: Download) -> Iterator[None]:
    """Renew the lease while the block works without events, however long it takes."""
    over = threading.Event()
    keeper = threading.Thread(target=_keep, args=(download, over), name="lease-keeper", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        over.set()
        keeper.join()


def _keep(download: Download, over: threading.Event) -> None:
    try:
        while not over.wait(RENEW):
            try:
                moves.renew(download)
            except moves.Fenced:
                return  # whoever works finds out when it files
            except (DatabaseError, InterfaceError) as error:
                log.warning("download.unsaved", id=str(download.pk), cause=type(error).__name__)
                close_old_connections()
    finally:
        connection.close()
