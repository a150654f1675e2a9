"""What the downloads need goes away in the middle of them and comes back: the disk's room, the broker."""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.ops.running import environment, listed, up, viddlws
from tests.site.server import Site
from tests.stack import group as seen
from tests.stack.group import Browser, states, until, with_alice

pytestmark = pytest.mark.chaos

MB = 1 << 20
SERVE = "import sys, pathlib; from viddlws.ops import valkey; valkey.serve(pathlib.Path(sys.argv[1]))"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 64 MB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", disk], capture_output=True, text=True)
    if made.returncode:
        pytest.skip(f"a disk to fill cannot be made: {made.stderr.strip()}")
    yield disk
    subprocess.run(["umount", "--lazy", disk], check=True)


@contextmanager
def valkey(folder: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """A broker of our own, that nobody starts again."""
    server = subprocess.Popen([sys.executable, "-c", SERVE, str(folder)], env=environment(folder))
    try:
        yield server
    finally:
        server.kill()
        server.wait()


def broker_at(folder: Path) -> str:
    """Its address; valid before it runs."""
    (folder / "run").mkdir(parents=True, exist_ok=True)
    prepare = "import sys, pathlib; from viddlws.ops import valkey; print(valkey.prepare(pathlib.Path(sys.argv[1])))"
    asked = [sys.executable, "-c", prepare, str(folder)]
    return subprocess.run(asked, env=environment(folder), capture_output=True, text=True, check=True).stdout.strip()


def all_done(data: Path, count: int) -> bool:
    return states(data) == {"done": count}


def check_files(data: Path) -> None:
    items = listed(data, "--user", "alice")
    files = [file for item in items for file in item["files"]]
    assert [file["path"] for file in files if Path(file["path"]).stat().st_size != file["size"]] == []
    assert all(item["files"] for item in items)


def fill(disk: Path) -> Path:
    """A file that leaves 8 MB free."""
    ballast = disk / "ballast"
    ballast.write_bytes(bytes(shutil.disk_usage(disk).free - 8 * MB))
    return ballast


def test_a_full_disk_pauses_the_queue_and_says_so_until_there_is_room(
    tmp_path: Path, fresh_site: Site, small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VIDDLWS_MEDIA_DIR", str(small_disk / "media"))
    monkeypatch.setenv("VIDDLWS_DISK_RESERVE", str(16 * MB))
    data = with_alice(tmp_path / "data")
    with up(data, first_run=False) as group:
        browser = Browser(group.address)
        browser.ask({"video": [fresh_site.url(f"/small/{number}.mp4?rate=600000") for number in range(14)]})
        until(lambda: states(data)["done"] >= 2 and states(data)["running"], "nothing is done")
        ballast = fill(small_disk)
        until(lambda: not states(data)["running"], "what runs is not stopped")
        assert seen.jobs(group) == []
        done = states(data)["done"]
        waiting = listed(data, "--user", "alice", "--state", "queued")
        assert len(waiting) + done == 14
        assert {item["error"]["class"] for item in waiting} == {"disk-full"}
        assert re.search(r"The disk is nearly full: \d", viddlws(data, "list").stdout)
        assert states(data)["done"] == done

        ballast.unlink()
        until(lambda: states(data)["done"] > done, "it does not go on by itself")
        seen.hurry(data, browser)
        until(lambda: all_done(data, 14), "it does not go on")
        check_files(data)
        named = {file["path"] for item in listed(data, "--user", "alice") for file in item["files"]}
        until(lambda: seen.on_disk(small_disk / "media") == named, "files that no row names", 20)


def test_without_its_broker_the_pages_work_and_all_is_done_when_it_is_back(tmp_path: Path, fresh_site: Site) -> None:
    data, folder = with_alice(tmp_path / "data"), tmp_path / "broker"
    address = broker_at(folder)
    with up(data, first_run=False, REDIS_URL=address) as group:
        browser = Browser(group.address)
        with valkey(folder) as server:
            browser.ask({"video": [fresh_site.url(f"/small/{number}.mp4?rate=400000") for number in range(10)]})
            until(lambda: states(data)["running"], "nothing starts")
            os.kill(server.pid, signal.SIGSTOP)  # it hangs: the worst it can do
            took = browser.seconds_to_ask({"audio": [fresh_site.url("/audio.m4a?t=hung")]})
            assert took < 15
        took = browser.seconds_to_ask({"audio": [fresh_site.url("/audio.m4a?t=gone")]})
        assert took < 5
        until(lambda: not states(data)["running"], "what runs does not end without a broker")
        assert states(data)["queued"] > 2
        with valkey(folder):
            until(lambda: all_done(data, 12), "the bells are not heard again", 120)
            check_files(data)
        assert group.end() == 0
