"""Writing and moving files so that a kill or a power cut at any instant leaves either the old or the new."""

import errno
import os
import shutil
from pathlib import Path


def sync(path: Path) -> None:
    """Ask the disk to keep a file's bytes, or a folder's entries."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in {errno.EINVAL, errno.ENOTSUP}:  # file systems that cannot sync a folder
            raise
    finally:
        os.close(handle)


def write(path: Path, text: str) -> None:
    """Replace the file at `path`; nobody ever reads half of it."""
    aside = path.with_name(f"{path.name}.part")
    with aside.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(aside, path)  # noqa: PTH105 - beside its neighbours
    sync(path.parent)


def move(source: Path, target: Path, aside: Path) -> None:
    """Move a file to `target`; called again after a kill, it goes on where it was. Does nothing when done before.

    `aside` is a name in the target's folder that only this move uses: over the border of a file system the bytes are
    copied there first. Raises FileNotFoundError when the file is nowhere, FileExistsError when another is in the way.
    """
    copied = source.with_name(f"{source.name}.copied")
    if os.path.lexists(copied):
        _end_copy(copied, target, aside)
    elif os.path.lexists(source):
        _begin(source, target, aside, copied)
    elif not os.path.lexists(target):
        raise FileNotFoundError(errno.ENOENT, "neither moved nor there", str(source))


def _begin(source: Path, target: Path, aside: Path, copied: Path) -> None:
    if os.path.lexists(target):
        raise FileExistsError(errno.EEXIST, "another file has the name", str(target))
    sync(source)
    try:
        source.rename(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        _copy(source, aside)
        source.rename(copied)  # from here on the bytes aside are complete, and known to be
        sync(copied.parent)
        _end_copy(copied, target, aside)


def _copy(source: Path, aside: Path) -> None:
    try:
        with source.open("rb") as reader, aside.open("wb") as writer:
            shutil.copyfileobj(reader, writer, 1 << 20)
            writer.flush()
            os.fsync(writer.fileno())
    except OSError:
        aside.unlink(missing_ok=True)
        raise
    sync(aside.parent)


def _end_copy(copied: Path, target: Path, aside: Path) -> None:
    if os.path.lexists(aside):
        aside.rename(target)
        sync(target.parent)
    copied.unlink()
