"""Why a queued download does not run yet, in words for its owner."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from viddlws.downloads import slots
from viddlws.downloads.models import Download, State
from viddlws.library import storage

MAKE_ROOM = "Free some space; it goes on by itself."


def queue_paused() -> str:
    """Why nothing starts at all, or an empty text."""
    space = storage.free_space()
    if not space.short:
        return ""
    return f"The disk is nearly full: {size(space.free)} free, {size(space.reserve)} are kept in reserve."


def waiting_reason(download: Download) -> str:
    """Why this one waits; empty when it does not, or starts at once."""
    return waiting_reasons([download])[download.pk]


def waiting_reasons(downloads: Sequence[Download]) -> dict[UUID, str]:
    """The same for many, at the cost of one."""
    waiting = [each for each in downloads if each.state == State.QUEUED]
    if not waiting:
        return {each.pk: "" for each in downloads}
    now, paused = timezone.now(), queue_paused()
    taken = slots.busy(now)
    reasons = {each.pk: paused or _reason(each, now, taken) for each in waiting}
    return {each.pk: reasons.get(each.pk, "") for each in downloads}


def _reason(download: Download, now: datetime, taken: Counter[str]) -> str:
    if download.due_at > now:
        return f"{download.error_message} Tried again {_in((download.due_at - now).total_seconds())}.".strip()
    if download.handed_at and download.handed_at > now - slots.PATIENCE:
        return ""
    if taken[download.site] >= settings.OPTIONS.site_concurrency:
        return f"Other downloads from {download.site} are running."
    if taken.total() >= settings.OPTIONS.download_concurrency:
        return "Other downloads are running."
    return ""


def _in(seconds: float) -> str:
    for unit, length in (("hour", 3600), ("minute", 60)):
        if seconds >= length:
            count = round(seconds / length)
            return f"in {count} {unit}{'s' * (count != 1)}"
    return "in a moment"


def size(count: float) -> str:
    """Bytes as people write them."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "bytes" or count >= 10 else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"
