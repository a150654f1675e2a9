"""Plain HTTP files, continued only when the server still has what was begun (If-Range, RFC 9110).

Stock yt-dlp appends whatever the address has now, and asks for ever the same part that does not exist (416).
"""

import contextlib
import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from viddlws.engine import resume_state
from viddlws.engine.resume_state import Origin

Send = Callable[[Any], Any]  # yt-dlp's Request to its Response

_current = threading.local()  # `.part`: what this thread is fetching


class IfRange:
    """Goes before YoutubeDL among the bases of the child's own subclass: `class Ours(IfRange, yt_dlp.YoutubeDL)`.

    Needs `resume.patch`, which tells it what each thread is fetching; without that it only keeps `refusal`.
    """

    refusal: BaseException | None = None  # the last HTTPError; for `errors.classify`

    def urlopen(self, req: Any) -> Any:
        """As YoutubeDL's; also raises ConnectionError when a file changes between two of its pieces."""
        send: Send = super().urlopen  # type: ignore[misc]  # YoutubeDL's, the next in line
        part: Part | None = getattr(_current, "part", None)
        try:
            return send(req) if part is None or isinstance(req, str) else part.fetch(req, send)
        except Exception as error:
            if isinstance(getattr(error, "status", None), int):
                self.refusal = error
            raise


class Part:
    """One `x.part` being fetched. Its origin is frozen until the file is begun anew.

    Origins of fragments are not kept on disk: a fragment is short, and begun anew in the next run.
    """

    def __init__(self, path: Path, own_range: str | None, kept: bool) -> None:
        self.path = path
        self.own_range = own_range  # a part of the address that the format itself asks for
        self.kept = kept
        self.begun_here = False
        self.origin = resume_state.load(path.parent).parts.get(path.name) if kept else None

    def fetch(self, req: Any, send: Send) -> Any:
        """Send `req`; the answer is the wished rest of the same file, or a file from its beginning."""
        start, end = _range(req.headers.get("Range"))
        if start <= _range(self.own_range)[0]:
            return self._begin(send(req))
        in_pieces = end is not None and _range(self.own_range)[1] is None
        if in_pieces and self.begun_here:
            return self._next_piece(req, send)
        if self.origin is None or not (self.origin.validator or self.begun_here):
            return self._restart(req, send)
        try:
            answer = self._ask(req, send)
        except Exception as error:
            if getattr(error, "status", None) != 416:
                raise
            return self._restart(req, send)
        if answer.status != 206:
            return self._begin(answer)
        if self._is_other(answer):
            answer.close()
            return self._restart(req, send)
        self.begun_here = True
        return answer

    def finish(self, file: Path) -> str:
        """The download of `file` says it is whole. Empty, or what is wrong; then the file is gone."""
        size = file.stat().st_size
        if self.origin and self.origin.total not in (None, size):
            file.unlink()
            self._remember(None)
            return f"content too short (expected {self.origin.total} bytes and served {size})"
        if self.kept:
            remember_whole(file)
        return ""

    def _begin(self, answer: Any) -> Any:
        """The old bytes go before the new origin is noted, so that a kill in between leaves no wrong pair."""
        self.path.unlink(missing_ok=True)
        self._remember(_origin(answer, bool(self.own_range)))
        self.begun_here = True
        return answer

    def _restart(self, req: Any, send: Send) -> Any:
        _drop(req, "If-Range", "Range")
        if self.own_range:
            req.headers["Range"] = self.own_range
        try:
            return self._begin(send(req))
        finally:
            _drop(req, "Range")

    def _ask(self, req: Any, send: Send) -> Any:
        """yt-dlp uses the same headers for its next request, which may be for the whole; so they are taken off."""
        if self.origin and self.origin.validator:
            req.headers["If-Range"] = self.origin.validator
        try:
            return send(req)
        finally:
            _drop(req, "If-Range", "Range")

    def _next_piece(self, req: Any, send: Send) -> Any:
        """Between pieces yt-dlp holds the file open and cannot begin it anew; the next attempt can."""
        answer = self._ask(req, send)
        if answer.status == 206 and not self._is_other(answer):
            return answer
        answer.close()
        self.path.unlink(missing_ok=True)
        self._remember(None)
        raise ConnectionAbortedError("the file changed on the server while it was being fetched")

    def _is_other(self, answer: Any) -> bool:
        """For servers that ignore If-Range."""
        old, new = self.origin, _origin(answer, bool(self.own_range))
        if old is None or (old.total and new.total and old.total != new.total):
            return True
        if old.etag and new.etag:
            return old.etag.removeprefix("W/") != new.etag.removeprefix("W/")
        return bool(old.modified and new.modified and old.modified != new.modified)

    def _remember(self, origin: Origin | None) -> None:
        self.origin = origin
        if not self.kept:
            return
        with resume_state.lock:
            state = resume_state.load(self.path.parent)
            state.parts.pop(self.path.name, None)
            if origin and origin.validator:
                state.parts[self.path.name] = origin
            resume_state.save(self.path.parent, state)


def remember_whole(file: Path) -> None:
    """`file` is a complete stream; a later attempt need not fetch it again."""
    with resume_state.lock:
        state = resume_state.load(file.parent)
        state.parts.pop(f"{file.name}.part", None)
        state.done[file.name] = file.stat().st_size
        resume_state.save(file.parent, state)


def with_origin(original: Callable[..., bool]) -> Callable[..., bool]:
    """Stands in for `HttpFD.real_download(self, filename, info_dict)`."""

    def real_download(self: Any, filename: str, info_dict: dict[str, Any]) -> bool:
        if filename == "-" or self.params.get("test"):
            return original(self, filename, info_dict)
        own_range = dict(info_dict.get("http_headers") or {}).get("Range")
        kept = not re.search(r"-Frag\d+$", filename)
        part = Part(Path(self.temp_name(filename)), own_range, kept)
        with _fetching(part):
            done = original(self, filename, info_dict)
        if done and Path(filename).is_file():
            problem = part.finish(Path(filename))
            if problem:
                self.ydl.report_error(problem)
                return False
        return done

    return real_download


@contextlib.contextmanager
def _fetching(part: Part) -> Any:
    before = getattr(_current, "part", None)
    _current.part = part
    try:
        yield
    finally:
        _current.part = before


def _origin(answer: Any, of_a_part: bool) -> Origin:
    headers = answer.headers
    length = headers.get("Content-Length") or ""
    if answer.status == 206:
        length = (headers.get("Content-Range") or "").rpartition("/")[2]
    told = length.isascii() and length.isdigit() and not headers.get("Content-Encoding") and not of_a_part
    date = headers.get("Last-Modified") or ""
    # a file that changed in the second of the answer may change in it once more (RFC 9110, 8.8.2.2)
    modified = "" if date and date == headers.get("Date") else date
    return Origin(headers.get("ETag") or "", modified, int(length) if told else None)


def _range(value: str | None) -> tuple[int, int | None]:
    found = re.fullmatch(r"bytes=(\d+)-(\d*)", value or "")
    return (int(found[1]), int(found[2]) if found[2] else None) if found else (0, None)


def _drop(req: Any, *names: str) -> None:
    for name in names:
        req.headers.pop(name, None)
