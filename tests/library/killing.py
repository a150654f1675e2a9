"""Acts in a process that is killed with -9 right before its n-th step: a system call on a watched file, or an SQL
statement."""

import json
import os
import signal
import sqlite3
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.db import connection

_STEPS = {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir"}


class Killer:
    """Runs acts in forked children that share a database the parent never touches meanwhile."""

    def __init__(self, folder: Path, *watched: Path) -> None:
        self.folder = folder
        self.watched = tuple(str(path) for path in watched)
        self.database = folder / "killed.sqlite3"
        if connection.vendor == "sqlite":  # the tests' own is in memory, so no child could change it
            with sqlite3.connect(self.database) as file:
                connection.ensure_connection()
                connection.connection.backup(file)
                # Emptying the tables after the test before counts as removing its files
                file.execute("DELETE FROM library_leftover")
            file.close()

    def run(self, act: Callable[[], Any], kill_before: int = 0) -> Any:
        """What `act` returned, by way of JSON; None when it was killed before that many steps."""
        answer = self.folder / "answer.json"
        answer.unlink(missing_ok=True)
        if connection.vendor != "sqlite":
            connection.close()  # a child has to have a connection of its own
        child = os.fork()
        if child == 0:
            self._child(act, kill_before, answer)
        status = os.waitpid(child, 0)[1]
        if os.WIFSIGNALED(status):
            assert os.WTERMSIG(status) == signal.SIGKILL
            return None
        assert os.WEXITSTATUS(status) == 0, "the act failed; its traceback is above"
        return json.loads(answer.read_text())

    def at_every_step(self, act: Callable[[], Any], prepare: Callable[[], Any]) -> Iterator[int]:
        """Kill `act` before its first step, its second, ... until it comes to its end; `prepare` goes before each."""
        for step in range(1, 1000):
            self.run(prepare)
            finished = self.run(lambda: act() or True, step) is not None
            yield step
            if finished:
                return

    def _child(self, act: Callable[[], Any], kill_before: int, answer: Path) -> None:
        try:
            if connection.vendor == "sqlite":
                connection.connection = None
                connection.settings_dict["NAME"] = str(self.database)
            steps = _Steps(kill_before, self.watched)
            sys.addaudithook(steps.system_call)
            with connection.execute_wrapper(steps.statement):
                value = act()
            steps.left = 0
            answer.write_text(json.dumps(value, default=str))
            connection.close()
            os._exit(0)
        except BaseException:  # nothing may escape into the parent's test
            traceback.print_exc()
            sys.stderr.flush()
            os._exit(1)


class _Steps:
    def __init__(self, left: int, watched: tuple[str, ...]) -> None:
        self.left = left
        self.watched = watched

    def system_call(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event in _STEPS and str(arguments[0]).startswith(self.watched):
            self._step()

    def statement(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        self._step()
        return execute(sql, params, many, context)

    def _step(self) -> None:
        if self.left:
            self.left -= 1
            if not self.left:
                os.kill(os.getpid(), signal.SIGKILL)
