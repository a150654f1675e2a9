"""One run of ffmpeg: nothing on its standard input, only local files, ended with us, its faults told apart."""

import os
import shutil
import signal
import subprocess
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

from viddlws.engine.kernel import die_with
from viddlws.engine.media.material import FinaliseError, disk_full

# AVERROR(ENOSPC) and AVERROR(EDQUOT), cut to the eight bits of an exit status
_FULL_STATUS = {256 - 28, 256 - 122}
_FULL_WORDS = ("No space left on device", "Disk quota exceeded")
_NEARLY_NOTHING = 64 * 1024  # bytes left on a disk that is full for any purpose
_KEPT_LINES = 20


def run(ffmpeg: str, arguments: Sequence[str], folder: Path, progress: Callable[[float], None] | None = None) -> None:
    """Run `ffmpeg` with `arguments` in `folder`; `progress` gets the seconds of output written so far.

    Raises FinaliseError: "disk-full" or "failed". A return is not yet proof that the output is whole: ffmpeg before
    version 6 ends with 0 on a full disk, so callers count the packets.
    """
    fixed = ["-nostdin", "-hide_banner", "-loglevel", "error", "-nostats", "-progress", "pipe:1", "-y"]
    parent = os.getpid()
    process = subprocess.Popen(
        [ffmpeg, *fixed, *arguments],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        preexec_fn=lambda: die_with(parent),
    )
    try:
        assert process.stdout is not None
        said = _followed(process.stdout, progress or (lambda seconds: None))
        status = process.wait()
    finally:
        process.kill()
        process.wait()
    if status:
        raise _failure(status, said, folder)


def is_nearly_full(folder: Path) -> bool:
    return shutil.disk_usage(folder).free < _NEARLY_NOTHING


def _followed(output: IO[str], progress: Callable[[float], None]) -> str:
    """Read ffmpeg's progress (lines of `key=value`) to its end; return the last lines that are not progress."""
    said: deque[str] = deque(maxlen=_KEPT_LINES)
    for line in output:
        key, found, value = line.strip().partition("=")
        if key == "out_time_us" and value.isdigit():
            progress(int(value) / 1e6)
        elif not found or not key.replace("_", "").isalnum():
            said.append(line.strip()[:500])
    return "\n".join(said)


def _failure(status: int, said: str, folder: Path) -> FinaliseError:
    if status in _FULL_STATUS or any(words in said for words in _FULL_WORDS) or is_nearly_full(folder):
        return disk_full(said)
    if status == -signal.SIGXFSZ:
        return FinaliseError("failed", "The finished file would be larger than allowed.", said)
    return FinaliseError("failed", "The file could not be put together.", said or f"ffmpeg ended with {status}")
