"""Whom we are measured against: yt-dlp's own command, and curl."""

import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

YT_DLP = [sys.executable, "-m", "yt_dlp", "--ignore-config", "--quiet", "--no-warnings"]


@dataclass(frozen=True)
class Cost:
    wall: float  # seconds
    cpu: float  # seconds, user and system, children included

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(self.wall + other.wall, self.cpu + other.cpu)

    def scaled(self, factor: float) -> "Cost":
        return Cost(self.wall * factor, self.cpu * factor)


def measured(command: Sequence[str]) -> Cost:
    """What one command costs from start to end. Raises when it fails."""
    before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(time.monotonic() - begin, cpu)


def yt_dlp_batch(urls: Sequence[str], folder: Path, *options: str) -> Cost:
    """`yt-dlp -a list`."""
    listing = folder / "list.txt"
    folder.mkdir(parents=True, exist_ok=True)
    listing.write_text("\n".join(urls))
    return measured([*YT_DLP, *options, "-P", str(folder), "-o", "%(autonumber)s.%(ext)s", "-a", str(listing)])


def yt_dlp_each(urls: Sequence[str], folder: Path, *options: str) -> Cost:
    """One `yt-dlp` process after the other."""
    total = Cost(0, 0)
    for number, url in enumerate(urls):
        total += measured([*YT_DLP, *options, "-P", str(folder), "-o", f"{number}.%(ext)s", url])
    return total


def curl(url: str, target: Path) -> Cost | None:
    """`curl -o`, where there is a curl."""
    program = shutil.which("curl")
    return measured([program, "-s", "-f", "-o", str(target), url]) if program else None
