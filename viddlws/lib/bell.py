"""Doorbells: say that there is work. The row says what the work is; a bell may be lost or ring twice."""

import structlog
from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

log = structlog.get_logger(__name__)


def ring(name: str, *arguments: str | int) -> None:
    """Ring `name` once the current transaction is committed; never fails: the clock rings again."""
    transaction.on_commit(lambda: _ring_now(name, arguments))


def _ring_now(name: str, arguments: tuple[str | int, ...]) -> None:
    try:
        current_app.send_task(name, args=list(arguments), ignore_result=True, retry=False)
    except (OperationalError, OSError) as error:
        log.warning("bell.unheard", bell=name, cause=type(error).__name__)
