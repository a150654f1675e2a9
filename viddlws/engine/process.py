"""Makes a freshly forked process the private place of one job: session, limits, environment."""

import os
import resource
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from viddlws.engine import kernel
from viddlws.engine.messages import Limits

MEMORY = 2 << 30  # bytes of data; not of address space, of which deno reserves 64 GB and uses little
COMPUTING = 4 * 3600
OPEN_FILES = 256
NICENESS = 5
ROOM_BESIDE = 64 << 20  # bytes a finished file may be larger than what was fetched, besides a tenth


def detach(parent: int) -> None:
    """A session of its own, dead when `parent` is, and silent: what is worth knowing goes into the log."""
    os.setsid()
    kernel.die_with(parent)
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGTERM, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    silence = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(silence, standard)
    os.umask(0o022)  # the folder is closed to others; a finished file is moved to where it is read


def limit(limits: Limits, computing: int = COMPUTING, niceness: int = NICENESS) -> None:
    """What the kernel enforces whatever runs here. `computing`: seconds of one processor, for each process."""
    largest = limits.size + limits.size // 10 + ROOM_BESIDE if limits.size else resource.RLIM_INFINITY
    for kind, most in (
        (resource.RLIMIT_FSIZE, largest),
        (resource.RLIMIT_DATA, MEMORY),
        (resource.RLIMIT_CPU, computing),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(kind)[1]
        most = most if hard == resource.RLIM_INFINITY or most == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (hard if most == resource.RLIM_INFINITY else most,) * 2)
    os.nice(niceness)


def move_in(folder: Path, proxy: str) -> None:
    """Work in `folder`, with an environment that names nothing but it and the proxy, if there is one."""
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(
        PATH="/usr/local/bin:/usr/bin:/bin",
        HOME=str(folder),
        TMPDIR=str(folder),
        LANG="C.UTF-8",
        YTDLP_NO_PLUGINS="1",
    )
    if proxy:
        os.environ.update(http_proxy=proxy, https_proxy=proxy, all_proxy=proxy)
    tempfile.tempdir = str(folder)


def leash_programs() -> None:
    """From now on every program started from here ends when this process ends."""
    start = subprocess.Popen.__init__
    parent = os.getpid()

    def start_leashed(process: "subprocess.Popen[Any]", *args: Any, **kwargs: Any) -> None:
        own = kwargs.get("preexec_fn")

        def before_program() -> None:
            kernel.die_with(parent)
            if own is not None:
                own()

        start(process, *args, **{**kwargs, "preexec_fn": before_program})

    subprocess.Popen.__init__ = start_leashed  # type: ignore[method-assign, assignment]
