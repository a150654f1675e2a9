"""Two hundred downloads while everything that works on them is killed, again and again, without warning.

The seed is printed; CHAOS_SEED repeats a run's choices (not its timing).
"""

import os
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import av
import pytest

from tests.ops.running import Up, listed, up
from tests.site.server import Site
from tests.stack import group as seen
from tests.stack.group import Browser, rows, states, until, with_alice
from tests.stack.mayhem import Minds, kill, kill_all

pytestmark = pytest.mark.chaos

DONE = 200
DOUBTFUL = 24
VICTIMS = ("job",) * 8 + ("zygote",) * 2 + ("worker",) + ("beat",) * 2 + ("valkey",) * 2 + ("web",) * 2
SETTINGS = {"VIDDLWS_DOWNLOAD_CONCURRENCY": "8", "VIDDLWS_SITE_CONCURRENCY": "8"}


@pytest.fixture
def dice() -> random.Random:
    seed = os.environ.get("CHAOS_SEED") or str(random.SystemRandom().randrange(10**6))
    print(f"CHAOS_SEED={seed}")
    return random.Random(seed)


def links(site: Site) -> dict[str, list[str]]:
    """Short files in every format, from sources of every kind; one in eight comes slowly."""
    kinds = {
        "video": ["/small/{}.mp4"] * 5 + ["/small/{}.mp4?rate=700000", "/hls/360.m3u8?n={}"],
        "audio": ["/audio.m4a?n={}", "/audio.mp3?n={}", "/clip.mp4?n={}"],
        "both": ["/clip.mp4?n={}", "/end.mp4?n={}"],
    }
    share = {"video": 160, "audio": 40, "both": 24}
    assert sum(share.values()) == DONE + DOUBTFUL
    return {
        form: [site.url(paths[number % len(paths)].format(number)) for number in range(share[form])]
        for form, paths in kinds.items()
    }


@contextmanager
def watched(data: Path) -> Iterator[None]:
    """Afterwards no process of the group may be left."""
    yield
    until(lambda: not seen.belonging_to(data), f"left running: {seen.belonging_to(data)}")


def work_under_fire(group: Up, plan: list[tuple[int, str]], minds: Minds, most: int) -> None:
    """Kill by plan (after how many are over, whom) and change minds, until `most` are over."""
    browser = Browser(group.address)
    while (over := _over(states(group.data))) < most:
        while plan and plan[0][0] <= over and kill(group, plan[0][1], minds.dice):
            plan.pop(0)
        if minds.dice.random() < 0.15:
            minds.change(browser)
        seen.pause(minds.dice.uniform(0.01, 0.1))


def finish(group: Up, minds: Minds) -> None:
    """Let all end; Alice does not wait for what is to be tried again later."""
    browser = Browser(group.address)
    minds.change_all(browser)
    until(lambda: minds.hurry(browser) == 0, "some downloads never end", 90)
    until(lambda: not seen.jobs(group), "processes of jobs are left")
    until(lambda: not seen.zombies(group), "the dead are not buried")


def _over(count: Counter[str]) -> int:
    return count.total() - count["queued"] - count["running"]


def test_everything_is_killed_and_each_download_is_done_once(
    tmp_path: Path, fresh_site: Site, dice: random.Random
) -> None:
    data = with_alice(tmp_path / "data")
    plan = sorted((dice.randrange(5, DONE - 20), victim) for victim in VICTIMS)
    with watched(data), up(data, first_run=False, **SETTINGS) as group:
        Browser(group.address).ask(links(fresh_site))
        minds = Minds(data, dice, DOUBTFUL)
        work_under_fire(group, plan, minds, dice.randrange(30, 80))
        kill_all(group)
    with watched(data), up(data, first_run=False, **SETTINGS) as group:
        work_under_fire(group, plan, minds, dice.randrange(100, 150))
        until(lambda: not seen.zombies(group), "the dead are not buried")
        assert group.end() == 0
    with watched(data), up(data, first_run=False, **SETTINGS) as group:
        work_under_fire(group, plan, minds, DONE)
        finish(group, minds)
        check(data, minds)
        assert group.end() == 0


def check(data: Path, minds: Minds) -> None:
    """All is in order: rows, files on the disk, and nothing besides."""
    media = data / "media"
    found = {item["id"].replace("-", ""): item for item in listed(data, "--user", "alice")}
    cancelled = {key for key, item in found.items() if item["state"] == "cancelled"}
    assert cancelled == minds.cancelled
    assert not minds.removed & found.keys()
    assert Counter(item["state"] for item in found.values()) == {
        "done": DONE + DOUBTFUL - len(minds.cancelled) - len(minds.removed),
        "cancelled": len(minds.cancelled),
    }
    assert [item["files"] for key, item in found.items() if key in cancelled] == [[]] * len(cancelled)
    done = [item for item in found.values() if item["state"] == "done"]
    for item in done:
        check_files(item)
    named = [file["path"] for item in done for file in item["files"]]
    assert len(named) == len(set(named))
    until(lambda: seen.on_disk(media) == set(named), "files that no row names", 20)
    counts = rows(
        data,
        "SELECT (SELECT count(*) FROM library_video) AS videos, (SELECT count(*) FROM library_leftover) AS leftovers,"
        " (SELECT count(*) FROM downloads_attempt WHERE outcome = 'done') AS successes,"
        " (SELECT count(*) FROM downloads_attempt WHERE outcome = 'running') AS open",
    )
    assert counts == [{"videos": len(done), "leftovers": 0, "successes": len(done), "open": 0}]


def check_files(item: dict[str, Any]) -> None:
    wanted = {"video": {"video"}, "audio": {"audio"}, "both": {"video", "audio"}}[item["format"]]
    assert {file["kind"] for file in item["files"]} & {"video", "audio"} == wanted
    for file in item["files"]:
        assert Path(file["path"]).stat().st_size == file["size"]
        if file["kind"] in wanted:
            with av.open(file["path"]) as media:
                assert media.duration
                assert abs(media.duration / 1e6 - 12) < 1
