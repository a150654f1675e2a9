"""Starts the zygote as a program of its own, and hands it jobs."""

import json
import os
import select
import socket
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

import viddlws

READY_WITHIN = 60.0  # seconds
_LONGEST_HELLO = 1 << 16


class EngineError(RuntimeError):
    """The engine itself does not work; `str` is one plain sentence."""


@dataclass(frozen=True)
class Hello:
    """What the zygote says of itself. `missing` names patches this yt-dlp has no place for; it runs without them."""

    version: str
    patches: tuple[str, ...]
    missing: tuple[str, ...]


class ZygoteProcess:
    """A running zygote. Safe to use from several threads."""

    def __init__(self, home: Path, version_folder: Path | None = None, plugins: Path | None = None) -> None:
        """Starts it and waits until it is warm. Raises EngineError."""
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._started = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        command = [sys.executable, "-P", "-m", "viddlws.engine.zygote", str(theirs.fileno()), str(os.getpid())]
        environment = _environment(home, version_folder, plugins)
        # Linux kills the zygote when the *thread* that started it ends, so that one must live as long.
        threading.Thread(
            target=self._keep, args=(command, environment, home, theirs), name="zygote-keeper", daemon=True
        ).start()
        self._started.wait()
        try:
            self.hello = self._read_hello(home)
        except EngineError:
            self.close()
            raise

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        return self._process.pid if self._process else 0

    def open_line(self) -> socket.socket:
        """A stream to a child forked for it. Raises OSError when the zygote has gone."""
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                socket.send_fds(self._control, [b"job"], [theirs.fileno()])
            except OSError:
                ours.close()
                raise
        return ours

    def close(self) -> None:
        """End it and all its children, and wait for that."""
        self._control.close()
        if self._process is not None:
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def _keep(self, command: list[str], environment: dict[str, str], home: Path, theirs: socket.socket) -> None:
        try:
            with theirs, (home / "zygote.log").open("wb") as log:
                self._process = subprocess.Popen(
                    command,
                    env=environment,
                    cwd=home,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    pass_fds=[theirs.fileno()],
                    start_new_session=True,
                )
        finally:
            self._started.set()
        self._process.wait()

    def _read_hello(self, home: Path) -> Hello:
        if self._process is None:
            raise EngineError("The engine could not be started.")
        readable, _, _ = select.select([self._control], [], [], READY_WITHIN)
        packet = self._control.recv(_LONGEST_HELLO) if readable else b""
        if not packet:
            raise EngineError(f"The engine did not start; {home / 'zygote.log'} says why.")
        said = json.loads(packet)
        if "error" in said:
            raise EngineError(said["error"])
        return Hello(said["version"], tuple(said["patches"]), tuple(said["missing"]))


def _environment(home: Path, version_folder: Path | None, plugins: Path | None) -> dict[str, str]:
    """Nothing of our own environment, in which the secrets are."""
    root = Path(viddlws.__file__).parents[1]
    search = [str(folder) for folder in (version_folder, plugins, root) if folder]
    environment = {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "PYTHONPATH": os.pathsep.join(search),
        "YTDLP_NO_LAZY_EXTRACTORS": "1",  # every page with a player needs them all; 20 MB once, or 1.5 s for each job
    }
    return environment if plugins else {**environment, "YTDLP_NO_PLUGINS": "1"}
