"""Flower sees workers and tasks, and nobody sees Flower without its password."""

import base64
import json
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.ops.running import COMMAND, PASSWORD, environment, up, viddlws

pytestmark = pytest.mark.stack

PATIENCE = 60.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def asked(address: str, password: str = "") -> Any:
    request = urllib.request.Request(address)
    if password:
        request.add_header("Authorization", "Basic " + base64.b64encode(f"flower:{password}".encode()).decode())
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def eventually(question: Callable[[], Any]) -> Any:
    """The first answer that is not empty; refusals while it starts do not count."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            if answer := question():
                return answer
        except (urllib.error.URLError, ConnectionError):
            pass
        assert time.monotonic() < deadline, "no answer came"
        time.sleep(0.2)


@contextmanager
def flower(data: Path, **more: str) -> Iterator[tuple[str, str]]:
    """Address of a running Flower, and what it said when it started."""
    port = free_port()
    process = subprocess.Popen(
        [*COMMAND, "flower"],
        env=environment(data, VIDDLWS_FLOWER_PORT=str(port), **more),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    try:
        yield f"http://127.0.0.1:{port}", process.stdout.readline() + process.stdout.readline()
    finally:
        process.terminate()
        process.wait(PATIENCE)
        process.stdout.close()


@contextmanager
def redis_server(folder: Path) -> Iterator[str]:
    path = folder / "redis.sock"
    process = subprocess.Popen(
        ["redis-server", "--port", "0", "--unixsocket", str(path), "--save", "", "--dir", str(folder)],
        stdout=subprocess.DEVNULL,
    )
    try:
        eventually(path.exists)
        yield f"unix://{path}"
    finally:
        process.terminate()
        process.wait(PATIENCE)


def sees_all(data: Path, **more: str) -> None:
    assert viddlws(data, "user", "add", "alice", "--admin", "--password-file", "-", said=PASSWORD).returncode == 0
    with up(data, first_run=False, **more), flower(data, **more) as (address, said):
        password = (data / "flower_password").read_text()
        assert password not in said
        assert str(data / "flower_password") in said
        workers = eventually(lambda: asked(f"{address}/api/workers?refresh=1", password))
        assert any("downloads.perform" in worker["registered"] for worker in workers.values())
        tasks = eventually(lambda: asked(f"{address}/api/tasks", password))
        assert {task["name"] for task in tasks.values()} & {"downloads.dispatch", "downloads.sweep"}
        with pytest.raises(urllib.error.HTTPError) as refused:
            asked(f"{address}/api/workers")
        assert refused.value.code == 401


def test_flower_sees_workers_and_tasks_through_the_embedded_valkey(tmp_path: Path) -> None:
    sees_all(tmp_path / "data")


def test_flower_sees_workers_and_tasks_through_a_redis(tmp_path: Path) -> None:
    with redis_server(tmp_path) as address:
        sees_all(tmp_path / "data", REDIS_URL=address)
