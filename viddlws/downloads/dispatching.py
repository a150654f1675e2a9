"""Hands ids to free workers. The row stays queued until a worker claims it, so a lost bell costs a few seconds."""

import threading

from django.db import transaction
from django.utils import timezone

from viddlws.downloads import slots, waiting
from viddlws.downloads.models import Download, State
from viddlws.lib import bell
from viddlws.lib.turns import wait_for_turn

_turn = threading.Lock()
_asked = threading.Event()


def dispatch() -> None:
    """Fill the free places. Asked while another thread of this process is at it, that one looks once more."""
    _asked.set()
    while _asked.is_set() and _turn.acquire(blocking=False):
        try:
            _asked.clear()
            _hand_out()
        finally:
            _turn.release()


def _hand_out() -> None:
    now = timezone.now()
    if not Download.objects.filter(state=State.QUEUED, due_at__lte=now).exists() or waiting.queue_paused():
        return
    with transaction.atomic():
        wait_for_turn("downloads.dispatch")
        chosen = slots.choose(now)
        if chosen:
            Download.objects.filter(pk__in=chosen).update(handed_at=now)
        for download_id in chosen:
            bell.ring("downloads.perform", str(download_id))
