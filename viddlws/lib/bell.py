"""Doorbells: say that there is work. The row says what the work is; a bell may be lost or ring twice."""

import time

import structlog
from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

log = structlog.get_logger(__name__)

SLOW = 0.5  # seconds; a broker that let us wait so long in vain
REST = 5.0  # seconds; is not asked again for that long

_rests_until = 0.0  # by time.monotonic


def ring(name: str, *arguments: str | int) -> None:
    """Ring `name` once the current transaction is committed; never fails: the clock rings again."""
    transaction.on_commit(lambda: _ring_now(name, arguments))


def _ring_now(name: str, arguments: tuple[str | int, ...]) -> None:
    global _rests_until
    began = time.monotonic()
    if began < _rests_until:
        return
    try:
        current_app.send_task(name, args=list(arguments), ignore_result=True, retry=False)
    except (OperationalError, OSError) as error:
        if time.monotonic() - began > SLOW:
            _rests_until = time.monotonic() + REST
        log.warning("bell.unheard", bell=name, cause=type(error).__name__)
