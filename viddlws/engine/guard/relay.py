"""Bytes from socket to socket: within the kernel where it can splice, through one reused buffer elsewhere."""

import errno
import fcntl
import os
import select
import socket
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

SMALL_BUFFER = 1 << 16
LARGE_BUFFER = 1 << 20
SPLICED_FROM = 1 << 18
_NOT_SPLICEABLE = (errno.EINVAL, errno.ENOSYS, errno.EPERM)
_SPLICE_FLAGS = getattr(os, "SPLICE_F_NONBLOCK", 2) | getattr(os, "SPLICE_F_MOVE", 1)

_OTHER_SIDE_GONE = getattr(select, "POLLRDHUP", 0)

# Called with the number of bytes that arrived; False cuts the connection.
Counter = Callable[[int], bool]


class CutError(TimeoutError):
    """The counter said no more, or nothing moved for too long."""


class Flow:
    """One direction between two non-blocking sockets. `left` is how much may still be read, None for all of it.

    Small answers go through a small buffer; what grows large is spliced, so that Python never sees its bytes.
    """

    def __init__(self, source: socket.socket, target: socket.socket, count: Counter, left: int | None = None) -> None:
        self.source, self.target, self._count, self.left = source, target, count, left
        self._waiting = 0  # bytes read but not yet written
        self._start = 0  # where in the buffer they begin
        self._moved = 0
        self._ended = left == 0
        self._buffer = memoryview(bytearray(SMALL_BUFFER))
        self._pipe: tuple[int, int] | None = None
        self._may_splice = hasattr(os, "splice")

    def close(self) -> None:
        if self._pipe is not None:
            os.close(self._pipe[0])
            os.close(self._pipe[1])
            self._pipe = None

    @property
    def done(self) -> bool:
        """Everything that came was passed on, and no more will come."""
        return self._ended and not self._waiting

    def wants(self) -> tuple[socket.socket, int] | None:
        """The socket and poll event this direction waits for."""
        if self._waiting:
            return self.target, select.POLLOUT
        return None if self._ended else (self.source, select.POLLIN)

    def move(self) -> bool:
        """Pass on what can be passed on without waiting. True when anything moved or the source ended."""
        moved = False
        while not self.done:
            if not self._waiting and not self._take():
                break
            moved = True
            if self._waiting and not self._give():
                break
        return moved

    def _take(self) -> bool:
        try:
            taken = self._read(LARGE_BUFFER if self.left is None else min(LARGE_BUFFER, self.left))
        except BlockingIOError:
            return False
        if self.left is not None:
            self.left -= taken
        self._moved += taken
        self._waiting, self._ended = taken, taken == 0 or self.left == 0
        if taken and not self._count(taken):
            raise CutError("The job may receive no more.")
        return True

    def _read(self, size: int) -> int:
        if self._pipe is None and self._moved >= SPLICED_FROM:
            self._grow()
        if self._pipe is not None:
            try:
                return os.splice(self.source.fileno(), self._pipe[1], size, flags=_SPLICE_FLAGS)
            except OSError as error:
                if error.errno not in _NOT_SPLICEABLE:
                    raise
                self._may_splice = False
                self.close()
        self._start = 0
        return self.source.recv_into(self._buffer, min(size, len(self._buffer)))

    def _grow(self) -> None:
        if not self._may_splice:
            if len(self._buffer) < LARGE_BUFFER:
                self._buffer = memoryview(bytearray(LARGE_BUFFER))
            return
        self._pipe = os.pipe()
        # A user's share of pipe memory may be spent; the default size works too.
        with suppress(OSError, AttributeError):
            fcntl.fcntl(self._pipe[1], fcntl.F_SETPIPE_SZ, LARGE_BUFFER)

    def _give(self) -> bool:
        try:
            if self._pipe is not None:
                given = os.splice(self._pipe[0], self.target.fileno(), self._waiting, flags=_SPLICE_FLAGS)
            else:
                given = self.target.send(self._buffer[self._start : self._start + self._waiting])
                self._start += given
        except BlockingIOError:
            return False
        self._waiting -= given
        return True


def run(flows: Sequence[Flow], idle: float, receiver: socket.socket | None = None) -> None:
    """Move until every flow is done. Raises CutError after `idle` seconds without a byte.

    With `receiver`, raises ConnectionAbortedError when that socket's other side has gone. Without, the end of one
    flow is passed on to its target, as the two ends of a tunnel expect.
    """
    deadline = time.monotonic() + idle
    ended: set[Flow] = set()
    while True:
        if sum(flow.move() for flow in flows):
            deadline = time.monotonic() + idle
        for flow in flows:
            if flow.done and flow not in ended:
                ended.add(flow)
                if receiver is None:
                    _pass_on_end(flow)
        if len(ended) == len(flows):
            return
        _wait([wanted for flow in flows if (wanted := flow.wants())], receiver, deadline - time.monotonic())


def await_readable(source: socket.socket, seconds: float, receiver: socket.socket) -> None:
    """Raises CutError when nothing comes, ConnectionAbortedError when the one who would receive it has gone."""
    _wait([(source, select.POLLIN)], receiver, seconds)


def _pass_on_end(flow: Flow) -> None:
    with suppress(OSError):  # it has gone already
        flow.target.shutdown(socket.SHUT_WR)


def _wait(wanted: Sequence[tuple[socket.socket, int]], receiver: socket.socket | None, seconds: float) -> None:
    events: dict[int, int] = {}
    if receiver is not None:
        events[receiver.fileno()] = _OTHER_SIDE_GONE
    for used, event in wanted:
        events[used.fileno()] = events.get(used.fileno(), 0) | event
    poller = select.poll()
    for number, mask in events.items():
        poller.register(number, mask)
    ready = poller.poll(max(0.0, seconds) * 1000)
    if not ready:
        raise CutError("Nothing came for too long.")
    if receiver is not None and any(
        number == receiver.fileno() and not mask & select.POLLOUT for number, mask in ready
    ):
        raise ConnectionAbortedError("The job closed its connection.")
