"""However `viddlws up` or one of its members ends, nothing is left running and nothing is lost."""

import re
import signal
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from tests.ops.running import PASSWORD, Up, listed, up, viddlws
from tests.site.server import Site

pytestmark = pytest.mark.stack

PATIENCE = 60.0  # seconds


def eventually(holds: Callable[[], object]) -> None:
    """Return as soon as this holds; fail when it never does."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, "it never came to hold"
        time.sleep(0.05)


def all_gone(processes: list[psutil.Process]) -> None:
    assert psutil.wait_procs(processes, PATIENCE)[1] == []


def with_alice(data: Path) -> Path:
    made = viddlws(data, "user", "add", "alice", "--admin", "--password-file", "-", said=f"{PASSWORD}\n")
    assert made.returncode == 0, made.stderr
    return data


def is_mended(group: Up, name: str, old: psutil.Process) -> bool:
    now = group.members().get(name)
    return now is not None and now.pid != old.pid


def test_term_ends_every_process_and_what_ran_is_done_after_the_next_start(tmp_path: Path, fresh_site: Site) -> None:
    data = with_alice(tmp_path / "data")
    link, gate = fresh_site.url("/clip.mp4?gate=half&after=300000"), fresh_site.gate("half")
    with up(data, first_run=False) as first:
        assert viddlws(data, "add", link).returncode == 0
        gate.wait_for_request()
        processes = first.processes()
        assert len(processes) >= 5
        began = time.monotonic()
        assert first.end() == 0
        assert time.monotonic() - began < 30
        all_gone(processes)
        assert [item["state"] for item in listed(data)] == ["queued"]

    gate.open()
    with up(data, first_run=False):
        assert viddlws(data, "add", link, "--wait").returncode == 0
    assert not [path for path in (data / "media" / ".jobs").glob("*") if path.is_dir()]


def test_members_killed_outright_are_started_again(tmp_path: Path, fresh_site: Site) -> None:
    data = with_alice(tmp_path / "data")
    with up(data, first_run=False) as group:
        for name in ("viddlws-web", "viddlws-worker", "viddlws-beat", "valkey-server"):
            victim = group.members()[name]
            below = victim.children(recursive=True)
            victim.kill()
            eventually(lambda name=name, victim=victim: is_mended(group, name, victim))  # type: ignore[misc]
            all_gone(below)
        added = viddlws(data, "add", fresh_site.url("/clip.mp4"), "--wait")
        assert added.returncode == 0, added.stderr
        assert len(re.findall("member.ended", group.log.read_text())) == 4


def test_killing_the_head_ends_the_members_and_the_next_start_works(tmp_path: Path) -> None:
    data = with_alice(tmp_path / "data")
    with up(data, first_run=False) as group:
        processes = group.processes()
        group.process.send_signal(signal.SIGKILL)
        group.process.wait(PATIENCE)
        all_gone(processes)

    with up(data, first_run=False) as group:
        assert group.process.poll() is None


def test_ctrl_c_ends_it_and_a_folder_too_deep_for_a_socket_will_do(tmp_path: Path) -> None:
    data = tmp_path / ("deep" * 20) / ("down" * 10) / "data"
    with up(data, first_run=False, VIDDLWS_ADMIN_PASSWORD=PASSWORD) as group:
        assert not group.first_run
        assert re.search("admin +administrator", viddlws(data, "user", "list").stdout)
        doctor = viddlws(data, "doctor")
        assert doctor.returncode == 0, doctor.stdout
        processes = group.processes()
        group.process.send_signal(signal.SIGINT)
        assert group.process.wait(PATIENCE) == 0
        all_gone(processes)


@pytest.mark.parametrize("name", ["VIDDLWS_DOWNLOAD_CONCURRENCY", "VIDDLWS_TASK_TIME_LIMIT"])
def test_a_wrong_option_stops_the_start_with_one_sentence(tmp_path: Path, name: str) -> None:
    answer = viddlws(tmp_path / "data", "up", **{name: "many"})

    assert answer.returncode == 2
    assert answer.stderr == f"Error: {name} must be a whole number, but it is 'many'.\n"
    assert answer.stdout == ""


def test_a_port_that_is_taken_is_said_in_one_sentence(tmp_path: Path, site: Site) -> None:
    answer = viddlws(tmp_path / "data", "up", "--port", str(site.port))

    assert answer.returncode == 1
    assert answer.stderr.startswith(f"Error: 127.0.0.1 port {site.port} cannot be served: Address already in use.")
    assert answer.stderr.count("\n") == 1
