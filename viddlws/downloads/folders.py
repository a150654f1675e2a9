"""The private folder of a download while it is fetched, and what the engine writes into it beside media."""

import os
from pathlib import Path

from viddlws.library.folders import InUse, clear, drop, held

__all__ = ["LOG", "LOG_TAIL", "InUse", "clear", "drop", "filled", "held", "log_tail"]

LOG = "attempt.log"  # written by the engine
LOG_TAIL = 64_000  # bytes


def log_tail(folder: Path) -> str:
    """The end of the attempt's log, or an empty text when there is none."""
    try:
        with (folder / LOG).open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - LOG_TAIL))
            return file.read(LOG_TAIL).decode("utf-8", "replace").replace("\0", "")
    except OSError:
        return ""


def filled(folder: Path) -> int:
    """Bytes the files in the folder take."""
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
