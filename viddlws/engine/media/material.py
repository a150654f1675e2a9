"""What the finaliser is given, and the one way it fails."""

import errno
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Problem = Literal["not-media", "damaged", "disk-full", "failed"]

_FULL = {errno.ENOSPC, errno.EDQUOT}


@dataclass(frozen=True)
class Stream:
    """One fetched media file. `role` is what it was fetched for: "video", "audio" or "muxed" (both, or unknown)."""

    path: Path
    role: str


@dataclass(frozen=True)
class Sidecar:
    """Subtitles as fetched, in any format. `automatic` ones were made by a machine."""

    path: Path
    language: str
    label: str
    automatic: bool


class FinaliseError(Exception):
    """`message` is one plain sentence; `detail` is ffmpeg's own words, not censored, or empty."""

    def __init__(self, kind: Problem, message: str, detail: str = "") -> None:
        super().__init__(message)
        self.kind: Problem = kind
        self.message = message
        self.detail = detail


def disk_full(detail: str = "") -> FinaliseError:
    return FinaliseError("disk-full", "The disk is full.", detail)


def is_disk_full(error: BaseException) -> bool:
    return isinstance(error, OSError) and error.errno in _FULL
