"""A ViddlWS of our own to measure: `viddlws up` on a fresh data folder, and what its processes use."""

import json
import os
import select
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import psutil
import requests

VIDDLWS = str(Path(sys.executable).with_name("viddlws"))
USER = "bench"
PASSWORD = "a long enough passphrase"


@dataclass(frozen=True)
class Times:
    """Of one download, in seconds since 1970."""

    requested: float
    started: float
    ended: float


class Group:
    """The running group; `data` is its folder."""

    def __init__(self, process: subprocess.Popen[str], data: Path, environ: dict[str, str]) -> None:
        self.process, self.data, self.environ = process, data, environ
        self.address = ""
        self._browser = requests.Session()

    def run(self, *arguments: str, text: str | None = None) -> str:
        done = subprocess.run(
            [VIDDLWS, *arguments], env=self.environ, input=text, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"viddlws {arguments[0]} ended with {done.returncode}: {done.stderr[-2000:]}")
        return done.stdout

    def paste(self, urls: Sequence[str]) -> None:
        """As a person does it, through the page; signed in once."""
        form = {"links": "\n".join(urls), "format": "video"}
        if "viddlws_session" not in self._browser.cookies:
            self._browser.get(f"{self.address}/account/sign-in/")
            self._post("/account/sign-in/", {"login": USER, "password": PASSWORD})
        self._post("/downloads/add/", form)

    def wait_until_done(self, count: int) -> None:
        """Return when that many downloads are done. Raises RuntimeError when one fails."""
        while (found := dict(self._rows("select state, count(*) from downloads_download group by state"))) != {
            "done": count
        }:
            if "failed" in found:
                raise RuntimeError(f"downloads failed: {found}")
            time.sleep(0.05)

    def _post(self, path: str, form: dict[str, str]) -> None:
        token = self._browser.cookies["viddlws_csrf"]
        answer = self._browser.post(
            self.address + path, {**form, "csrfmiddlewaretoken": token}, allow_redirects=False, timeout=60
        )
        if answer.status_code != 302:
            raise RuntimeError(f"{path} answered {answer.status_code}")

    def _rows(self, query: str) -> list[tuple[Any, ...]]:
        with sqlite3.connect(f"file:{self.data / 'viddlws.sqlite3'}?mode=ro", uri=True) as database:
            return database.execute(query).fetchall()

    def downloads(self) -> list[dict[str, object]]:
        listed = json.loads(self.run("list", "--json"))
        assert isinstance(listed, list)
        return listed

    def times(self) -> list["Times"]:
        """When each download that is done was requested, started and ended, as its rows say."""
        rows = self._rows(
            "select requested_at, min(started_at), d.ended_at from downloads_download d"
            " join downloads_attempt a on a.download_id = d.id where d.state = 'done' group by d.id"
        )
        return [Times(*(datetime.fromisoformat(text).timestamp() for text in row)) for row in rows]

    def members(self) -> list[psutil.Process]:
        top = psutil.Process(self.process.pid)
        return [top, *top.children(recursive=True)]

    def cpu(self) -> float:
        """Seconds of processor all members used so far, with those of their children that ended."""
        total = 0.0
        for member in self.members():
            try:
                times = member.cpu_times()
            except psutil.NoSuchProcess:
                continue
            total += times.user + times.system + times.children_user + times.children_system
        return total

    def memory(self) -> dict[str, float]:
        """Proportional memory (PSS) of each member in MB, by pid and name."""
        found = {}
        for member in self.members():
            try:
                found[f"{member.pid} {' '.join(member.cmdline())[:60]}"] = member.memory_full_info().pss / 1e6
            except psutil.NoSuchProcess:
                continue
        return found


@contextmanager
def running(data: Path, **settings: str) -> Iterator[Group]:
    """`viddlws up` on this folder with these settings, with one user, ready to work; ended afterwards."""
    environ = {
        **os.environ,
        "VIDDLWS_DATA_DIR": str(data),
        "VIDDLWS_ALLOWED_NETWORKS": "127.0.0.0/8",
        "VIDDLWS_LOG_LEVEL": "WARNING",
        **settings,
    }
    process = subprocess.Popen([VIDDLWS, "up", "--port", "0"], env=environ, stdout=subprocess.PIPE, text=True)
    group = Group(process, data, environ)
    try:
        group.address = _address(process)
        group.run("user", "add", USER, "--password-file", "-", text=f"{PASSWORD}\n")
        yield group
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def _address(process: subprocess.Popen[str]) -> str:
    """Where it is, once it says so."""
    assert process.stdout
    end = time.monotonic() + 60
    while time.monotonic() < end and process.poll() is None:
        if select.select([process.stdout], [], [], 1)[0]:
            _, _, address = process.stdout.readline().partition("ViddlWS is at ")
            if address:
                return address.strip()
    raise RuntimeError("viddlws up did not start")


@contextmanager
def served(arguments: Sequence[str]) -> Iterator[str]:
    """The tests' web site in a process of its own; gives its address without the last slash."""
    process = subprocess.Popen([sys.executable, "-m", "tests.site", *arguments], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    try:
        yield process.stdout.readline().strip().rstrip("/")
    finally:
        process.terminate()
        process.wait(10)
