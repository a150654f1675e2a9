"""What is done to a group while it works: kills without warning, and people who change their minds."""

import os
import random
import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from uuid import UUID

import psutil

from tests.ops.running import Up
from tests.stack.group import Browser, hurry, jobs, rows, zygote

_MEMBERS = {"worker": "viddlws-worker", "beat": "viddlws-beat", "web": "viddlws-web"}
_ALL = "SELECT id, state FROM downloads_download ORDER BY requested_at"
_ONE = "SELECT state FROM downloads_download WHERE id = ?"


def kill(group: Up, victim: str, dice: random.Random) -> bool:
    """Kill one of the group's processes: job, zygote, worker, beat, web or valkey. False when there is none now."""
    with suppress(psutil.NoSuchProcess, IndexError):
        process = _find(group, victim, dice)
        if process:
            process.kill()
            return True
    return False


def _find(group: Up, victim: str, dice: random.Random) -> psutil.Process | None:
    if victim == "job":
        return dice.choice(jobs(group))
    if victim == "zygote":
        return zygote(group)
    if victim == "valkey":
        return next(
            (each for name, each in group.members().items() if "valkey" in name and "viddlws" not in name), None
        )
    return group.members().get(_MEMBERS[victim])


def kill_all(group: Up) -> None:
    """Kill the group's head; the kernel ends the rest."""
    os.kill(group.process.pid, signal.SIGKILL)
    group.process.wait()


class Minds:
    """Downloads that Alice will cancel or remove, each in the moment she comes to think of it."""

    def __init__(self, data: Path, dice: random.Random, count: int) -> None:
        """Choose `count` of them: two of three to cancel, the others to remove. Ids are as the database writes them."""
        self.data, self.dice = data, dice
        chosen = dice.sample([row["id"] for row in rows(data, _ALL)], count)
        self.cancelling, self.removing = set(chosen[: count * 2 // 3]), set(chosen[count * 2 // 3 :])
        self.cancelled: set[str] = set()
        self.removed: set[str] = set()

    def change(self, browser: Browser) -> None:
        """Let her change her mind about one that is running, or sometimes one that waits."""
        waiting = self.cancelling | self.removing
        found = {row["id"]: row["state"] for row in rows(self.data, _ALL)}
        running = [each for each in sorted(waiting) if found.get(each) == "running"]
        queued = [each for each in sorted(waiting) if found.get(each) == "queued"]
        choice = running if running and self.dice.random() < 0.9 else queued or running
        if choice:
            self._act(browser, self.dice.choice(choice))

    def change_all(self, browser: Browser) -> None:
        """Whatever is left over."""
        for each in sorted(self.cancelling | self.removing):
            self._act(browser, each)

    def hurry(self, browser: Browser) -> int:
        """Try at once what waits to be tried again; how many downloads are not over yet."""
        hurry(self.data, browser)
        return sum(row["state"] in {"queued", "running"} for row in rows(self.data, _ALL))

    def _act(self, browser: Browser, number: str) -> None:
        acts: tuple[tuple[str, set[str], Callable[[str], None]], ...] = (
            ("cancel", self.cancelling, self._after_cancel),
            ("remove", self.removing, self.removed.add),
        )
        for name, wanted, after in acts:
            if number in wanted:
                browser.act(f"/downloads/{UUID(number)}/{name}/")
                wanted.discard(number)
                after(number)

    def _after_cancel(self, number: str) -> None:
        """It may have been done just before."""
        if rows(self.data, _ONE, number)[0]["state"] != "done":
            self.cancelled.add(number)
