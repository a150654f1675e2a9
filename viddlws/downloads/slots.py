"""How many downloads may run, and which ones are next."""

from collections import Counter
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Q

from viddlws.downloads.models import Download, State

PATIENCE = timedelta(seconds=4)  # after which a download that nobody took up is handed out again


def handed(now: datetime) -> Q:
    """Just handed out. A time in the future is from a clock that has been put back since."""
    return Q(handed_at__gt=now - PATIENCE, handed_at__lt=now + PATIENCE)


def busy(now: datetime) -> Counter[str]:
    """Downloads that run or have just been handed out, by site."""
    taken = Download.objects.filter(Q(state=State.RUNNING) | Q(handed(now), state=State.QUEUED))
    return Counter(dict(taken.order_by().values_list("site").annotate(Count("pk"))))


def full_sites(taken: Counter[str]) -> list[str]:
    return [site for site, count in taken.items() if count >= settings.OPTIONS.site_concurrency]


def choose(now: datetime) -> list[UUID]:
    """The ids that may start now: by rank, then by age, no more than there are places for, in all and for each site."""
    taken = busy(now)
    due = (
        Download.objects.filter(state=State.QUEUED, due_at__lte=now)
        .exclude(handed(now))
        .order_by("rank", "requested_at", "id")
    )
    chosen: list[UUID] = []
    while (free := settings.OPTIONS.download_concurrency - taken.total()) > 0:
        full = full_sites(taken)
        page = due.exclude(site__in=full).exclude(pk__in=chosen).values_list("pk", "site")[:free]
        found = [(pk, site) for pk, site in page if _take(site, taken)]
        chosen += [pk for pk, _ in found]
        if not found or len(full_sites(taken)) == len(full):
            break
    return chosen


def _take(site: str, taken: Counter[str]) -> bool:
    if taken[site] >= settings.OPTIONS.site_concurrency:
        return False
    taken[site] += 1
    return True
