"""For a page that asks again and again: what changed since it last asked."""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.utils import timezone
from django.utils.dateparse import parse_datetime

from viddlws.accounts.models import User
from viddlws.downloads.models import Download, State

OVERLAP = timedelta(seconds=2)  # a change may become visible a moment after the time it bears


class Changes(NamedTuple):
    """`cursor` is for the next question; `active`: something is queued or running, so there will be one."""

    downloads: list[Download]
    cursor: str
    active: bool


def changed(user: User, since: str = "") -> Changes:
    """This person's downloads that changed after the cursor `since`, oldest change first.

    Changes of the last two seconds are told twice. Without a cursor, or with one that cannot be read, there are none:
    the page has just been made from everything.
    """
    now = timezone.now()
    mine = Download.objects.visible_to(user)
    active = mine.filter(state__in=(State.QUEUED, State.RUNNING)).exists()
    after = _time(since)
    news = mine.filter(changed_at__gt=after - OVERLAP).select_related("video").order_by("changed_at") if after else ()
    return Changes(list(news), now.isoformat(), active)


def _time(cursor: str) -> datetime | None:
    try:
        time = parse_datetime(cursor)
    except ValueError:
        return None
    return time if time and time.tzinfo else None
