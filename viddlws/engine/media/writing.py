"""Files come into being whole: written aside as `<name>.tmp`, then renamed."""

import os
from collections.abc import Iterable
from pathlib import Path

from viddlws.engine.media.material import disk_full, is_disk_full


def aside(path: Path) -> Path:
    """The temporary name beside `path`."""
    return path.with_name(path.name + ".tmp")


def write_text(path: Path, text: str) -> None:
    """Raises FinaliseError "disk-full"."""
    write_bytes(path, text.encode("utf-8", "replace"))


def write_bytes(path: Path, data: bytes) -> None:
    """Raises FinaliseError "disk-full"."""
    temporary = aside(path)
    try:
        temporary.write_bytes(data)
        temporary.rename(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        if is_disk_full(error):
            raise disk_full() from error
        raise


def settle(paths: Iterable[Path]) -> None:
    """Wait until these files are on the disk, so that no power cut leaves a name with half of its contents.

    All at once at the end: the first of a batch makes the file system write what the others need, too.
    """
    for path in paths:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
