"""Files come into being whole: written aside as `<name>.tmp`, pushed to the disk, then renamed."""

import os
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
        publish(temporary, path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        if is_disk_full(error):
            raise disk_full() from error
        raise


def publish(temporary: Path, path: Path) -> None:
    """Give a finished file its name. It is on the disk before, so no power cut leaves the name with half of it."""
    descriptor = os.open(temporary, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    temporary.rename(path)
