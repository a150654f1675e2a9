"""The engine as the rest of ViddlWS sees it: a job goes in, events come out, whatever happens in between."""

import contextlib
import functools
import logging
import os
import select
import signal
import socket
import threading
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

import deno
import imageio_ffmpeg

from viddlws.engine import errors
from viddlws.engine.deadlines import FETCHING, Deadlines
from viddlws.engine.guard import sandbox
from viddlws.engine.guard.proxy import GuardProxy
from viddlws.engine.guard.traffic import JobTraffic
from viddlws.engine.launch import EngineError, ZygoteProcess
from viddlws.engine.messages import Event, Failed, Finished, Job, Playlist, Progress, Render, Started, Step
from viddlws.engine.wire import LineBuffer, WireError, decode, encode_job

__all__ = ["Engine", "EngineError", "EngineSettings"]

PULSE = 0.8  # seconds after which the last progress is told again
ENDING = 10.0  # most seconds to wait for a job's processes to be gone
BESIDE_MEDIA = 128 << 20  # bytes a job may receive for pages, pictures and repeated pieces, besides a tenth

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class EngineSettings:
    """Where the engine lives and what it may use."""

    home: Path  # the engine's own folder; created when missing
    jobs: Path  # all job folders lie in it
    allowed_networks: tuple[str, ...] = ()  # CIDRs in our own network a link may point at
    ffmpeg: str = ""  # "" is the one that comes with imageio-ffmpeg
    deno: str = ""  # "" is the one that comes as a wheel
    plugins: Path | None = None  # for tests: a folder with yt-dlp plugins
    version_folder: Path | None = None  # an unpacked yt-dlp to use in place of the installed one


class Engine:
    """One per process. Every method may be called from any thread."""

    def __init__(self, settings: EngineSettings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._proxy: GuardProxy | None = None
        self._zygote: ZygoteProcess | None = None
        self._draining: list[ZygoteProcess] = []  # take no more jobs, but still have some

    def start(self) -> None:
        """Start what is not running: the guard's proxy, and the zygote if it has died. Raises EngineError."""
        self._ready()

    def run(self, job: Job) -> Generator[Event, None, None]:
        """Fetch `job`, blocking. Tells something each second; the last event is `Playlist`, `Finished` or `Failed`.

        When the iteration ends, also by closing it early, all processes of the job have ended and nothing writes in
        its folder any more. Raises EngineError when the engine itself does not work, ValueError for a job whose
        folder is not one of ours or whose id is already running.
        """
        self._prepare(job)
        proxy, _ = self._ready()
        budget = job.limits.size + job.limits.size // 10 + BESIDE_MEDIA if job.limits.size else 0
        address = proxy.open_job(job.id, budget)
        with contextlib.ExitStack() as closing:
            closing.enter_context(
                contextlib.suppress(KeyError)
            )  # the engine was closed meanwhile, and the proxy with it
            closing.callback(proxy.close_job, job.id)
            yield from self._converse(job, proxy, self._machine(address))

    def render(self, job: Render) -> Generator[Event, None, None]:
        """Make a file that plays everywhere of one that we have, blocking, without any network.

        Events, end and errors are those of `run`; there is no `Playlist`, and `Finished` has one file. The source is
        opened for reading only, by its real path. Raises ValueError also when there is no such file.
        """
        self._prepare(job)
        sources = [Path(path).resolve() for path in (job.source, job.thumbnail) if path]
        if not all(source.is_file() for source in sources):
            raise ValueError("The file to be rendered is not there.")
        machine = self._machine("", *sources)
        job = replace(job, source=str(sources[0]), thumbnail=str(sources[1]) if job.thumbnail else "")
        yield from self._converse(job, self._ready()[0], machine)

    def _prepare(self, job: Job | Render) -> None:
        folder = Path(job.folder)
        if not folder.is_absolute() or not folder.resolve().is_relative_to(self._settings.jobs.resolve()):
            raise ValueError("The job's folder does not lie in the folder for jobs.")
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def _converse(self, job: Job | Render, proxy: GuardProxy, machine: dict[str, object]) -> Iterator[Event]:
        line, zygote = self._line()
        with line:
            conversation = _Conversation(job, line, proxy, zygote)
            try:
                line.sendall(encode_job(job, **machine))
                yield from conversation.events()
            finally:
                conversation.end()

    @property
    def version(self) -> str:
        """The zygote's yt-dlp; starts it when it is not running."""
        return self._ready()[1].hello.version

    @property
    def unpatched(self) -> tuple[str, ...]:
        """Names of our repairs that this yt-dlp has no place for; it then runs without them."""
        return self._ready()[1].hello.missing

    @property
    def guard_level(self) -> str:
        """How much of the sandbox this machine allows, in the words of `guard.sandbox`."""
        return sandbox.level()

    def close(self) -> None:
        """End everything; running jobs fail."""
        with self._lock:
            zygotes = [*self._draining, *([self._zygote] if self._zygote else [])]
            self._zygote, self._draining = None, []
            proxy, self._proxy = self._proxy, None
        for zygote in zygotes:
            zygote.close()
        if proxy is not None:
            proxy.close()

    def _ready(self) -> tuple[GuardProxy, ZygoteProcess]:
        with self._lock:
            if self._proxy is None:
                proxy = GuardProxy(self._settings.allowed_networks)
                proxy.start()
                self._proxy = proxy
            if self._zygote is None or not self._zygote.alive:
                if self._zygote is not None:
                    self._zygote.close()
                self._settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
                self._settings.jobs.mkdir(mode=0o700, parents=True, exist_ok=True)
                self._zygote = ZygoteProcess(
                    self._settings.home.absolute(), self._settings.version_folder, self._settings.plugins
                )
                if self._zygote.hello.missing:
                    _log.warning("The engine runs without its repairs of %s.", ", ".join(self._zygote.hello.missing))
            return self._proxy, self._zygote

    def _line(self) -> tuple[socket.socket, int]:
        """A line to a new child, and the pid of the zygote it is a child of."""
        for _ in range(2):
            zygote = self._ready()[1]
            try:
                return zygote.open_line(), zygote.pid
            except OSError:
                self._retire(zygote)
        raise EngineError("The engine ends as soon as it is started.")

    def _retire(self, zygote: ZygoteProcess) -> None:
        """It takes no more jobs: it has died in this very moment, or was told to end after those it has."""
        with self._lock:
            if self._zygote is zygote:
                self._zygote = None
                self._draining = [old for old in self._draining if old.alive] + [zygote]

    def _machine(self, proxy: str, *sources: Path) -> dict[str, object]:
        settings = self._settings
        ffmpeg, javascript = settings.ffmpeg or _packaged_ffmpeg(), settings.deno or _packaged_deno()
        programs = [Path(named) for named in (settings.ffmpeg, settings.deno) if "/" in named]
        readable = [str(path) for path in (settings.version_folder, settings.plugins, *programs, *sources) if path]
        return {
            "proxy": proxy,
            "proxy_port": urlsplit(proxy).port,
            "ffmpeg": ffmpeg,
            "deno": javascript,
            "readable": readable,
        }


class _Conversation:
    """What is read from one job's line, and what is made of silence."""

    def __init__(self, job: Job | Render, line: socket.socket, proxy: GuardProxy, zygote: int) -> None:
        self._job, self._line, self._proxy, self._zygote = job, line, proxy, zygote
        self._deadlines = Deadlines(job.limits, time.monotonic(), reading=isinstance(job, Job))
        self._progress = Progress(0.0, Step.STARTING)
        self._told = time.monotonic()
        self._pid = 0
        self._begun = False  # `Started` comes first, however busy the machine is
        self._poll = select.poll()
        self._poll.register(line, select.POLLIN)

    def events(self) -> Iterator[Event]:
        for event in self._heard():
            self._told, self._begun = time.monotonic(), True
            if isinstance(event, Playlist | Finished | Failed):
                yield self._judged(event)
                return
            if isinstance(event, Progress):
                event = self._progress = replace(event, percent=max(event.percent, self._progress.percent))
            yield event

    def end(self) -> None:
        """Return when no process of the job runs any more: the zygote kills what is left, reaps it and hangs up."""
        try:
            self._line.shutdown(socket.SHUT_WR)
            self._line.settimeout(ENDING)
            while self._line.recv(1 << 16):
                pass
        except TimeoutError:
            _log.error("Job %s does not end; process %d is killed once more.", self._job.id, self._pid)
            if _parent_of(self._pid) == self._zygote:  # the number is the job's own word
                os.killpg(self._pid, signal.SIGKILL)
        except OSError:
            pass  # it has hung up already

    def _heard(self) -> Iterator[Event]:
        """The job's own events, its last progress again when it is silent, and a `Failed` when it is late or gone."""
        buffer = LineBuffer()
        while True:
            silence = (self._told + PULSE - time.monotonic()) if self._begun else PULSE
            heard = self._poll.poll(max(50.0, silence * 1000))
            if heard:
                yield from self._read(buffer)
            elif self._begun:
                yield self._seen_from_outside()
            late = self._deadlines.missed(time.monotonic(), silent=not heard)
            if late:
                yield self._failure(late)

    def _read(self, buffer: LineBuffer) -> Iterator[Event]:
        try:
            piece = self._line.recv(1 << 16)
            for line in filter(None, buffer.feed(piece)):
                event = decode(line)
                self._pid = event.pid if isinstance(event, Started) else self._pid
                self._deadlines.saw(event, time.monotonic())
                yield event
        except (OSError, WireError) as error:
            piece = b""
            _log.warning("The line to job %s broke: %s", self._job.id, error)
        if not piece:
            yield self._failure("died")

    def _failure(self, cause: str) -> Failed:
        if isinstance(self._job, Render):
            return errors.failure(f"conversion-{cause}")
        return errors.failure(cause, host=urlsplit(self._job.url).hostname or "")

    def _seen_from_outside(self) -> Event:
        """While a program of the job's fetches or converts, the job itself tells nothing."""
        received = self._traffic().received
        self._deadlines.received(received, time.monotonic())
        disk = os.statvfs(self._job.folder)
        if disk.f_bavail * disk.f_frsize < self._job.limits.reserve:
            return errors.failure("disk-full")
        if self._progress.step in FETCHING and not self._progress.downloaded:
            return replace(self._progress, downloaded=received)
        return self._progress

    def _traffic(self) -> JobTraffic:
        try:
            return self._proxy.traffic(self._job.id)
        except KeyError:
            return JobTraffic((), 0, 0)  # the engine was closed meanwhile

    def _judged(self, last: Event) -> Event:
        """A failure is the guard's doing when the guard refused something, or cut the job off."""
        if isinstance(last, Failed):
            traffic = self._traffic()
            if traffic.over_budget:
                return errors.failure("too-large", detail=last.detail)
            if traffic.denied and last.error.value in ("network", "stalled", "unknown"):
                return errors.failure("blocked", host=traffic.denied[0].rpartition(":")[0], detail=last.detail)
        if isinstance(last, Finished) and not all(_lies_within(self._job.folder, file.path) for file in last.files):
            return errors.failure("died", detail="The job named a file outside its folder.")
        return last


def _parent_of(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def _lies_within(folder: str, path: str) -> bool:
    target = Path(folder, path)
    return not Path(path).is_absolute() and target.is_file() and target.resolve().is_relative_to(Path(folder).resolve())


@functools.cache
def _packaged_ffmpeg() -> str:
    return str(imageio_ffmpeg.get_ffmpeg_exe())


@functools.cache
def _packaged_deno() -> str:
    try:
        return str(deno.find_deno_bin())
    except FileNotFoundError:
        return ""  # sites that need no JavaScript work without it
