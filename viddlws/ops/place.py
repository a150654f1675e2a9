"""The data folder as commands need it: made, private, taken by one group alone, its database up to date."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection


class TakenError(Exception):
    """Another group runs on this data folder. The text is one sentence."""


def take(data_dir: Path) -> int:
    """Make the folder and lock it for as long as the returned descriptor is open. Raises TakenError."""
    lock = os.open(_run(data_dir) / "up.lock", os.O_RDWR | os.O_CREAT, 0o600)
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
    """Make tables that are missing and bring the others up to date. Two at once take turns."""
    with _alone(settings.OPTIONS.data_dir):
        call_command("migrate", verbosity=0, interactive=False)
        call_command("createcachetable", verbosity=0)


def make_database() -> None:
    """Make the SQLite database when there is none yet, so that commands work before the first `viddlws up`."""
    _run(settings.OPTIONS.data_dir)
    if connection.vendor == "sqlite" and "django_migrations" not in connection.introspection.table_names():
        update_database()


def _run(data_dir: Path) -> Path:
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    run = data_dir / "run"
    run.mkdir(mode=0o700, exist_ok=True)
    run.chmod(0o700)
    return run


@contextmanager
def _alone(data_dir: Path) -> Iterator[None]:
    with (_run(data_dir) / "update.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
