"""A process that has read yt-dlp once and forks a child for each job.

It is a program of its own (`python -m viddlws.engine.zygote FD PARENT`) with an environment of its own: no Django,
no secrets. `FD` is its end of a socket pair: each packet it receives there carries one stream socket, the line to
one job; when its other end closes, the zygote and all its children end. No path leads to it, so nothing but its
parent can ask it for a job. It has one thread, because only such a process may fork safely.

Its first packet is the hello: a JSON object with `version` (yt-dlp's), `patches` (those in force), `missing`
(those that this yt-dlp has no place for) or `error`.
"""

import contextlib
import gc
import json
import os
import select
import signal
import socket
import sys
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import NoReturn

from viddlws.engine import child, kernel
from viddlws.engine.messages import ErrorClass, Failed
from viddlws.engine.wire import encode

OLDEST_VERSION = (2026, 7, 4)  # before it, known weaknesses
_GONE = select.POLLHUP | select.POLLERR | select.POLLNVAL
_HUNG_UP = _GONE | select.POLLRDHUP


@dataclass
class Zygote:
    """The loop: forks, reaps, kills what was cancelled, ends when drained or alone."""

    control: socket.socket
    warm: child.Warm
    wake_up: tuple[int, int]  # a pipe that becomes readable when a child has ended or a signal came
    jobs: dict[int, socket.socket] = field(default_factory=dict)  # by the child's pid
    killed: set[int] = field(default_factory=set)
    draining: bool = False

    def serve(self) -> None:
        wake_up = self.wake_up[0]
        signal.signal(signal.SIGTERM, self._drain)
        while not (self.draining and not self.jobs):
            poller = select.poll()
            poller.register(wake_up, select.POLLIN)
            poller.register(self.control, 0 if self.draining else select.POLLIN | select.POLLRDHUP)
            for pid, line in self.jobs.items():
                if pid not in self.killed:
                    poller.register(line, select.POLLRDHUP)
            ready = dict(poller.poll())
            if wake_up in ready:
                os.read(wake_up, 4096)
            self._end_cancelled(ready)
            self._reap()
            seen = ready.get(self.control.fileno(), 0)
            if seen & select.POLLIN or self.draining:
                self._take_jobs()
            if seen & (_GONE if self.draining else _HUNG_UP):
                return

    def end_all(self) -> None:
        for pid in self.jobs:
            _kill_group(pid)

    def _drain(self, _signal: int, _frame: FrameType | None) -> None:
        self.draining = True
        with contextlib.suppress(OSError):
            self.control.shutdown(socket.SHUT_RD)  # whoever hands over a job now is told, and starts another zygote

    def _take_jobs(self) -> None:
        """All that have been handed over; also the last ones when draining."""
        while True:
            try:
                _, handed, _, _ = socket.recv_fds(self.control, 16, 1)
            except BlockingIOError:
                return
            if not handed:
                return
            self._fork(socket.socket(fileno=handed[0]))

    def _fork(self, line: socket.socket) -> None:
        parent = os.getpid()
        try:
            pid = os.fork()
        except OSError:
            line.close()  # no memory or no more processes for this one; those that run are not harmed
            return
        if pid == 0:
            self._become_child(line, parent)
        self.jobs[pid] = line

    def _become_child(self, line: socket.socket, parent: int) -> NoReturn:
        try:
            signal.set_wakeup_fd(-1)
            for end in self.wake_up:
                os.close(end)
            for other in (self.control, *self.jobs.values()):
                other.close()
            child.main(line, parent, self.warm)
        finally:
            os._exit(1)

    def _end_cancelled(self, ready: dict[int, int]) -> None:
        """A line closed by the other side is a job nobody wants any more."""
        for pid, line in self.jobs.items():
            if ready.get(line.fileno(), 0) & _HUNG_UP:
                self.killed.add(pid)
                _kill_group(pid)

    def _reap(self) -> None:
        """Collect the dead. What a child leaves running ends with it, before its line closes."""
        while (found := _next_dead()) is not None:
            if found in self.jobs:
                _kill_group(found)
            _, status = os.waitpid(found, 0)
            self.killed.discard(found)
            line = self.jobs.pop(found, None)
            if line is not None:
                _end_strays(self.jobs)
                _tell_death(line, status)
                line.close()


def _next_dead() -> int | None:
    """The pid of a child that has ended. It is not reaped, so the number cannot mean another process yet."""
    try:
        found = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return None
    return found.si_pid if found else None


def _end_strays(jobs: Collection[int]) -> None:
    """Kill what left its job's process group and came to us as an orphan; `_reap` collects it."""
    for children in Path("/proc/self/task").glob("*/children"):
        for pid in map(int, children.read_text().split()):
            if pid not in jobs:
                os.kill(pid, signal.SIGKILL)


def _kill_group(pid: int) -> None:
    for kill, target in ((os.killpg, pid), (os.kill, pid)):  # before its setsid, the child has no group of its own
        try:
            kill(target, signal.SIGKILL)
        except ProcessLookupError:
            continue


def _tell_death(line: socket.socket, status: int) -> None:
    """A child that could not say itself why it ended. Nobody reads it if it had."""
    code = os.waitstatus_to_exitcode(status)
    if code == 0:
        return
    how = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit status {code}"
    message = "The download process died."
    if code == -signal.SIGXCPU:
        message = "The download process used too much computing time."
    died = Failed(ErrorClass.UNKNOWN, message, "Try again.", detail=how, passing=True)
    with contextlib.suppress(OSError):  # the other side may have gone
        line.send(b"\n" + encode(died), socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL)


def _signals_as_bytes() -> tuple[int, int]:
    reading, writing = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda _signal, _frame: None)
    return reading, writing


def _too_old(version: str) -> bool:
    parts = [int(part) for part in version.split(".")[:3] if part.isdigit()]
    return tuple(parts) < OLDEST_VERSION


def main() -> None:
    control = socket.socket(fileno=int(sys.argv[1]))
    kernel.die_with(int(sys.argv[2]))
    kernel.adopt_orphans()
    warm = child.warm_up()
    hello: dict[str, object] = {"version": warm.version, "patches": warm.patches, "missing": warm.missing}
    if _too_old(warm.version):
        hello["error"] = f"yt-dlp {warm.version} is too old; at least {'.'.join(map(str, OLDEST_VERSION))} is needed."
    control.send(json.dumps(hello).encode())
    if "error" in hello:
        return
    gc.collect()
    gc.freeze()  # else each collection in a child would copy all these pages
    control.setblocking(False)
    zygote = Zygote(control, warm, _signals_as_bytes())
    try:
        zygote.serve()
    finally:
        zygote.end_all()


if __name__ == "__main__":
    main()
