"""The private folder of one piece of work, a download or a rendition: held by one attempt at a time, removed when
nobody needs it."""

import contextlib
import errno
import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

from viddlws.library import storage


class InUse(Exception):  # noqa: N818 (a state, not a fault)
    """Another attempt at the same work has not ended yet."""


@contextlib.contextmanager
def held(work_id: UUID, patience: float = 0.0) -> Iterator[Path]:
    """The folder, made when missing, for nobody else until the block ends. Raises InUse after `patience` seconds.

    The lock is the kernel's, on the folder itself: it ends with the process that holds it.
    """
    folder = storage.job_folder(work_id)
    deadline = time.monotonic() + patience
    while (lock := _try(folder)) is None:
        if time.monotonic() >= deadline:
            raise InUse
        time.sleep(0.05)
    try:
        yield folder
    finally:
        os.close(lock)


def _try(folder: Path) -> int | None:
    """A descriptor that holds the lock of the folder which has this name now, else None."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.path.samestat(os.fstat(lock), folder.lstat()):
            return lock
    except FileNotFoundError:
        pass  # removed between opening and locking
    except OSError as error:
        if error.errno != errno.EWOULDBLOCK:
            os.close(lock)
            raise
    os.close(lock)
    return None


def drop(work_id: UUID, patience: float = 0.0) -> bool:
    """Remove the folder and what was placed in the library from it without being filed.

    False when an attempt still works in it after `patience` seconds: that attempt removes it when it notices.
    """
    folder = storage.job_folder(work_id)
    if not folder.is_dir():
        return True
    try:
        with held(work_id, patience):
            clear(folder)
    except InUse:
        return False
    return True


def clear(folder: Path) -> None:
    """What `drop` does, for whoever holds the folder."""
    storage.unplace(folder)
    shutil.rmtree(folder, ignore_errors=True)
