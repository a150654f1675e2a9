"""How a row moves while a worker has it: each move is one conditional UPDATE, and the row count is the answer.

A claim gives the row a token; every later move is for the row that still has it. `Fenced` means that somebody else
has decided meanwhile (cancelled, removed, or given to another worker): stop and touch nothing.
"""

import uuid
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from viddlws.downloads.models import Attempt, Download, State
from viddlws.engine.messages import ErrorClass, Failed, Step
from viddlws.lib import backoff

LEASE = timedelta(seconds=15)
SKEW = timedelta(minutes=5)  # that clocks of two machines may differ by
LOSSES = 3  # in a row that are forgiven
DISK_PAUSE = 60.0  # seconds after which a download that found no room looks again

_FREE: dict[str, Any] = {"token": None, "lease_until": None, "handed_at": None, "speed": None, "eta": None}
_NO_ERROR = {"error_class": "", "error_message": "", "error_advice": ""}


class Fenced(Exception):  # noqa: N818 (a state, not a fault)
    """The row is no longer ours."""


def claim(download_id: uuid.UUID) -> Download | None:
    """Take the row if it is queued and due, or if who had it is lost; with its token, lease and a new attempt."""
    taken = _take(download_id)
    if taken is None:
        lost = Download.objects.filter(pk=download_id, state=State.RUNNING, lease_until__lt=timezone.now()).first()
        if lost:
            lose(lost)
            taken = _take(download_id)
    return taken


def _take(download_id: uuid.UUID) -> Download | None:
    now, token = timezone.now(), uuid.uuid4()
    with transaction.atomic():
        taken = Download.objects.filter(pk=download_id, state=State.QUEUED, due_at__lte=now).update(
            state=State.RUNNING, token=token, lease_until=now + LEASE, attempts_made=F("attempts_made") + 1,
            changed_at=now, percent=0, step=Step.STARTING, speed=None, eta=None, **_NO_ERROR,
        )  # fmt: skip
        if not taken:
            return None
        number = Attempt.objects.filter(download_id=download_id).count() + 1
        Attempt.objects.create(download_id=download_id, number=number, token=token, started_at=now)
        return Download.objects.select_related("owner").get(pk=download_id)


def renew(download: Download, **changes: Any) -> None:
    """Keep the row, and save what changed. Raises Fenced."""
    now = timezone.now()
    if changes:
        changes["changed_at"] = now
    if not _mine(download).update(lease_until=now + LEASE, **changes):
        raise Fenced


def still_mine(download: Download) -> bool:
    return _mine(download).exists()


def finish(download: Download, log: str, **changes: Any) -> None:
    """The row is done. Raises Fenced. Call it inside the transaction that files the result, before filing."""
    now = timezone.now()
    done = _mine(download).update(
        state=State.DONE, percent=100, step="", losses=0, ended_at=now, changed_at=now, **_FREE, **changes
    )
    if not done:
        raise Fenced
    end_attempt(download, Attempt.Outcome.DONE, log=log)


def fail(download: Download, failed: Failed, log: str) -> State:
    """Record why it did not work and queue it again if that may pass by itself; the new state. Raises Fenced."""
    full = failed.error is ErrorClass.DISK_FULL
    passing = full or (failed.passing and download.attempts_made < settings.OPTIONS.max_attempts)
    wait = DISK_PAUSE if full else backoff.delay(download.attempts_made, failed.retry_after)
    now = timezone.now()
    words = {"error_class": failed.error, "error_message": failed.message, "error_advice": failed.advice}
    with transaction.atomic():
        if passing:
            due = now + timedelta(seconds=wait)
            _queue(download, due_at=due, attempts_made=download.attempts_made - full, losses=0, **words)
        elif not _mine(download).update(state=State.FAILED, losses=0, ended_at=now, changed_at=now, **_FREE, **words):
            raise Fenced
        end_attempt(download, Attempt.Outcome.FAILED, failed, log)
    return State.QUEUED if passing else State.FAILED


def put_back(download: Download, log: str = "") -> None:
    """Queue it again at once, as if this attempt had not been: the worker ends. Raises Fenced."""
    with transaction.atomic():
        _queue(download, due_at=timezone.now(), attempts_made=download.attempts_made - 1)
        end_attempt(download, Attempt.Outcome.STOPPED, log=log)


def lapsed() -> Q:
    """Running by a lease that has ended, or by one so long that the clock must have been put back since."""
    now = timezone.now()
    return Q(state=State.RUNNING) & (Q(lease_until__lt=now) | Q(lease_until__gt=now + LEASE + SKEW))


def lose(download: Download) -> bool:
    """Queue again what nobody has looked after; fail it when that happens again and again. False when too late."""
    now, again = timezone.now(), download.losses < LOSSES
    gone = Q(lapsed(), pk=download.pk, token=download.token)
    with transaction.atomic():
        changes: dict[str, Any] = {"losses": F("losses") + 1, "changed_at": now, **_FREE}
        if again:
            changes |= {"state": State.QUEUED, "due_at": now, "attempts_made": F("attempts_made") - 1}
        else:
            changes |= {
                "state": State.FAILED, "ended_at": now, "error_class": ErrorClass.UNKNOWN,
                "error_message": f"The download process was lost {download.losses + 1} times.",
                "error_advice": "Look whether the machine runs out of memory, then try again.",
            }  # fmt: skip
        if not Download.objects.filter(gone).update(**changes):
            return False
        end_attempt(download, Attempt.Outcome.LOST)
    return True


def end_attempt(download: Download, outcome: Attempt.Outcome, failed: Failed | None = None, log: str = "") -> None:
    """Close the download's attempt, if it is still open."""
    words = {"error_class": failed.error, "message": failed.message, "detail": failed.detail} if failed else {}
    attempt_of(download).filter(outcome=Attempt.Outcome.RUNNING).update(
        outcome=outcome, ended_at=timezone.now(), log=log, **words
    )


def attempt_of(download: Download) -> QuerySet[Attempt]:
    """The attempt that has this download's token."""
    assert download.token
    return Attempt.objects.filter(token=download.token)


def _queue(download: Download, **changes: Any) -> None:
    if not _mine(download).update(state=State.QUEUED, step="", changed_at=timezone.now(), **_FREE, **changes):
        raise Fenced


def _mine(download: Download) -> QuerySet[Download]:
    return Download.objects.filter(pk=download.pk, state=State.RUNNING, token=download.token)
