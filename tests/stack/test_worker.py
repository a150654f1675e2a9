"""A real worker and a real Valkey: links asked for in this process are fetched in that one."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection
from redis import Redis
from redis.exceptions import RedisError

from tests.downloads.acts import asked, fresh, lapse, until
from tests.ops.running import COMMAND
from tests.site import Site
from viddlws.accounts.models import User
from viddlws.downloads import services
from viddlws.downloads.models import Attempt, Download, State
from viddlws.lib import bell
from viddlws.library.models import Video
from viddlws.ops import valkey

pytestmark = [pytest.mark.stack, pytest.mark.django_db(transaction=True)]

SERVE = "import sys, pathlib; from viddlws.ops import valkey; valkey.serve(pathlib.Path(sys.argv[1]))"
STARTING = 120.0  # seconds a worker may take until it works, on a busy machine
StartWorker = Callable[[], "subprocess.Popen[bytes]"]


@pytest.fixture
def broker() -> Iterator[Redis]:
    """The embedded Valkey, where this process and the worker look for it."""
    data = settings.OPTIONS.data_dir
    (data / "run").mkdir(exist_ok=True)
    valkey.prepare(data)
    server = subprocess.Popen([sys.executable, "-c", SERVE, str(data)])
    client = Redis(unix_socket_path=str(data / "run" / "valkey.sock"))
    until(lambda: _answers(client))
    yield client
    client.close()
    server.kill()
    server.wait()


@pytest.fixture
def start_worker(broker: Redis, media: Path, db: None) -> Iterator[StartWorker]:
    """`start_worker()` starts one more; those that still run are killed in the end."""
    environment = {
        **os.environ, "DATABASE_URL": _database_url(), "VIDDLWS_MEDIA_DIR": str(media), "VIDDLWS_LOG_LEVEL": "INFO",
        "VIDDLWS_DISK_RESERVE": "1",
    }  # fmt: skip
    running: list[subprocess.Popen[bytes]] = []

    def start() -> "subprocess.Popen[bytes]":
        running.append(subprocess.Popen([*COMMAND, "worker"], env=environment))
        return running[-1]

    yield start
    for worker in running:
        worker.kill()
        worker.wait()


def _answers(client: Redis) -> bool:
    try:
        return bool(client.ping())
    except RedisError:
        return False


def _database_url() -> str:
    """The test's own database, for another process."""
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()


def reaches(download: Download, state: State) -> Callable[[], bool]:
    """For `until`: rings once a second, as the clock does, until the row is in that state."""
    last = [0.0]

    def look() -> bool:
        if time.monotonic() - last[0] > 1:
            last[0] = time.monotonic()
            bell.ring("downloads.dispatch")
        row = fresh(download)
        assert row.state != State.FAILED, row.error_message
        return row.state == state

    return look


def test_a_link_that_is_asked_for_is_fetched(site: Site, alice: User, start_worker: StartWorker, media: Path) -> None:
    start_worker()
    first = asked(alice, site.url("/clip.mp4?t=first"))
    until(reaches(first, State.DONE), STARTING)

    for number in range(10):  # the worker is there now: the bell of the request alone is enough
        asked(alice, site.url(f"/small/{number}.mp4"))
    until(lambda: Download.objects.filter(state=State.DONE).count() == 11)

    assert Video.objects.count() == 11
    assert Attempt.objects.count() == 11


def test_a_worker_told_to_end_gives_back_and_the_next_goes_on(
    fresh_site: Site, alice: User, start_worker: StartWorker, media: Path
) -> None:
    worker = start_worker()
    download = asked(alice, fresh_site.url("/big/4.mp4?gate=middle&after=3000000"))
    until(reaches(download, State.RUNNING), STARTING)
    until(lambda: any(part.stat().st_size for part in media.glob(".jobs/*/*.part")))

    worker.send_signal(signal.SIGTERM)
    assert worker.wait(60) == 0
    row = fresh(download)
    assert (row.state, row.attempts_made) == (State.QUEUED, 0)

    fresh_site.gate("middle").open()
    start_worker()
    until(reaches(download, State.DONE), STARTING)
    assert [attempt.outcome for attempt in download.attempts.all()] == ["stopped", "done"]
    assert any(hit.headers.get("range") for hit in fresh_site.requests("/big/4.mp4"))


def test_a_killed_worker_loses_nothing_and_doubles_nothing(
    fresh_site: Site, alice: User, start_worker: StartWorker, media: Path
) -> None:
    worker = start_worker()
    download = asked(alice, fresh_site.url("/stall?gate=middle"))
    until(reaches(download, State.RUNNING), STARTING)
    fresh_site.gate("middle").wait_for_request()

    worker.kill()
    worker.wait()
    assert fresh(download).state == State.RUNNING
    lapse(download)  # what fifteen seconds would do
    fresh_site.gate("middle").open()
    start_worker()
    bell.ring("downloads.sweep")
    until(reaches(download, State.DONE), STARTING)

    until(lambda: not list(media.glob(".jobs/*-*")))
    assert Video.objects.count() == 1
    assert [attempt.outcome for attempt in download.attempts.all()] == ["lost", "done"]
    assert len(list(media.rglob("*.mp4"))) == 1


def test_a_broker_that_forgets_everything_costs_nothing(
    fresh_site: Site, alice: User, start_worker: StartWorker, broker: Redis
) -> None:
    start_worker()
    running = asked(alice, fresh_site.url("/stall?gate=middle"))
    until(reaches(running, State.RUNNING), STARTING)
    broker.flushall()
    broker.client_kill_filter(_type="normal", skipme=True)

    fresh_site.gate("middle").open()
    waiting = asked(alice, fresh_site.url("/clip.mp4"))
    until(reaches(running, State.DONE), STARTING)
    until(reaches(waiting, State.DONE), STARTING)
    assert Attempt.objects.count() == 2


def test_cancelling_from_another_process_ends_the_job(
    fresh_site: Site, alice: User, start_worker: StartWorker, media: Path
) -> None:
    start_worker()
    download = asked(alice, fresh_site.url("/stall?gate=middle"))
    until(reaches(download, State.RUNNING), STARTING)
    fresh_site.gate("middle").wait_for_request()

    services.cancel(alice, download.pk)

    until(lambda: not list(media.glob(".jobs/*-*")))
    assert fresh(download).state == State.CANCELLED
