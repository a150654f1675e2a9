"""One bar over everything a job does. Pure: fed with yt-dlp's hook records, asked for a `Progress`.

Fetching takes the first 90 per cent, shared among the streams by their size; finishing takes the rest.
"""

import math
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from viddlws.engine.messages import Progress, Step

FETCHING_SHARE = 90.0
TRUSTED_AFTER = 3  # segments; the first is often a header, so sizes estimated from it are far too small
ROLE_WEIGHTS = {"video": 8.0, "muxed": 8.0, "audio": 1.0}  # where sizes are unknown
STEPS = {"video": Step.FETCHING_VIDEO, "audio": Step.FETCHING_AUDIO, "muxed": Step.FETCHING}


@dataclass(frozen=True)
class PlannedStream:
    """One file to fetch. `size` is in bytes and may be a guess."""

    role: str  # "video", "audio" or "muxed"
    size: float | None
    exact: bool = False


def plan(formats: Sequence[Mapping[str, Any]], duration: float | None) -> tuple[PlannedStream, ...]:
    """What yt-dlp's chosen `formats` will take."""
    return tuple(_planned(each, duration) for each in formats)


def role(chosen: Mapping[str, Any]) -> str:
    """What a format holds; yt-dlp writes "none" for what it lacks and nothing for what it does not know."""
    if chosen.get("vcodec") == "none":
        return "audio"
    return "video" if chosen.get("acodec") == "none" else "muxed"


def expected_size(streams: Sequence[PlannedStream]) -> int | None:
    """Bytes of all streams together, None when one is unknown."""
    sizes = [stream.size for stream in streams]
    return None if None in sizes or not sizes else int(sum(size for size in sizes if size))


def _planned(chosen: Mapping[str, Any], duration: float | None) -> PlannedStream:
    exact, guess, rate = (_positive(chosen.get(name)) for name in ("filesize", "filesize_approx", "tbr"))
    if guess is None and rate and duration:
        guess = rate * duration * 125  # kbit/s to bytes
    return PlannedStream(role(chosen), exact or guess, exact=exact is not None)


class Bar:
    """The job's progress. Safe to feed from several threads; `percent` never falls."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._streams: tuple[PlannedStream, ...] = ()
        self._weights: tuple[float, ...] = ()
        self._current: int | None = None
        self._finished_bytes = 0
        self._now = Progress(0.0, Step.STARTING)

    @property
    def now(self) -> Progress:
        return self._now

    def enter(self, step: Step) -> Progress:
        """A step of which nothing is known but that it began."""
        return self._set(self._now.percent, step)

    def plan(self, streams: Sequence[PlannedStream]) -> None:
        """What will be fetched, in this order."""
        self._streams = tuple(streams)
        if expected_size(self._streams) is not None:
            self._weights = tuple(max(stream.size or 0.0, 1.0) for stream in self._streams)
        else:
            self._weights = tuple(ROLE_WEIGHTS[stream.role] for stream in self._streams)

    def begin(self, index: int) -> Progress:
        """Stream number `index` is fetched from now on."""
        self._current = index
        return self._set(self._now.percent, STEPS[self._streams[index].role])

    def feed(self, status: Mapping[str, Any]) -> Progress:
        """One record of yt-dlp's progress hook, for the stream that was begun last."""
        with self._lock:
            if self._current is None:
                return self._now
            index = self._current
            done = sum(self._weights[:index]) + self._weights[index] * self._fraction(index, status)
            whole = status.get("total_bytes") if status.get("status") == "finished" else None
            fetched = self._finished_bytes + int(_positive(status.get("downloaded_bytes")) or _positive(whole) or 0)
            self._now = Progress(
                max(self._now.percent, FETCHING_SHARE * done / sum(self._weights)),
                STEPS[self._streams[index].role],
                speed=_positive(status.get("speed")),
                eta=self._eta(index, status),
                downloaded=max(self._now.downloaded, fetched),
            )
            return self._now

    def end(self, size: int) -> Progress:
        """The stream begun last is complete and `size` bytes long."""
        with self._lock:
            if self._current is not None:
                self._finished_bytes += size
                done = sum(self._weights[: self._current + 1])
                self._current = None
                percent = max(self._now.percent, FETCHING_SHARE * done / sum(self._weights))
                self._now = Progress(percent, self._now.step, downloaded=self._finished_bytes)
            return self._now

    def finishing(self, step: Step, fraction: float) -> Progress:
        """`fraction` (0 to 1) of everything after the fetching is done."""
        share = (100.0 - FETCHING_SHARE) * min(max(fraction, 0.0), 1.0)
        return self._set(FETCHING_SHARE + share, step)

    def _set(self, percent: float, step: Step) -> Progress:
        with self._lock:
            self._now = Progress(max(self._now.percent, percent), step, downloaded=self._now.downloaded)
            return self._now

    def _fraction(self, index: int, status: Mapping[str, Any]) -> float:
        if status.get("status") == "finished":
            return 1.0
        downloaded = float(status.get("downloaded_bytes") or 0)
        count, position = _positive(status.get("fragment_count")), int(status.get("fragment_index") or 0)
        estimate = _positive(status.get("total_bytes_estimate"))
        if count and (position < TRUSTED_AFTER or not estimate):
            return min(position / count, 1.0)
        total = _positive(status.get("total_bytes")) or estimate
        if total:
            return min(downloaded / total, 1.0)
        guess = self._streams[index].size
        return min(downloaded / guess, 0.95) if guess else 0.0

    def _eta(self, index: int, status: Mapping[str, Any]) -> float | None:
        """Seconds for this stream and those after it, when their sizes and the speed are known."""
        eta, speed = status.get("eta"), _positive(status.get("speed"))
        if not isinstance(eta, int | float) or not 0 <= eta < math.inf or speed is None:
            return None
        later = [stream.size for stream in self._streams[index + 1 :]]
        if None in later:
            return None
        return float(eta) + sum(size for size in later if size) / speed


class Throttle:
    """Lets one through per `gap` seconds, and always what is new in kind."""

    def __init__(self, gap: float) -> None:
        self._gap = gap
        self._last: tuple[float, Step] | None = None

    def passes(self, progress: Progress, now: float) -> bool:
        """`now` in seconds of any steady clock."""
        if self._last and now - self._last[0] < self._gap and self._last[1] is progress.step:
            return False
        self._last = (now, progress.step)
        return True


def _positive(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and 0 < value < math.inf else None
