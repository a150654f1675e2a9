"""Real yt-dlp in a process that can be killed, with or without what `viddlws.engine.resume` mends."""

import importlib
import multiprocessing
import os
import time
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from viddlws.engine import resume
from viddlws.engine.messages import Job

PATIENCE = 60.0  # seconds; only a broken test waits that long

_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["tests.engine.warm", "tests.engine.fetching"])


class Quiet:
    """yt-dlp's logger that says nothing."""

    def debug(self, message: str) -> None: ...

    info = warning = error = debug


OPTIONS: dict[str, Any] = {
    "quiet": True, "noprogress": True, "logger": Quiet(), "outtmpl": {"default": "media.%(ext)s"}, "fixup": "never",
    "retries": 3, "fragment_retries": 3, "socket_timeout": 10, "updatetime": False, "cachedir": False,
    "format": "bv*+ba/b",
}  # fmt: skip


def job(folder: Path, url: str) -> Job:
    return Job(id="1", url=url, folder=str(folder))


def download(folder: Path, url: str, **options: Any) -> None:
    """In this process: prepare, patch and fetch as the engine's child does. Raises what yt-dlp raises."""
    yt_dlp = importlib.import_module("tests.engine.warm").yt_dlp

    class Ours(resume.IfRange, yt_dlp.YoutubeDL):  # type: ignore[misc,name-defined]  # untyped
        pass

    class Chosen(yt_dlp.postprocessor.PostProcessor):  # type: ignore[misc,name-defined]  # untyped
        def run(self, information: dict[str, Any]) -> tuple[list[str], dict[str, Any]]:
            resume.chosen(Path(), information)
            return [], information

    folder.mkdir(exist_ok=True)
    os.chdir(folder)
    resume.prepare(folder, job(folder, url))
    resume.patch(yt_dlp)
    with Ours({**OPTIONS, "skip_unavailable_fragments": False, **options}) as ydl:
        ydl.add_post_processor(Chosen(), when="before_dl")
        ydl.extract_info(url)


def stock_download(folder: Path, url: str, **options: Any) -> None:
    """In this process: the same by yt-dlp as it comes."""
    yt_dlp = importlib.import_module("tests.engine.warm").yt_dlp
    folder.mkdir(exist_ok=True)
    os.chdir(folder)
    with yt_dlp.YoutubeDL({**OPTIONS, **options}) as ydl:
        ydl.extract_info(url)


def start(fetch: Callable[..., None], folder: Path, url: str, **options: Any) -> BaseProcess:
    """`fetch` in a process of its own; exit code 0 means that it raised nothing."""
    process = _processes.Process(target=fetch, args=(folder, url), kwargs=options)
    process.start()
    return process


def run(fetch: Callable[..., None], folder: Path, url: str, **options: Any) -> int:
    """Start, wait, and give the exit code."""
    process = start(fetch, folder, url, **options)
    process.join(PATIENCE)
    if process.exitcode is None:
        kill(process)
        raise TimeoutError(f"{url} was not done in {PATIENCE} seconds")
    return process.exitcode


def kill(process: BaseProcess) -> None:
    """With SIGKILL: no last words."""
    process.kill()
    process.join()


def wait_until(condition: Callable[[], bool]) -> None:
    """For what no event tells, such as the growth of a file. Raises TimeoutError."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("what the test waits for did not come")
        time.sleep(0.002)


def bytes_in(folder: Path) -> int:
    """The length of all half-fetched files together."""
    total = 0
    for path in folder.glob("*.part*"):
        try:
            total += path.stat().st_size
        except FileNotFoundError:
            continue  # appended and removed meanwhile
    return total
