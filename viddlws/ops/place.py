"""The data folder as `viddlws up` needs it: made, private, taken by one group alone, its database up to date."""

import fcntl
import os
from pathlib import Path

from django.core.management import call_command


class TakenError(Exception):
    """Another group runs on this data folder. The text is one sentence."""


def take(data_dir: Path) -> int:
    """Make the folder and lock it for as long as the returned descriptor is open. Raises TakenError."""
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    run = data_dir / "run"
    run.mkdir(mode=0o700, exist_ok=True)
    run.chmod(0o700)
    lock = os.open(run / "up.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        number = os.pread(lock, 20, 0).decode("ascii", "replace").strip() or "unknown"
        os.close(lock)
        raise TakenError(f"ViddlWS already runs on {data_dir} (process {number}).") from error
    os.truncate(lock, 0)
    os.pwrite(lock, str(os.getpid()).encode(), 0)
    return lock


def update_database() -> None:
    """Make tables that are missing and bring the others up to date."""
    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)
