"""Waiting on the command line until downloads are over. Looks at rows alone, so it needs neither broker nor worker."""

import time
from collections.abc import Collection
from uuid import UUID

import click

from viddlws.downloads import services
from viddlws.downloads.models import Download, State
from viddlws.ops import checks

_SHORTEST, _LONGEST = 0.2, 1.0  # seconds between two looks
_SUSPICIOUS = 3.0  # seconds in which nothing happens until we ask whether a worker is there
_OPEN = (State.QUEUED, State.RUNNING)


def until_over(ids: Collection[UUID]) -> list[Download]:
    """Wait for these downloads, and for the entries of those that turn out to be playlists; return what there is then.

    Says on standard error when nothing can happen, and why.
    """
    pause, quiet_since, before = _SHORTEST, time.monotonic(), None
    said: set[str] = set()
    while waiting := _still_open(ids):
        now = [(row.pk, row.changed_at) for row in waiting]
        if now != before or any(row.state == State.RUNNING for row in waiting):
            before, quiet_since = now, time.monotonic()
        elif time.monotonic() - quiet_since > _SUSPICIOUS:
            _say_why(waiting, said)
            quiet_since = time.monotonic()
        time.sleep(pause)
        pause = min(pause * 1.2, _LONGEST)
    return with_entries(ids)


def with_entries(ids: Collection[UUID]) -> list[Download]:
    """These downloads in the order of asking; a playlist that was taken is its entries."""
    rows = Download.objects.select_related("video").order_by("requested_at", "id")
    asked = rows.filter(pk__in=ids).exclude(state=State.DONE, entry_count__isnull=False)
    return [*asked, *rows.filter(playlist__in=ids).exclude(pk__in=ids)]


def _still_open(ids: Collection[UUID]) -> list[Download]:
    rows = Download.objects.filter(state__in=_OPEN)
    return [*rows.filter(pk__in=ids), *rows.filter(playlist__in=ids).exclude(pk__in=ids)]


def _say_why(waiting: list[Download], said: set[str]) -> None:
    reasons = {reason for reason in services.waiting_reasons(waiting).values() if reason}
    if not reasons and not checks.workers():
        reasons = {"No worker is running, so nothing happens yet. `viddlws up` starts one; Ctrl-C keeps the link."}
    for reason in sorted(reasons - said):
        click.echo(reason, err=True)
    said |= reasons
