"""A real `viddlws up` in a data folder of its own, and the command line beside it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

COMMAND = [str(Path(sys.executable).with_name("viddlws"))]
PASSWORD = "correct horse battery"
_PATIENCE = 60  # seconds; a busy machine is no failure


def environment(data: Path, **more: str) -> dict[str, str]:
    """This test run's environment, with another data folder and SQLite."""
    kept = {name: text for name, text in os.environ.items() if name not in {"DATABASE_URL", "PYTEST_CURRENT_TEST"}}
    return {**kept, "VIDDLWS_DATA_DIR": str(data), "VIDDLWS_PORT": "0", "VIDDLWS_LOG_LEVEL": "INFO", **more}


def viddlws(data: Path, *arguments: str, said: str = "", **more: str) -> "subprocess.CompletedProcess[str]":
    """Run one command to its end."""
    return subprocess.run(
        [*COMMAND, *arguments],
        input=said,
        env=environment(data, **more),
        capture_output=True,
        text=True,
        timeout=_PATIENCE,
        check=False,
    )


def listed(data: Path, *arguments: str) -> list[dict[str, Any]]:
    answer = viddlws(data, "list", "--json", *arguments)
    assert answer.returncode == 0, answer.stderr
    found: list[dict[str, Any]] = json.loads(answer.stdout)
    return found


class Up:
    """A group that has said where it is."""

    def __init__(self, process: "subprocess.Popen[str]", data: Path, log: Path, first_lines: list[str]) -> None:
        self.process = process
        self.data = data
        self.log = log
        self.address = first_lines[0].removeprefix("ViddlWS is at ")
        self.first_run = first_lines[1].partition(": ")[2] if len(first_lines) > 1 else ""

    def processes(self) -> list[psutil.Process]:
        """Every process of the group but its head."""
        return psutil.Process(self.process.pid).children(recursive=True)

    def members(self) -> dict[str, psutil.Process]:
        """The head's own children by name."""
        return {child.name(): child for child in psutil.Process(self.process.pid).children()}

    def end(self) -> int:
        self.process.terminate()
        return self.process.wait(_PATIENCE)


@contextmanager
def up(data: Path, *arguments: str, first_run: object = True, **more: str) -> Iterator[Up]:
    """Start the group, wait until it says where it is, end it afterwards if the test has not.

    `first_run`: there is no administrator yet, so it prints the address for making one.
    """
    data.parent.mkdir(parents=True, exist_ok=True)
    log = data.parent / "up.log"
    with log.open("a") as errors:
        process = subprocess.Popen(
            [*COMMAND, "up", *arguments],
            env=environment(data, **more),
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    try:
        yield Up(process, data, log, _first_lines(process, log, 2 if first_run else 1))
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(_PATIENCE)
        assert process.stdout
        process.stdout.close()


def _first_lines(process: "subprocess.Popen[str]", log: Path, count: int) -> list[str]:
    assert process.stdout
    lines = [process.stdout.readline().strip() for _ in range(count)]
    assert lines[0].startswith("ViddlWS is at "), log.read_text()
    return lines
