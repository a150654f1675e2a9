"""Deleting what no row names any more.

A trigger writes a `Leftover` in the transaction that removes a `MediaFile`, so either both rows and file are there, or
the leftover says that the file must still go. Names are not given out again before that.
"""

import structlog
from django.db import transaction

from viddlws.library import storage
from viddlws.library.errors import StorageError
from viddlws.library.models import Leftover, MediaFile

log = structlog.get_logger(__name__)

_AT_ONCE = 100


def tidy() -> int:
    """Delete the files of removed rows, and the folders that are empty then. How many files went.

    Where the media folder holds nothing at all it is probably not mounted: then all waits.
    """
    root = storage.media_root()
    if not root.is_dir() or not any(root.iterdir()):
        return 0
    deleted, last = 0, 0
    while True:
        last, found = _some(last)
        if not last:
            return deleted
        deleted += found


@transaction.atomic
def _some(after: int) -> tuple[int, int]:
    """The id of the last leftover looked at (0: there was none), and how many files went.

    The rows stay locked until the files are gone, so that no other process takes a name that is being deleted.
    """
    rows = list(Leftover.objects.select_for_update(skip_locked=True).filter(id__gt=after).order_by("id")[:_AT_ONCE])
    named = set(MediaFile.objects.filter(path__in=[row.path for row in rows]).values_list("path", flat=True))
    gone, deleted = [], 0
    for row in rows:
        try:
            deleted += row.path not in named and storage.delete(storage.location(row.path))
            gone.append(row.pk)
        except (OSError, StorageError) as error:
            log.warning("leftover.stays", path=row.path, cause=str(error))
    Leftover.objects.filter(id__in=gone).delete()
    return (rows[-1].pk if rows else 0), deleted
