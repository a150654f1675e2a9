"""What tests see of a running group from outside: its rows, its processes, its pages, what it leaves on the disk."""

import http.client
import http.cookiejar
import sqlite3
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any
from uuid import UUID

import psutil

from tests.ops.running import PASSWORD, Up, viddlws

PATIENCE = 60.0  # seconds; only a broken group takes that long
_PAUSE = threading.Event()  # never set: waiting for it is a pause between two looks
_NO_ANSWER = (urllib.error.URLError, http.client.HTTPException, OSError)


def until(holds: Callable[[], object], what: str, patience: float = PATIENCE) -> None:
    """Return when something is so; fails with `what` after `patience` seconds."""
    deadline = time.monotonic() + patience
    while not holds():
        assert time.monotonic() < deadline, what
        pause()


def pause(seconds: float = 0.05) -> None:
    _PAUSE.wait(seconds)


def rows(data: Path, question: str, *values: object) -> list[dict[str, Any]]:
    """Ask the group's database, which is SQLite, without its knowing."""
    with closing(sqlite3.connect(f"file:{data / 'viddlws.sqlite3'}?mode=ro", uri=True, timeout=30)) as database:
        database.row_factory = sqlite3.Row
        return [dict(row) for row in database.execute(question, values)]


def states(data: Path) -> Counter[str]:
    """How many downloads there are in each state."""
    counted = rows(data, "SELECT state, count(*) AS number FROM downloads_download GROUP BY state")
    return Counter({row["state"]: row["number"] for row in counted})


def with_alice(data: Path) -> Path:
    """A data folder whose one account is Alice's."""
    made = viddlws(data, "user", "add", "alice", "--admin", "--password-file", "-", said=f"{PASSWORD}\n")
    assert made.returncode == 0, made.stderr
    return data


class Browser:
    """Alice at the pages. Acts are repeated until they are answered, as she would when the page does not come."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._cookies = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self._cookies))
        self._get("/account/sign-in/")
        self.act("/account/sign-in/", login="alice", password=PASSWORD)

    def act(self, path: str, **form: str) -> int:
        """Send a form; the answer's status. A 404 is an answer."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                return self._post(path, form)
            except urllib.error.HTTPError as error:
                return error.code
            except _NO_ANSWER:
                assert time.monotonic() < deadline, f"{path} is not answered"
                pause()

    def ask(self, links: dict[str, list[str]]) -> None:
        """Paste links, by format."""
        for form, some in links.items():
            assert self.act("/downloads/add/", links="\n".join(some), format=form) == 200

    def seconds_to_ask(self, links: dict[str, list[str]]) -> float:
        """How long the page takes to answer to that."""
        began = time.monotonic()
        self.ask(links)
        return time.monotonic() - began

    def _get(self, path: str) -> None:
        with self._opener.open(self.address + path, timeout=PATIENCE) as answer:
            answer.read()

    def _post(self, path: str, form: dict[str, str]) -> int:
        key = next(cookie.value for cookie in self._cookies if cookie.name == "viddlws_csrf")
        request = urllib.request.Request(
            self.address + path,
            urllib.parse.urlencode(form).encode(),
            {"X-CSRFToken": key or "", "HX-Request": "true"},
        )
        with self._opener.open(request, timeout=PATIENCE) as answer:
            answer.read()
            return int(answer.status)


def hurry(data: Path, browser: Browser) -> None:
    """Let her try at once what waits to be tried again later."""
    for row in rows(data, "SELECT id FROM downloads_download WHERE state = 'queued' AND error_class != ''"):
        browser.act(f"/downloads/{UUID(row['id'])}/retry/")


def zygote(group: Up) -> psutil.Process | None:
    """The worker's engine process; None when there is none at the moment."""
    worker = group.members().get("viddlws-worker")
    with suppress(psutil.NoSuchProcess):
        for child in worker.children() if worker else []:
            if "viddlws.engine.zygote" in child.cmdline():
                return child
    return None


def jobs(group: Up) -> list[psutil.Process]:
    """The processes that fetch something now, one for each download."""
    parent = zygote(group)
    with suppress(psutil.NoSuchProcess):
        return parent.children() if parent else []
    return []


def belonging_to(data: Path) -> list[psutil.Process]:
    """Every process on this machine that was started on this data folder, zombies of ours among them."""
    return list(_belonging(data))


def _belonging(data: Path) -> Iterator[psutil.Process]:
    mark = str(data).encode()
    for process in psutil.process_iter():
        with suppress(OSError):
            if mark in Path(f"/proc/{process.pid}/environ").read_bytes():
                yield process


def zombies(group: Up) -> list[psutil.Process]:
    found = []
    for process in group.processes():
        with suppress(psutil.NoSuchProcess):
            if process.status() == psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def on_disk(media: Path) -> set[str]:
    """Every file and link below the media folder, and every empty folder; only the naming lock is not told."""
    found = {path for path in media.rglob("*") if not path.is_dir() or path.is_symlink() or not any(path.iterdir())}
    return {str(path) for path in found} - {str(media / ".jobs" / ".naming"), str(media / ".jobs")}
