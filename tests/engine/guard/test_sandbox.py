"""What a shut-in process can and cannot do, tried from inside a real one."""

import os
import socket
import threading
from pathlib import Path

import pytest

from tests.engine.guard import inmate
from tests.engine.guard.servers import CountingServer
from viddlws.engine.guard import kernel, landlock, sandbox
from viddlws.engine.guard.proxy import GuardProxy

full = pytest.mark.skipif(sandbox.level() != "full", reason="This kernel cannot shut a job in fully.")
REFUSED = {"EACCES", "EPERM"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "job"
    made.mkdir()
    return made


@pytest.fixture
def neighbour(tmp_path: Path) -> Path:
    """A file of somebody else's, beside the job's folder."""
    path = tmp_path / "neighbour"
    path.write_text("private")
    return path


def outcome(folder: Path, proxy: str, *act: object, kernel: str = "full") -> str:
    return str(inmate.run(folder, proxy, [act], kernel)["results"][0])


def test_the_level_is_one_we_can_explain() -> None:
    assert sandbox.explain(sandbox.level()).endswith(".")


@full
def test_only_the_jobs_folder_can_be_written(folder: Path, neighbour: Path, job: str) -> None:
    (folder / "part").mkdir()
    acts = [
        ("write", str(folder / "media")),
        ("make_folder", str(folder / "sub")),
        ("move", str(folder / "media"), str(folder / "part" / "media")),
        ("write", str(neighbour)),
        ("write", str(neighbour.parent / "new")),
        ("make_folder", str(neighbour.parent / "new")),
        ("move", str(folder / "part" / "media"), str(neighbour.parent / "media")),
        ("write", "/usr/lib/new"),
        ("write", "/dev/shm/new"),
    ]
    results = inmate.run(folder, job, acts)["results"]
    assert results[:3] == ["ok"] * 3
    assert set(results[3:]) <= REFUSED | {"EXDEV"}
    assert neighbour.read_text() == "private"


@full
def test_only_what_a_download_needs_can_be_read(folder: Path, neighbour: Path, job: str) -> None:
    allowed = ["/etc/hosts", "/etc/nsswitch.conf", "/dev/null", "/proc/self/status", os.__file__]
    checkout = Path(__file__).parents[3]
    closed = [neighbour, checkout / "pyproject.toml", "/etc/shadow", f"/proc/{os.getpid()}/environ", "/proc/1/cmdline"]
    acts = [("read", str(path)) for path in (*allowed, *closed)]
    acts += [("listing", str(neighbour.parent)), ("listing", "/"), ("listing", str(checkout))]
    results = inmate.run(folder, job, acts)["results"]
    assert results[: len(allowed)] == ["ok"] * len(allowed)
    assert set(results[len(allowed) :]) <= REFUSED


@full
def test_no_trap_can_be_left_for_whoever_reads_the_folder_later(folder: Path, neighbour: Path, job: str) -> None:
    acts = [
        ("symlink", str(neighbour), str(folder / "media.mp4")),
        ("hardlink", str(neighbour), str(folder / "media.mp4")),
        ("start", "/usr/bin/mkfifo", str(folder / "pipe")),
    ]
    results = inmate.run(folder, job, acts)["results"]
    assert set(results) <= REFUSED | {"EXDEV", "CalledProcessError"}
    assert list(folder.iterdir()) == []


@full
def test_what_was_written_cannot_be_run(folder: Path, job: str) -> None:
    script = folder / "script"
    script.write_text("#!/bin/sh\nexit 0\n")
    script.chmod(0o755)
    assert outcome(folder, job, "start", str(script)) in REFUSED


@full
def test_the_tools_of_a_download_work_inside(folder: Path, job: str) -> None:
    result = inmate.run(folder, job, [("ffmpeg_converts", "out.mp4"), ("deno_computes",)])
    assert result == {"level": "full", "results": ["ok", "42"]}
    assert (folder / "out.mp4").stat().st_size > 0


@full
def test_the_supervisor_cannot_be_signalled(folder: Path, job: str) -> None:
    assert outcome(folder, job, "signal_parent") == "EPERM"


@full
def test_only_tcp_sockets_can_be_made(folder: Path, job: str) -> None:
    inet, unix, stream, datagram = socket.AF_INET, socket.AF_UNIX, socket.SOCK_STREAM, socket.SOCK_DGRAM
    allowed = [(inet, stream, 0), (inet, stream, 6), (socket.AF_INET6, stream | socket.SOCK_CLOEXEC, 0)]
    closed = [
        (inet, datagram, 0),
        (socket.AF_INET6, datagram, 0),
        (inet, socket.SOCK_RAW, 1),
        (inet, stream, 262),  # multipath TCP, which Landlock does not see
        (inet, stream, 132),  # SCTP
        (unix, stream, 0),
        (unix, datagram, 0),
        (socket.AF_NETLINK, socket.SOCK_RAW, 0),
        (socket.AF_PACKET, socket.SOCK_RAW, 0),
        (socket.AF_VSOCK, stream, 0),
    ]
    acts = [("native_socket", *map(int, numbers)) for numbers in (*allowed, *closed)]
    results = inmate.run(folder, job, acts)["results"]
    assert results[:3] == ["ok"] * 3
    assert set(results[3:]) <= REFUSED


@full
def test_only_the_proxys_port_can_be_connected_to(
    folder: Path, job: str, proxy: GuardProxy, secret: CountingServer
) -> None:
    acts = [
        ("native_connect", "127.0.0.1", proxy.port),
        ("native_connect", "127.0.0.1", secret.server_port),
        ("native_fast_open", "127.0.0.1", secret.server_port),
        ("native_listen",),
        ("native_pair", int(socket.SOCK_STREAM)),
        ("native_pair", int(socket.SOCK_DGRAM)),
    ]
    results = inmate.run(folder, job, acts)["results"]
    assert [result in REFUSED for result in results] == [False, True, True, True, False, True]


@full
@pytest.mark.skipif(kernel.machine() != "x86_64", reason="The numbers are those of x86_64.")
def test_dangerous_system_calls_are_closed(folder: Path, job: str) -> None:
    io_uring_setup, ptrace, unshare, bpf, mount, clone, clone3 = 425, 101, 272, 321, 165, 56, 435
    new_user_namespace = 0x10000000
    numbers = [
        (io_uring_setup, 1, 0),
        (ptrace, 0, 0),
        (unshare, new_user_namespace),
        (bpf, 0, 0, 0),
        (mount, 0, 0, 0, 0, 0),
        (clone, new_user_namespace, 0, 0, 0, 0),
    ]
    acts = [("native_call", *call) for call in (*numbers, (clone3, 0, 0), (0x40000000 | 39,))]
    results = inmate.run(folder, job, acts)["results"]
    assert results == ["EPERM"] * len(numbers) + ["ENOSYS"] * 2


def test_names_fail_at_once_inside(folder: Path, job: str) -> None:
    assert outcome(folder, job, "look_up", "example.com") == "NameLookupRefusedError"


@pytest.mark.skipif(landlock.version() == 0, reason="This kernel has no Landlock.")
def test_on_a_kernel_without_network_rules_files_are_still_closed(
    folder: Path, neighbour: Path, job: str, proxy: GuardProxy, secret: CountingServer
) -> None:
    acts = [
        ("read", str(neighbour)),
        ("write", str(folder / "media")),
        ("python_connect", "127.0.0.1", secret.server_port),
        ("native_socket", int(socket.AF_INET), int(socket.SOCK_DGRAM), 0),
        ("by_ffmpeg", f"rtmp://127.0.0.1:{secret.server_port}/live"),
        ("python_connect", "127.0.0.1", proxy.port),
    ]
    result = inmate.run(folder, job, acts, kernel="files-only")
    assert result["level"] == "files-only"
    assert result["results"] == ["EACCES", "ok", "PermissionError", "EACCES", "PermissionError", "ok"]


def test_on_a_kernel_without_anything_python_is_still_held_back(
    folder: Path, job: str, proxy: GuardProxy, open_site: CountingServer, secret: CountingServer
) -> None:
    acts = [
        ("python_connect", "127.0.0.1", secret.server_port),
        ("python_connect", "localhost", proxy.port),
        ("by_requests_directly", f"{secret.url}/"),
        ("by_ffmpeg", f"tcp://127.0.0.1:{secret.server_port}"),
        ("look_up", "example.com"),
        ("by_requests", f"{open_site.url}/"),
    ]
    result = inmate.run(folder, job, acts, kernel="proxy-only")
    assert result["level"] == "proxy-only"
    refused = ["PermissionError", "NameLookupRefusedError", "ConnectionError", "PermissionError"]
    assert result["results"] == [*refused, "NameLookupRefusedError", "200"]


def test_a_process_with_threads_is_not_shut_in(folder: Path, job: str) -> None:
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait)
    thread.start()
    try:
        with pytest.raises(RuntimeError, match="single thread"):
            sandbox.enter(folder, 1, ())
    finally:
        stop.set()
        thread.join()
