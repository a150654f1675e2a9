"""Where files are: finished files of a job get readable names in the media folder, and their removal is certain.

    MEDIA_ROOT/.jobs/<id>/                               a job's own folder; `placed.json` says what moves where
    MEDIA_ROOT/<user>/<channel>/<title> [<id>].<ext>     what we keep

A plan is written before the first file moves, so that a second call after a kill moves the rest. Names are chosen under
a lock and against the plans of all other jobs, so that two jobs never want the same.
"""

import errno
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from django.conf import settings

from viddlws.accounts.models import User
from viddlws.engine.messages import File, MediaInfo
from viddlws.library import durable, plans
from viddlws.library.errors import DiskFull, StorageError
from viddlws.library.models import MediaFile
from viddlws.library.plans import Placed

__all__ = ["Placed", "Space", "free_space", "job_folder", "path_of", "place", "unplace"]

_FULL = {errno.ENOSPC, errno.EDQUOT}


@dataclass(frozen=True)
class Space:
    """The disk of the media folder, in bytes. `short`: less is free than must stay free."""

    total: int
    free: int
    reserve: int
    short: bool


def free_space() -> Space:
    """How much room the media folder has."""
    folder = media_root()
    while not folder.exists():
        folder = folder.parent
    disk = shutil.disk_usage(folder)
    given = settings.OPTIONS.disk_reserve
    reserve = min(1_000_000_000, disk.total // 50) if given is None else int(given)
    return Space(disk.total, disk.free, reserve, disk.free < reserve)


def media_root() -> Path:
    return Path(settings.MEDIA_ROOT)


def job_folder(download_id: UUID) -> Path:
    """The folder that belongs to one download alone; the caller makes it."""
    return media_root() / plans.JOBS / str(download_id)


def path_of(file: MediaFile) -> Path:
    """Where a file is. Raises StorageError when its path leads out of the media folder, by links too."""
    return _inside((media_root() / file.path).resolve())


def location(path: str) -> Path:
    """Where a path of ours is, the last part of it as it is, be it a link. Raises StorageError as `path_of` does."""
    full = media_root() / path
    return _inside(full.parent.resolve() / full.name)


def _inside(full: Path) -> Path:
    root = media_root().resolve()
    if full.name == ".." or root not in full.parents:
        raise StorageError("A file lies outside the media folder.", "Look for links that somebody put there.")
    return full


def place(
    video_id: UUID, owner: User, info: MediaInfo, title: str, folder: Path, files: Sequence[File]
) -> list[Placed]:
    """Move the finished files of a job into the library, under readable names; says where each is now.

    Once per job or as often as it is interrupted: the end is the same. Raises DiskFull or StorageError; then what has
    been moved stays where the plan says, for the next call or for `unplace`.
    """
    with _errors_in_words():
        moves = plans.read(folder)
        if moves is None:
            media_root().joinpath(plans.JOBS).mkdir(parents=True, exist_ok=True)
            with plans.naming_lock(media_root()):
                moves = plans.choose(media_root(), video_id, owner, info, title, folder, files)
                plans.write(folder, moves)
        for move in moves:
            _carry_out(move, folder)
        for parent in {(media_root() / move.placed.path).parent for move in moves}:
            _sync_up(parent)
        durable.sync(folder)
    return [move.placed for move in moves]


def unplace(folder: Path) -> None:
    """Undo `place` for a job that is no longer wanted: what it moved goes, unless a row names it."""
    moves = plans.read(folder) or []
    kept = set(MediaFile.objects.filter(path__in=[move.placed.path for move in moves]).values_list("path", flat=True))
    with _errors_in_words():
        for move in moves:
            target = media_root() / move.placed.path
            if move.placed.path not in kept and not _waits(folder / move.source):
                delete(target)
            if move.placed.path not in kept:
                delete(move.aside(target))
        plans.forget(folder)


def delete(path: Path) -> bool:
    """Remove a file of ours and the folders that are empty then. Says whether there was one."""
    try:
        path.unlink()
        found = True
    except (FileNotFoundError, NotADirectoryError):
        found = False
    root = media_root().resolve()
    with suppress(OSError):  # the first folder that is not empty
        for folder in (path.parent.resolve(), *path.parent.resolve().parents):
            if root not in folder.parents:
                break
            folder.rmdir()
    return found


def _carry_out(move: plans.Move, folder: Path) -> None:
    target = media_root() / move.placed.path
    for _ in range(5):  # another process may remove the folder, empty as it still is
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            durable.move(folder / move.source, target, move.aside(target))
            break
        except FileNotFoundError:
            if target.parent.is_dir():
                raise
    if target.stat().st_size != move.placed.size:
        raise StorageError("A file changed while it was being filed.", "Try the download again.")


def _waits(source: Path) -> bool:
    """Whether a file was not moved yet: what has its name in the library is then not ours."""
    return os.path.lexists(source)


def _sync_up(folder: Path) -> None:
    """Make the entries of a folder last, and those of the folders above that may be as new."""
    while folder.is_relative_to(media_root()):
        durable.sync(folder)
        folder = folder.parent


@contextmanager
def _errors_in_words() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise DiskFull("The disk is full.", "Free some space; the download goes on by itself.") from error
        cause = error.strerror or type(error).__name__
        raise StorageError(
            f"The media folder cannot be written: {cause}.", "Look at the folder, then try again."
        ) from error
