"""One group of processes, forked from this one: started together, mended when they crash, ended together.

Forking from a process that has loaded everything lets the members share its memory. The kernel ends every member
with this process (`die_with`), so none outlives it, however it ends.
"""

import gc
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import structlog

from viddlws.engine.kernel import adopt_orphans, die_with

log = structlog.get_logger(__name__)

_END = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
_HEARD = _END | {signal.SIGCHLD}
_LONGEST_PAUSE = 30.0  # seconds before a member that keeps crashing is started again
_STEADY = 60.0  # seconds after which a member counts as healthy again
_LONGEST_NAME = 15  # bytes `ps` shows
_PATIENCE = 20.0  # seconds members get to end by themselves


@dataclass
class Member:
    """One process of the group. `run` is called in it and may end by returning, SystemExit or being killed."""

    name: str
    run: Callable[[], object]
    once: bool = False  # not started again when it ends well
    outlives: bool = False  # ended only after the others, who need it to end cleanly
    pid: int = 0  # 0: does not run
    started: float = 0.0
    crashes: int = 0
    due: float = 0.0


class Group:
    """Keeps its members running until it is told to end. Use it from the main thread of a process without others."""

    def __init__(self) -> None:
        self.members: list[Member] = []
        signal.pthread_sigmask(signal.SIG_BLOCK, _HEARD)  # they are waited for instead
        adopt_orphans()  # as process 1 of a container would have to anyway

    def call(self, run: Callable[[], object]) -> int:
        """Call this in a process of its own, wait for it, and return its exit code."""
        pid = _fork(run, "setup")
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

    def add(self, member: Member) -> None:
        """Take a member in and start it."""
        self.members.append(member)
        self._start(member)

    def keep(self) -> None:
        """Return when told to end (SIGINT, SIGTERM, SIGHUP); until then start again whatever crashes."""
        while True:
            heard = signal.sigtimedwait(_HEARD, self._pause())
            if heard and heard.si_signo in _END:
                return
            self._reap()
            for member in self.members:
                if not member.pid and 0 < member.due <= time.monotonic():
                    self._start(member)

    def end(self) -> None:
        """End all members, those that others need last. A second call for the end kills what is left at once."""
        for wave in (False, True):
            for member in self._running(wave):
                os.kill(member.pid, signal.SIGTERM)
            self._await(wave)
            for member in self._running(wave):
                log.warning("member.killed", member=member.name, patience=_PATIENCE)
                os.killpg(member.pid, signal.SIGKILL)
            while self._running(wave):
                signal.sigtimedwait({signal.SIGCHLD}, 1)
                self._reap(mend=False)

    def _await(self, wave: bool) -> None:
        deadline = time.monotonic() + _PATIENCE
        while self._running(wave) and (left := deadline - time.monotonic()) > 0:
            heard = signal.sigtimedwait(_HEARD, left)
            if heard and heard.si_signo in _END:
                return
            self._reap(mend=False)

    def _running(self, wave: bool) -> list[Member]:
        return [member for member in self.members if member.pid and member.outlives == wave]

    def _start(self, member: Member) -> None:
        member.pid = _fork(member.run, member.name)
        member.started = time.monotonic()
        member.due = 0.0

    def _pause(self) -> float:
        waiting = [member.due for member in self.members if member.due]
        return max(0.0, min(waiting) - time.monotonic()) if waiting else 3600.0

    def _reap(self, mend: bool = True) -> None:
        for member in self.members:
            if member.pid and os.waitid(os.P_PID, member.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                _kill_rest(member.pid)
                code = os.waitstatus_to_exitcode(os.waitpid(member.pid, 0)[1])
                member.pid = 0
                if mend and not (member.once and code == 0):
                    self._plan(member, code)
        self._reap_orphans()

    def _reap_orphans(self) -> None:
        """Collect what came to us when a member was killed: its children, which the kernel has killed with it."""
        members = {member.pid for member in self.members}
        with suppress(ChildProcessError):
            while (
                found := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            ) and found.si_pid not in members:
                os.waitpid(found.si_pid, 0)

    def _plan(self, member: Member, code: int) -> None:
        """Start a member that ended again: at once the first time, then after longer and longer pauses."""
        now = time.monotonic()
        member.crashes = 0 if now - member.started > _STEADY else member.crashes
        pause = min(_LONGEST_PAUSE, 0.5 * 2 ** (member.crashes - 1)) if member.crashes else 0.0
        member.crashes += 1
        member.due = now + pause
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        log.warning("member.ended", member=member.name, how=how, again_in=pause)


def _kill_rest(group: int) -> None:
    """Kill what a member left behind in its process group; its own body still waits, so the number is not reused."""
    try:
        os.killpg(group, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def _fork(run: Callable[[], object], name: str) -> int:
    sys.stdout.flush()
    sys.stderr.flush()
    parent = os.getpid()
    gc.collect()
    gc.freeze()  # so that a later collection does not touch, and so copy, what is shared
    pid = os.fork()
    if not pid:
        _become(run, name, parent)
    return pid


def _become(run: Callable[[], object], name: str, parent: int) -> NoReturn:
    code = 1
    try:
        os.setpgid(0, 0)  # Ctrl-C is for the group's head alone
        die_with(parent)
        Path("/proc/self/comm").write_text(f"viddlws-{name}"[:_LONGEST_NAME], encoding="ascii")
        for number in _HEARD:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, set())
        run()
        code = 0
    except SystemExit as leaving:
        code = leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
    except KeyboardInterrupt:
        code = 130
    except BaseException:
        log.exception("member.crashed")
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
