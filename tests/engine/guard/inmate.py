"""A real process that shuts itself in and then tries things. Run as a program: one JSON object in, one out."""

import ctypes
import errno
import json
import os
import socket
import struct
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import curl_cffi
import imageio_ffmpeg
import requests

from viddlws.engine.guard import landlock, sandbox, seccomp

_LIBC = ctypes.CDLL(None, use_errno=True)
_MPTCP, _SCTP, _FAST_OPEN = 262, 132, 0x20000000
DENO = str(Path(sys.prefix, "bin", "deno"))


def run(folder: Path, proxy: str, acts: Sequence[Sequence[Any]], kernel: str = "full") -> dict[str, Any]:
    """The level, and for each act what came of it: "ok", a value, or an error's name."""
    order = {"folder": str(folder), "proxy": proxy, "acts": acts, "kernel": kernel}
    done = subprocess.run(
        [sys.executable, "-m", "tests.engine.guard.inmate"],
        input=json.dumps(order),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd=Path(__file__).parents[3],
    )
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def read(path: str) -> str:
    return Path(path).read_text(errors="replace")[:0] or "ok"


def write(path: str) -> None:
    Path(path).write_text("written")


def listing(path: str) -> None:
    list(Path(path).iterdir())


def symlink(target: str, path: str) -> None:
    Path(path).symlink_to(target)


def hardlink(target: str, path: str) -> None:
    Path(path).hardlink_to(target)


def move(source: str, target: str) -> None:
    Path(source).replace(target)


def make_folder(path: str) -> None:
    Path(path).mkdir()


def start(*command: str) -> None:
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def signal_parent() -> None:
    os.kill(os.getppid(), 0)


def native_socket(family: int, kind: int, protocol: int) -> None:
    """Past Python's audit hook."""
    os.close(_checked(_LIBC.socket(family, kind, protocol)))


def native_connect(host: str, port: int) -> None:
    _native_connect(host, port, lambda used, address: _LIBC.connect(used, address, len(address)))


def native_fast_open(host: str, port: int) -> None:
    """Connects by sending, without connect()."""
    _native_connect(host, port, lambda used, address: _LIBC.sendto(used, b"x", 1, _FAST_OPEN, address, len(address)))


def _native_connect(host: str, port: int, connect: Callable[[int, bytes], int]) -> None:
    used = _checked(_LIBC.socket(socket.AF_INET, socket.SOCK_STREAM, 0))
    try:
        address = struct.pack("=H", socket.AF_INET) + struct.pack("!H4s8x", port, socket.inet_aton(host))
        _checked(connect(used, address))
    finally:
        os.close(used)


def native_listen() -> None:
    used = _checked(_LIBC.socket(socket.AF_INET, socket.SOCK_STREAM, 0))
    _checked(_LIBC.listen(used, 1))


def native_pair(kind: int) -> None:
    _checked(_LIBC.socketpair(socket.AF_UNIX, kind, 0, (ctypes.c_int * 2)()))


def native_call(number: int, *arguments: int) -> None:
    _checked(_LIBC.syscall(ctypes.c_long(number), *map(ctypes.c_long, arguments)))


def _checked(result: int) -> int:
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def look_up(name: str) -> None:
    socket.getaddrinfo(name, 80)


def python_connect(host: str, port: int) -> None:
    socket.create_connection((host, port), timeout=10).close()


def by_requests(url: str) -> str:
    return str(requests.get(url, timeout=20).status_code)


def by_requests_directly(url: str) -> str:
    with requests.Session() as session:
        session.trust_env = False
        return str(session.get(url, timeout=20).status_code)


def by_urllib(url: str) -> str:
    try:
        with urllib.request.urlopen(url, timeout=20) as answer:
            return str(answer.status)
    except urllib.error.HTTPError as error:
        return str(error.code)


def by_curl(url: str) -> str:
    return str(curl_cffi.get(url, timeout=20).status_code)


def by_curl_directly(url: str) -> str:
    return str(curl_cffi.get(url, timeout=20, proxy="").status_code)


def by_ffmpeg(url: str) -> None:
    start(imageio_ffmpeg.get_ffmpeg_exe(), "-rw_timeout", "5000000", "-i", url, "-f", "null", "-")


def by_ffmpeg_directly(url: str) -> None:
    os.environ.pop("http_proxy", None)
    by_ffmpeg(url)


def by_deno(url: str) -> None:
    code = f"const a = await fetch({url!r}); if (!a.ok) Deno.exit(1)"
    subprocess.run([DENO, "run", "-A", "--no-prompt", "-"], input=code.encode(), check=True, capture_output=True)


def by_deno_directly(url: str) -> None:
    for name in ("http_proxy", "https_proxy"):
        os.environ.pop(name, None)
    by_deno(url)


def deno_computes() -> str:
    done = subprocess.run([DENO, "run", "-"], input=b"console.log(6*7)", check=True, capture_output=True)
    return done.stdout.decode().strip()


def ffmpeg_converts(path: str) -> None:
    start(imageio_ffmpeg.get_ffmpeg_exe(), "-f", "lavfi", "-i", "testsrc=d=1:s=64x64", "-y", path)


def _try(name: str, *arguments: Any) -> str:
    try:
        return globals()[name](*arguments) or "ok"
    except OSError as error:
        return errno.errorcode.get(error.errno or 0, type(error).__name__)
    except Exception as error:
        return type(error).__name__


def _pretend_kernel(kernel: str) -> None:
    """Take what an older kernel would not offer from the one we have."""
    if kernel == "files-only":
        landlock.version = lambda: 3
    if kernel == "proxy-only":
        landlock.version = lambda: 0
        seccomp.offered = lambda: False


def main() -> None:
    order = json.load(sys.stdin)
    proxy = order["proxy"]
    folder = order["folder"]
    os.environ.update(http_proxy=proxy, https_proxy=proxy, HOME=folder, TMPDIR=folder, DENO_NO_UPDATE_CHECK="1")
    os.chdir(folder)
    _pretend_kernel(order["kernel"])
    level = sandbox.enter(Path(folder), int(proxy.rpartition(":")[2]), ())
    json.dump({"level": level, "results": [_try(*act) for act in order["acts"]]}, sys.stdout)


if __name__ == "__main__":
    main()
