"""One job in a process of its own, from the zygote's fork to `os._exit`, and what is warmed up for it.

Reads one line (the job and what the machine gives it) from its socket, writes events as lines; the last is
`Playlist`, `Finished` or `Failed`. Only this module and `zygote` import yt-dlp.
"""

import contextlib
import errno
import functools
import io
import os
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

import yt_dlp
import yt_dlp.downloader.dash
import yt_dlp.downloader.external
import yt_dlp.downloader.hls
import yt_dlp.networking.common
import yt_dlp.networking.exceptions
import yt_dlp.utils
import yt_dlp.version
from yt_dlp.extractor import gen_extractor_classes
from yt_dlp.extractor.common import UnsupportedURLIE
from yt_dlp.networking import Request, Response
from yt_dlp.utils import smuggle_url

from viddlws.engine import errors, playlist, process, rehearsal, render, resume
from viddlws.engine.attempt_log import NAME, AttemptLog
from viddlws.engine.fetch import Course, GivenUp, Listed, Machine, changed, not_yet
from viddlws.engine.guard import sandbox
from viddlws.engine.messages import Event, Job, Render, Started
from viddlws.engine.wire import LineBuffer, decode_job, encode

SMALL_FILE_TIMEOUT = 10.0  # seconds
LARGEST_PAGE = 64 << 20  # bytes of a page or manifest that is read as a whole


@dataclass(frozen=True)
class Warm:
    """What every child inherits ready to use."""

    version: str
    extractors: tuple[Any, ...]
    patches: tuple[str, ...]
    missing: tuple[str, ...]
    resumable: bool  # what was fetched in an attempt before can be trusted


class Downloader(resume.IfRange, yt_dlp.YoutubeDL):  # type: ignore[misc]
    """yt-dlp with a ready list of extractors, that stops at lists and reads no page without end."""

    in_stream = False  # media is being fetched, nothing beside it

    def __init__(self, parameters: dict[str, Any], extractors: tuple[Any, ...]) -> None:
        super().__init__(parameters, auto_init=False)
        for extractor in extractors:
            self.add_info_extractor(extractor)

    def process_ie_result(self, ie_result: Any, download: bool = True, extra_info: Any = None) -> Any:
        if ie_result.get("_type") in playlist.LISTS:
            raise Listed(ie_result)
        return super().process_ie_result(ie_result, download, extra_info)

    def raise_no_formats(self, info: Any, forced: bool = False, *, msg: str | None = None) -> None:
        if info.get("live_status") == "is_upcoming":
            raise GivenUp(not_yet(info))
        super().raise_no_formats(info, forced, msg=msg)

    def urlopen(self, req: Any) -> Any:
        try:
            response = super().urlopen(req)
        except yt_dlp.networking.exceptions.HTTPError as error:
            if self.in_stream and error.status == errors.BLOCKED_STATUS:
                raise GivenUp(errors.classify(error, phase="fetching")) from error  # the guard will not change its mind
            raise
        response.read = functools.partial(_read_bounded, response.read)
        return response

    def smuggle(self, address: str, beside: dict[str, Any]) -> str:
        """A link that carries `beside` to the extractor that will read it."""
        return str(smuggle_url(address, beside))

    def fetch(self, address: str, headers: Mapping[str, str], most: int) -> bytes:
        """A small file as a whole. Raises ValueError when it is larger than `most` bytes."""
        with contextlib.closing(
            self.urlopen(Request(address, headers=dict(headers), extensions={"timeout": SMALL_FILE_TIMEOUT}))
        ) as response:
            content: bytes = response.read(most + 1)
        if len(content) > most:
            raise ValueError("too large")
        return content

    @contextlib.contextmanager
    def changed(self, changes: Mapping[str, Any]) -> Iterator[None]:
        with changed(self.params, changes):
            yield


def _read_bounded(read: Any, amt: int | None = None) -> bytes:
    if amt is not None:
        return read(amt)  # type: ignore[no-any-return]
    content: bytes = read(LARGEST_PAGE + 1)
    if len(content) > LARGEST_PAGE:
        raise OSError(errno.EFBIG, "the page is larger than any real one")
    return content


def warm_up() -> Warm:
    """Import and compile once what each job needs. Nothing here touches the network."""
    applied, missing = _share_ssl_context()
    missing += rehearsal.remember_patterns()
    try:
        applied += resume.patch(yt_dlp)
        resumable = True
    except resume.PatchError as error:
        missing.append(str(error))
        resumable = False
    with yt_dlp.YoutubeDL({"quiet": True}, auto_init=False):
        pass  # loads plugins where they are allowed
    by_name = {extractor.IE_NAME.lower(): extractor for extractor in gen_extractor_classes() if extractor._ENABLED}
    extractors = (*by_name.values(), UnsupportedURLIE())
    _compile_patterns(extractors)
    _rehearse(extractors)
    yt_dlp.downloader.external.FFmpegFD.available()  # asks ffmpeg for its version, and remembers it
    return Warm(yt_dlp.version.__version__, extractors, tuple(applied), tuple(missing), resumable)


def _compile_patterns(extractors: tuple[Any, ...]) -> None:
    """Each of 1,900 extractors has a pattern for links, and many have one for pages: 1.5 s if a job had to do it."""
    with Downloader({"quiet": True}, extractors) as ydl:
        for extractor in extractors:
            extractor.suitable("https://example.invalid/")
            if extractor.ie_key() != "Generic":
                with contextlib.suppress(yt_dlp.utils.YoutubeDLError):
                    list(extractor.extract_from_webpage(ydl, "https://example.invalid/", "<html></html>"))


class _Stage(Downloader):
    """Answers every request itself, from the pages of the rehearsal."""

    def urlopen(self, req: Any) -> Any:
        address = req if isinstance(req, str) else req.url
        kind, body = rehearsal.PAGES.get(urlsplit(address).path, ("text/plain", b""))
        return Response(io.BytesIO(body), address, {"Content-Type": kind, **rehearsal.HEADERS})


def _rehearse(extractors: tuple[Any, ...]) -> None:
    with _Stage({"quiet": True, "no_warnings": True, "logger": _Silent()}, extractors) as ydl:
        for path in rehearsal.PAGES:
            with contextlib.suppress(Exception):  # whatever a job would make of it
                ydl.extract_info(f"https://example.invalid{path}", download=False)


class _Silent:
    def debug(self, message: str) -> None: ...

    warning = error = debug


def _share_ssl_context() -> tuple[list[str], list[str]]:
    """Read the certificates once (21 ms) instead of once for each kind of connection of each job."""
    make = getattr(yt_dlp.networking.common, "make_ssl_context", None)
    try:
        shared = functools.cache(make)  # type: ignore[arg-type]
        if shared(verify=True, legacy_support=False, use_certifi=True) is not shared(
            verify=True, legacy_support=False, use_certifi=True
        ):
            raise TypeError("not shared")
    except TypeError:
        return [], ["make_ssl_context"]
    yt_dlp.networking.common.make_ssl_context = shared
    return ["make_ssl_context"], []


def main(line: socket.socket, parent: int, warm: Warm) -> NoReturn:
    """The forked child. Never returns."""
    status = 1
    try:
        process.detach(parent)
        _serve(line, warm)
        status = 0
    finally:
        os._exit(status)


def _serve(line: socket.socket, warm: Warm) -> None:
    job, beside = decode_job(_request(line))
    machine = Machine(**{**beside, "readable": tuple(beside["readable"])})
    sending = threading.Lock()

    def tell(event: Event) -> None:
        with sending:
            line.sendall(encode(event))

    tell(Started(os.getpid(), warm.version))
    if isinstance(job, Job):
        tell(_fetched(Course(job, machine, tell, warm.resumable), warm))
    else:
        tell(_rendered(job, machine, tell))


def _fetched(course: Course, warm: Warm) -> Event:
    try:
        log = AttemptLog(course.folder / NAME)
        process.limit(course.job.limits)
        _shut_in(course.folder, course.machine)
        return course.perform(lambda parameters: Downloader(parameters, warm.extractors), log)
    except BaseException as error:
        return errors.classify(error, phase=course.phase, url=course.job.url, refusal=course.refusal)


def _rendered(job: Render, machine: Machine, tell: Callable[[Event], None]) -> Event:
    try:
        process.limit(job.limits, render.COMPUTING, render.NICENESS)
        _shut_in(Path(job.folder), machine)
        return render.perform(job, machine.ffmpeg, tell)
    except BaseException as error:
        return errors.classify(error)


def _shut_in(folder: Path, machine: Machine) -> None:
    process.move_in(folder, machine.proxy)
    process.leash_programs()
    sandbox.enter(folder, machine.proxy_port, [Path(each) for each in machine.readable])


def _request(line: socket.socket) -> bytes:
    buffer = LineBuffer()
    while piece := line.recv(1 << 16):
        for whole in buffer.feed(piece):
            return whole
    raise ConnectionError("no job came")
