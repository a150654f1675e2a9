"""Request bodies on their way to a site: exactly as long as announced, so that nothing can hide behind one."""

import re
import socket

from viddlws.engine.guard.answers import Refused
from viddlws.engine.guard.heads import Request
from viddlws.engine.guard.relay import Counter

_PIECE = 65536
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,12})[ \t]*(?:;[^\r\n]*)?")
_LONGEST_LINE = 4096
_MOST_TRAILERS = 64


def pass_on_body(request: Request, rest: bytes, client: socket.socket, upstream: socket.socket, count: Counter) -> None:
    """Send the request's body, whose beginning `rest` has been read with the head. Anything after it is dropped."""
    if request.length == 0:
        return
    if request.header(b"expect").lower() == b"100-continue" and not rest:
        client.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
    reader = _Reader(client, rest)
    if request.length is None:
        _pass_on_chunks(reader, upstream, count)
    else:
        _pass_on(reader, request.length, upstream, count)


class _Reader:
    """Reads lines and exact lengths from a socket of which some bytes were read already."""

    def __init__(self, source: socket.socket, rest: bytes) -> None:
        self._source, self._rest = source, rest

    def upto(self, size: int) -> bytes:
        """At least one byte, at most `size`."""
        if not self._rest:
            self._more()
        piece, self._rest = self._rest[:size], self._rest[size:]
        return piece

    def line(self) -> bytes:
        """The next line without its CRLF. A bare LF or CR is refused."""
        while b"\n" not in self._rest:
            if len(self._rest) > _LONGEST_LINE:
                raise Refused(400, "Bad-Request", "A line of the body's framing is too long.")
            self._more()
        line, _, self._rest = self._rest.partition(b"\n")
        if not line.endswith(b"\r") or b"\r" in line[:-1]:
            raise Refused(400, "Bad-Request", "The body's framing is malformed.")
        return line[:-1]

    def _more(self) -> None:
        piece = self._source.recv(_PIECE)
        if not piece:
            raise ConnectionAbortedError("The job closed its connection within a body.")
        self._rest += piece


def _pass_on(reader: _Reader, length: int, upstream: socket.socket, count: Counter) -> None:
    while length:
        piece = reader.upto(min(length, _PIECE))
        length -= len(piece)
        if not count(len(piece)):
            raise ConnectionAbortedError("The job has ended.")
        upstream.sendall(piece)


def _pass_on_chunks(reader: _Reader, upstream: socket.socket, count: Counter) -> None:
    """Write the chunks anew: sizes in one spelling, no extensions, no trailers."""
    while True:
        match = _CHUNK_SIZE.fullmatch(reader.line())
        if match is None:
            raise Refused(400, "Bad-Request", "The body's framing is malformed.")
        size = int(match[1], 16)
        if size == 0:
            break
        upstream.sendall(b"%x\r\n" % size)
        _pass_on(reader, size, upstream, count)
        if reader.line():
            raise Refused(400, "Bad-Request", "The body's framing is malformed.")
        upstream.sendall(b"\r\n")
    for _ in range(_MOST_TRAILERS):
        if not reader.line():
            upstream.sendall(b"0\r\n\r\n")
            return
    raise Refused(400, "Bad-Request", "The body has too many trailers.")
