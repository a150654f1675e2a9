"""What several tests of downloads do."""

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from viddlws.accounts.models import User
from viddlws.downloads import services, worker
from viddlws.downloads.models import Attempt, Download

PATIENCE = 30.0  # seconds; only a broken test waits that long


def asked(user: User, url: str, **more: Any) -> Download:
    """The download of a link that this person has just asked for."""
    (answer,) = services.request(user, url, **more)
    assert answer.download, answer
    return answer.download


def performed(download: Download) -> Download:
    """The row after one attempt at it."""
    worker.perform(download.pk)
    return fresh(download)


def tried_again(download: Download) -> Download:
    """The row after another attempt, made now although it was to wait."""
    Download.objects.filter(pk=download.pk).update(due_at=timezone.now())
    return performed(download)


def fresh(download: Download) -> Download:
    return Download.objects.get(pk=download.pk)


def last_attempt(download: Download) -> Attempt:
    attempt = download.attempts.last()
    assert attempt
    return attempt


def option(pytest_settings: Settings, **changes: Any) -> None:
    """Give options other values until the test ends."""
    pytest_settings.OPTIONS = settings.OPTIONS.model_copy(update=changes)


def lapse(download: Download) -> None:
    """Let the lease end now, as if its worker were gone."""
    Download.objects.filter(pk=download.pk).update(lease_until=timezone.now() - timedelta(seconds=1))


def files_in(media: Path) -> list[str]:
    """All files below the media folder, the names of jobs' own among them."""
    return sorted(str(path.relative_to(media)) for path in media.rglob("*") if path.is_file())


def no_job_folders(media: Path) -> bool:
    place = media / ".jobs"
    return not place.exists() or not any(path.is_dir() for path in place.iterdir())


class Aside:
    """Something done in a thread of its own; leaving the block waits for its end and raises what it raised."""

    def __init__(self, act: Callable[[], object]) -> None:
        self._act = act
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> "Aside":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive(), "it does not end"
        if self._error:
            raise self._error

    def _run(self) -> None:
        try:
            self._act()
        except BaseException as error:
            self._error = error
        finally:
            connection.close()


def performing(download: Download) -> Aside:
    """One attempt at it, aside. Needs a test with real transactions."""
    return Aside(lambda: worker.perform(download.pk))


def until(holds: Callable[[], bool], patience: float = PATIENCE) -> None:
    """Return when something is so. Raises TimeoutError."""
    deadline = time.monotonic() + patience
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError
        threading.Event().wait(0.02)
