"""Handing out a file. Whether the asker may have it, the face has decided."""

import os
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from io import FileIO
from pathlib import Path

import structlog
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse

from viddlws.delivery import nginx, ranges
from viddlws.library.names import content_disposition

log = structlog.get_logger(__name__)

BLOCK = 512 * 1024  # bytes held in memory for one player, where the server cannot let the kernel send the file


def serve(
    request: HttpRequest, path: Path, *, mime: str, name: str = "", etag: str = "", attachment: bool = False
) -> HttpResponseBase:
    """The file, or the range of it that was asked for, to GET and HEAD.

    `etag` is strong and without quotes; made of size and time of the last change where none is given. `name` is what
    a browser saves the file as. Raises Http404 when there is no such file.
    """
    if request.method not in {"GET", "HEAD"}:
        return HttpResponse(status=405, headers={"Allow": "GET, HEAD"})
    file = _open(path)
    try:
        answer = _answer(request, file, path, etag)
    except BaseException:
        file.close()
        raise
    if not isinstance(answer, _Bytes):
        file.close()
    answer["Cache-Control"] = "private"
    answer["X-Content-Type-Options"] = "nosniff"
    if answer.status_code in {200, 206}:
        answer["Content-Type"] = f"{mime}; charset=utf-8" if mime.startswith("text/") else mime
        answer["Content-Disposition"] = content_disposition(name, attachment=attachment)
    else:
        del answer["Content-Type"]
    return answer


class _Portion:
    """Some bytes of an open file, as WSGI's file wrapper wants them; servers with sendfile use the number alone."""

    def __init__(self, file: FileIO, portion: ranges.Range) -> None:
        file.seek(portion.first)
        self._file = file
        self._left = portion.length
        self.close = file.close

    def fileno(self) -> int:
        return self._file.fileno()

    def read(self, size: int = BLOCK) -> bytes:
        block = self._file.read(min(size, self._left))
        self._left -= len(block)
        return block

    def __iter__(self) -> Iterator[bytes]:
        while block := self.read():
            yield block


class _Bytes(StreamingHttpResponse):
    """Streams a portion and closes the file, whatever happens. `file_to_stream` is what Django's WSGI handler
    gives to the server's file wrapper."""

    block_size = BLOCK

    def __init__(self, portion: _Portion, status: int) -> None:
        super().__init__(portion, status=status)
        self.file_to_stream = portion


def _open(path: Path) -> FileIO:
    """Open a plain file; does not wait when somebody put a pipe there."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        log.warning("media.missing", path=str(path), cause=error.strerror)
        raise Http404("The file is not there any more.") from error
    if stat.S_ISREG(os.fstat(handle).st_mode):
        return FileIO(handle, "r")
    os.close(handle)
    log.warning("media.missing", path=str(path), cause="not a plain file")
    raise Http404("The file is not there any more.")


def _answer(request: HttpRequest, file: FileIO, path: Path, etag: str) -> HttpResponseBase:
    """Status, validators and bytes, in the order of RFC 9110, section 13.2.2."""
    if settings.OPTIONS.media_delivery == "nginx" and (handed_over := nginx.handed_over(path)):
        return handed_over
    status = os.fstat(file.fileno())
    tag = f'"{etag}"' if etag else f'"{status.st_size:x}-{status.st_mtime_ns:x}"'
    modified = datetime.fromtimestamp(status.st_mtime_ns // 10**9, UTC)
    asked = request.headers.get
    if ranges.refused(asked("If-Match"), asked("If-Unmodified-Since"), tag, modified):
        answer: HttpResponseBase = HttpResponse(status=412)
    elif ranges.unchanged(asked("If-None-Match"), asked("If-Modified-Since"), tag, modified):
        answer = HttpResponse(status=304)
    else:
        ranged = request.method == "GET" and ranges.still_the_same(asked("If-Range", ""), tag, modified)
        answer = _body(request, file, status.st_size, asked("Range", "") if ranged else "")
    answer["ETag"] = tag
    answer["Last-Modified"] = ranges.date(modified)
    answer["Accept-Ranges"] = "bytes"
    return answer


def _body(request: HttpRequest, file: FileIO, size: int, header: str) -> HttpResponseBase:
    try:
        portion = ranges.asked(header, size)
    except ranges.Unsatisfiable:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    if request.method == "HEAD":
        return HttpResponse(headers={"Content-Length": str(size)})
    whole = portion or ranges.Range(0, size - 1)
    answer = _Bytes(_Portion(file, whole), 206 if portion else 200)
    answer["Content-Length"] = str(whole.length)
    if portion:
        answer["Content-Range"] = f"bytes {portion.first}-{portion.last}/{size}"
    return answer
