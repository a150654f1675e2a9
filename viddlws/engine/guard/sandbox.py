"""Shuts a job in: its folder, its proxy, and nothing else.

`enter` applies all this machine offers, and names the result:
- "full": the kernel closes files and network, for Python and for every program it starts;
- "files-only": the kernel closes files; connections are closed by Python's audit hook, so not for programs;
- "proxy-only": the audit hook alone.
"""

import ctypes
import json
import os
import socket
import struct
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from viddlws.engine.guard import audit, kernel, landlock, seccomp
from viddlws.engine.guard.landlock import Grant

FULL, FILES_ONLY, PROXY_ONLY = "full", "files-only", "proxy-only"

_PROBE_TIMEOUT = 30
_PACKAGE = Path(__file__).resolve().parents[2]

_RUNNABLE = ("/usr", "/lib", "/lib64", "/lib32", "/bin", "/sbin")
_READABLE = (
    *(
        f"/etc/{name}"
        for name in (
            "alternatives",
            "ca-certificates",
            "crypto-policies",
            "fonts",
            "group",
            "host.conf",
            "hosts",
            "ld.so.cache",
            "ld.so.conf",
            "ld.so.conf.d",
            "locale.alias",
            "localtime",
            "mime.types",
            "nsswitch.conf",
            "passwd",
            "pki",
            "protocols",
            "resolv.conf",
            "services",
            "ssl",
            "timezone",
        )
    ),
    "/dev/random",
    "/dev/urandom",
    "/proc/cpuinfo",
    "/proc/meminfo",
    "/proc/stat",
    "/proc/sys/vm/overcommit_memory",
    "/sys/devices/system/cpu",
    "/sys/fs/cgroup",
)
_DEVICES = ("/dev/null", "/dev/zero")

_SENTENCES = {
    FULL: "A download can reach its own folder and the guard's proxy, and nothing else; the kernel sees to it.",
    FILES_ONLY: (
        "A download can read and write its own folder only, but this kernel cannot limit the connections of ffmpeg; "
        "Linux 6.7 or newer with Landlock can."
    ),
    PROXY_ONLY: (
        "Downloads go through the guard's proxy, but this machine's kernel does not enforce it and does not shut in "
        "their files; Linux 6.7 or newer with Landlock does."
    ),
}


def enter(job_folder: Path, proxy_port: int | None, readable: Sequence[Path]) -> str:
    """Shut in this process and all it starts, for good; returns the level.

    It can then write in `job_folder` only, read that, read and run the system, Python and `readable`, and connect to
    the proxy's port only (None: to nothing). The process must have one thread. Raises RuntimeError, and OSError when
    the kernel refuses what it offers: then the job must not go on.
    """
    if sys.platform != "linux":
        audit.install(proxy_port, judge_programs=True)
        return PROXY_ONLY
    if len(os.listdir("/proc/self/task")) != 1:  # noqa: PTH208 (counted, not used as paths)
        raise RuntimeError("Only a process with a single thread can be shut in: other threads would stay free.")
    kernel.give_up_privileges()
    version = landlock.restrict(list(_grants(job_folder, readable)), proxy_port)
    filtered = seccomp.offered()
    if filtered:
        seccomp.restrict()
    level = FULL if filtered and version >= landlock.NETWORK_VERSION else FILES_ONLY if version else PROXY_ONLY
    audit.install(proxy_port, judge_programs=level != FULL)
    return level


def _grants(job_folder: Path, readable: Sequence[Path]) -> Iterator[Grant]:
    yield Grant(job_folder, landlock.WRITE)
    # A folder on the import path that holds the job's folder holds other jobs' too.
    around = job_folder.resolve().parents
    yield from (grant for grant in _SYSTEM_GRANTS if grant.rights != landlock.READ or grant.path not in around)
    yield from (Grant(path, landlock.RUN) for path in readable)
    yield Grant(Path("/proc/self"), landlock.READ)


def _system_grants() -> Iterator[Grant]:
    """What is the same for every job; made once, before the fork."""
    for path in (*map(Path, _RUNNABLE), Path(sys.prefix), Path(sys.base_prefix)):
        yield Grant(path, landlock.RUN)
    for path in (*map(Path, _READABLE), _PACKAGE, *_import_folders()):
        yield Grant(path, landlock.READ)
    for path in map(Path, _DEVICES):
        yield Grant(path, landlock.DEVICE)


def _import_folders() -> Iterator[Path]:
    """What Python imports from, except a checkout's root: beside our package settings and data may lie there."""
    root = _PACKAGE.parent
    for entry in filter(None, sys.path):
        folder = Path(entry).resolve()
        if folder != root and folder not in root.parents:
            yield folder


_SYSTEM_GRANTS = tuple(grant for grant in _system_grants() if grant.path.exists())


def explain(level: str) -> str:
    """One sentence for an administrator."""
    return _SENTENCES[level]


@cache
def level() -> str:
    """What this machine offers, tried in a child that is thrown away. Raises RuntimeError when it cannot be applied."""
    with tempfile.TemporaryDirectory() as outer, _listener() as proxy, _listener() as other:
        folder = Path(outer, "job")
        folder.mkdir()
        secret = Path(outer, "secret")
        secret.write_text("")
        arguments = json.dumps([str(folder), str(secret), proxy.getsockname()[1], other.getsockname()[1]])
        code = "import sys; from viddlws.engine.guard import sandbox; sandbox.probe(sys.argv[1])"
        child = subprocess.run(
            [sys.executable, "-c", code, arguments],
            env={**os.environ, "PYTHONPATH": str(_PACKAGE.parent)},
            capture_output=True,
            text=True,
            timeout=_PROBE_TIMEOUT,
            check=False,
        )
    if child.returncode != 0 or child.stdout not in _SENTENCES:
        raise RuntimeError(f"The sandbox could not be applied: {child.stderr.strip()[-500:]}")
    return child.stdout


def _listener() -> socket.socket:
    return socket.create_server(("127.0.0.1", 0))


def probe(arguments: str) -> None:
    """Enter the sandbox and print the level that could be felt from inside, past Python's own hook."""
    folder, secret, proxy_port, other_port = json.loads(arguments)
    claimed = enter(Path(folder), proxy_port, ())
    if not _connects(proxy_port):
        raise RuntimeError("The proxy's own port was closed.")
    Path(folder, "written").write_text("")
    felt = PROXY_ONLY
    if not os.access(secret, os.R_OK) or not _readable(secret):
        felt = FILES_ONLY
        if not _connects(other_port) and not _opens_udp():
            felt = FULL
    if felt != claimed:
        raise RuntimeError(f"The kernel promised {claimed} but gave {felt}.")
    sys.stdout.write(felt)


def _readable(path: str) -> bool:
    try:
        Path(path).read_text()
    except PermissionError:
        return False
    return True


def _connects(port: int) -> bool:
    """By libc's own calls, which Python's hook does not see."""
    libc = ctypes.CDLL(None)
    number: int = libc.socket(socket.AF_INET, socket.SOCK_STREAM, 0)
    address = struct.pack("=H", socket.AF_INET) + struct.pack("!H4s8x", port, socket.inet_aton("127.0.0.1"))
    try:
        return bool(libc.connect(number, address, len(address)) == 0)
    finally:
        os.close(number)


def _opens_udp() -> bool:
    number: int = ctypes.CDLL(None).socket(socket.AF_INET, socket.SOCK_DGRAM, 0)
    if number < 0:
        return False
    os.close(number)
    return True
