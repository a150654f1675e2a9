"""The course of one job: read the page, plan, fetch each stream, hand over to the finaliser.

Knows yt-dlp only through the downloader object it is given, so it imports nothing of it. Runs inside the child,
in the job's folder.
"""

import contextlib
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from viddlws.engine import errors, options, playlist, resume
from viddlws.engine.evidence import clean_detail
from viddlws.engine.finalise import FinaliseError, Sidecar, Stream, finalise
from viddlws.engine.media.artwork import artwork
from viddlws.engine.mediainfo import describe, number
from viddlws.engine.messages import ErrorClass, Event, Failed, Finished, Found, Job, Progress, Step
from viddlws.engine.progress import Bar, Throttle, expected_size, plan, role
from viddlws.engine.sidecars import Beside

TELLING = 0.25  # least seconds between two events of progress
LOOKING = 1.0  # least seconds between two looks at the disk
FINISHING_NEED = 2.2  # times the fetched size: the streams, the finished file, and a little
FINALISER_ERRORS: dict[str, tuple[ErrorClass, bool]] = {
    "not-media": (ErrorClass.UNSUPPORTED, False),
    "damaged": (ErrorClass.NETWORK, True),
    "failed": (ErrorClass.UNKNOWN, True),
}
_ADVICE = {True: "It is tried again by itself.", False: "Check that the link leads to a video or to sound."}


class GivenUp(BaseException):
    """Ends the job from wherever it is; not an `Exception`, so that no retry swallows it."""

    def __init__(self, failed: Failed) -> None:
        super().__init__(failed.message)
        self.failed = failed


class Listed(BaseException):
    """The link leads to a list; `found` is yt-dlp's record of it, its entries not yet read."""

    def __init__(self, found: Mapping[str, Any]) -> None:
        super().__init__("a list")
        self.found = found


@dataclass(frozen=True)
class Machine:
    """What the job is given by the machine it runs on; comes with the job from the supervisor."""

    proxy: str
    proxy_port: int | None  # None: no network
    ffmpeg: str
    deno: str
    readable: tuple[str, ...]


class Course:
    """One job under way. `tell` sends an event; `phase` is "reading", "fetching" or "finishing"."""

    def __init__(self, job: Job, machine: Machine, tell: Callable[[Event], None], resumable: bool = True) -> None:
        self.job, self.machine, self.tell, self.resumable = job, machine, tell, resumable
        self.folder = Path(job.folder)
        self.phase = "reading"
        self.bar = Bar()
        self._throttle = Throttle(TELLING)
        self._looked = 0.0
        self._ydl: Any = None

    def perform(self, make_downloader: Callable[[dict[str, Any]], Any], logger: object) -> Event:
        """The last event. Raises what yt-dlp and the finaliser raise, and GivenUp."""
        self.show(self.bar.enter(Step.READING_PAGE))
        if self.resumable:
            resume.prepare(self.folder, self.job)
        else:
            resume.wipe(self.folder)
        with make_downloader(options.build(self.job, self._surroundings(logger))) as ydl:
            self._ydl = ydl
            try:
                info = ydl.extract_info(self.job.url, download=False)
            except Listed as listed:
                return playlist.gather(listed.found, self.job, ydl.smuggle)
            if not info:
                raise GivenUp(errors.failure("unsupported"))
            self._refuse_live(info)
            formats = _chosen(info)
            if self.resumable:
                resume.chosen(self.folder, info)
            self._announce(info, formats)
            picture = self._early_picture(Beside(ydl, info).thumbnail())
            self.phase = "fetching"
            streams = [self._fetch(ydl, info, chosen, index) for index, chosen in enumerate(formats)]
            captions = Beside(ydl, info).subtitles(self.job)
        self.phase = "finishing"
        return self._finish(info, streams, captions, picture)

    @property
    def refusal(self) -> BaseException | None:
        """The last answer with an error status, which yt-dlp forgets after its own retries."""
        return getattr(self._ydl, "refusal", None)

    def hook(self, status: Mapping[str, Any]) -> None:
        """yt-dlp's progress hook; called from several threads while segments are fetched."""
        if self._ydl.in_stream:
            progress = self.bar.feed(status)
            self._check_size(progress.downloaded, number(status.get("total_bytes")))
            self.show(progress)
        self._check_disk(0)

    def show(self, progress: Progress) -> None:
        if self._throttle.passes(progress, time.monotonic()):
            self.tell(progress)

    def _surroundings(self, logger: object) -> options.Surroundings:
        machine = self.machine
        return options.Surroundings(machine.proxy, machine.ffmpeg, machine.deno, logger, self.hook, self.resumable)

    def _report_finishing(self, step: Step, fraction: float) -> None:
        self.show(self.bar.finishing(step, fraction))
        self._check_disk(0)

    def _finish(
        self, info: Mapping[str, Any], streams: Sequence[Stream], captions: Sequence[Sidecar], picture: Path | None
    ) -> Finished:
        about = describe(info)
        try:
            files = finalise(
                self.folder, self.job, about, streams, captions, picture, self.machine.ffmpeg, self._report_finishing
            )
        except FinaliseError as error:
            if error.kind == "damaged":
                for stream in streams:
                    stream.path.unlink(missing_ok=True)  # else every other attempt would find it complete
            raise GivenUp(unfinished(error)) from error
        return Finished(about, files)

    def _early_picture(self, source: Path | None) -> Path | None:
        """The thumbnail as it will be kept, there already while the media is fetched; the card shows it."""
        made = None
        with contextlib.suppress(FinaliseError):  # a full disk is noticed soon enough
            made = artwork(self.folder, source, None) if source else None
        return made.path if made else None

    def _refuse_live(self, info: Mapping[str, Any]) -> None:
        if info.get("live_status") == "is_upcoming":
            raise GivenUp(not_yet(info))
        if info.get("is_live") and not self.job.live:
            raise GivenUp(errors.failure("live"))

    def _announce(self, info: Mapping[str, Any], formats: Sequence[Mapping[str, Any]]) -> None:
        streams = plan(formats, number(info.get("duration")))
        size = expected_size(streams)
        self.bar.plan(streams)
        self.tell(Found(describe(info), size))
        if size:
            self._check_size(size if all(stream.exact for stream in streams) else 0, None)
            self._check_disk(int(size * FINISHING_NEED) - _present(self.folder))

    def _fetch(self, ydl: Any, info: Mapping[str, Any], chosen: Mapping[str, Any], index: int) -> Stream:
        """Fetch one format into a file named after it, so that another attempt finds what is there."""
        record = {**info, **chosen}
        for other in ("requested_formats", "requested_subtitles", "formats"):
            record.pop(other, None)
        path = self.folder / stream_name(chosen)
        self.show(self.bar.begin(index))
        ydl.in_stream = True
        try:
            with changed(ydl.params, options.stream_options(chosen)):
                complete, _ = ydl.dl(path.name, record)
        finally:
            ydl.in_stream = False
        if not complete or not path.is_file() or not path.stat().st_size:
            raise GivenUp(errors.failure("broke-off"))
        self.show(self.bar.end(path.stat().st_size))
        return Stream(path, role(chosen))

    def _check_size(self, fetched: int, total: float | None) -> None:
        most = self.job.limits.size
        if most and max(fetched, total or 0) > most:
            raise GivenUp(errors.failure("too-large"))

    def _check_disk(self, need: int) -> None:
        now = time.monotonic()
        if not need and now - self._looked < LOOKING:
            return
        self._looked = now
        disk = os.statvfs(self.folder)
        if disk.f_bavail * disk.f_frsize - max(need, 0) < self.job.limits.reserve:
            raise GivenUp(errors.failure("disk-full"))


@contextlib.contextmanager
def changed(parameters: dict[str, Any], changes: Mapping[str, Any]) -> Iterator[None]:
    """yt-dlp's parameters with `changes`, for a while."""
    before = {name: parameters[name] for name in changes if name in parameters}
    parameters.update(changes)
    try:
        yield
    finally:
        for name in changes:
            parameters.pop(name, None)
        parameters.update(before)


def stream_name(chosen: Mapping[str, Any]) -> str:
    """A harmless file name that is the same for the same format in every attempt."""
    given = str(chosen.get("format_id") or "0")
    name = re.sub(r"[^A-Za-z0-9_-]", "_", given)[:40]
    if name != given:
        name += "-" + sha256(given.encode("utf-8", "replace")).hexdigest()[:8]
    extension = str(chosen.get("ext") or "")
    return f"media.f{name}.{extension if re.fullmatch('[a-z0-9]{1,5}', extension) else 'bin'}"


def not_yet(info: Mapping[str, Any]) -> Failed:
    """An announced stream."""
    start = number(info.get("release_timestamp"))
    return errors.failure("upcoming", retry_after=max(start - time.time(), 60.0) if start else None)


def unfinished(error: FinaliseError) -> Failed:
    """What a person is told of a finaliser's failure."""
    if error.kind == "disk-full":
        return errors.failure("disk-full", detail=error.detail)
    kind, passing = FINALISER_ERRORS[error.kind]
    return Failed(kind, error.message, _ADVICE[passing], clean_detail(error.detail), passing)


def _chosen(info: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    return info.get("requested_formats") or [info]


def _present(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir() if path.is_file())
