"""Who is next: by rank and age, no more than there are places for, and nothing while the disk is short."""

from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from tests.downloads.acts import Aside, asked, fresh, option, performed, tried_again
from tests.site import Site
from viddlws.accounts.models import User
from viddlws.downloads import moves, services, slots, worker
from viddlws.downloads.models import Download, State
from viddlws.engine.supervisor import Engine


def handed() -> list[str]:
    """What has been handed out, in the order of the queue."""
    rows = Download.objects.filter(handed_at__isnull=False).order_by("rank", "requested_at")
    return list(rows.values_list("url", flat=True))


def queue(user: User, *urls: str) -> list[Download]:
    return [answer.download for answer in services.request(user, "\n".join(urls)) if answer.download]


@pytest.fixture(autouse=True)
def places(settings: Settings, media: Path) -> None:
    option(settings, download_concurrency=4, site_concurrency=2, disk_reserve=0)


def test_the_oldest_first_and_no_more_than_there_are_places(alice: User) -> None:
    urls = [f"https://site{number}.example.org/" for number in range(6)]
    queue(alice, *urls)

    worker.dispatch()

    assert handed() == urls[:4]


def test_no_site_gets_more_than_its_share(alice: User) -> None:
    many = [f"https://www.many.example.org/{number}" for number in range(50)]
    queue(alice, *many, "https://other.example.org/1")

    worker.dispatch()

    assert handed() == [*many[:2], "https://other.example.org/1"]


def test_a_lower_rank_goes_first(alice: User) -> None:
    first, second = queue(alice, "https://a.example.org/", "https://b.example.org/")
    Download.objects.filter(pk=second.pk).update(rank=-1)

    assert slots.choose(timezone.now()) == [second.pk, first.pk]


def test_what_runs_takes_a_place(alice: User) -> None:
    rows = queue(alice, *(f"https://site{number}.example.org/" for number in range(6)))
    for row in rows[:3]:
        assert moves.claim(row.pk)

    worker.dispatch()

    assert handed() == [rows[3].url]


def test_a_bell_that_was_lost_is_rung_again_but_not_before(alice: User) -> None:
    (row,) = queue(alice, "https://a.example.org/")
    worker.dispatch()
    at_first = fresh(row).handed_at
    worker.dispatch()
    assert fresh(row).handed_at == at_first

    Download.objects.update(handed_at=timezone.now() - timedelta(seconds=5))
    worker.dispatch()
    assert fresh(row).handed_at
    assert fresh(row).handed_at != at_first


def test_what_waits_for_its_next_try_is_not_handed_out(alice: User) -> None:
    queue(alice, "https://a.example.org/")
    Download.objects.update(due_at=timezone.now() + timedelta(minutes=5))

    worker.dispatch()

    assert handed() == []


def test_choosing_costs_the_same_however_long_the_queue_is(alice: User) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            slots.choose(timezone.now())
        return len(captured)

    queue(alice, *(f"https://site{number}.example.org/" for number in range(5)))
    few = queries()
    queue(alice, *(f"https://many.example.org/{number}" for number in range(2000)))
    assert queries() == few


@pytest.mark.django_db(transaction=True)
def test_many_who_hand_out_at_once_never_hand_out_too_much(alice: User) -> None:
    queue(alice, *(f"https://site{number}.example.org/" for number in range(20)))
    chosen: Counter[int] = Counter()

    def hand_out() -> None:
        from viddlws.downloads import dispatching

        dispatching._hand_out()  # past the lock within this process, as if each were a process of its own
        chosen["done"] += 1  # type: ignore[index]

    many = [Aside(hand_out) for _ in range(6)]
    for each in many:
        each.__enter__()
    for each in many:
        each.__exit__()

    assert len(handed()) == 4


def test_a_full_disk_pauses_the_queue_and_says_so(alice: User, settings: Settings) -> None:
    (row,) = queue(alice, "https://a.example.org/")
    option(settings, disk_reserve=10**18)

    worker.dispatch()

    assert handed() == []
    assert "disk is nearly full" in services.queue_paused()
    assert services.waiting_reason(row) == services.queue_paused()

    option(settings, disk_reserve=0)
    worker.dispatch()
    assert handed() == [row.url]
    assert services.queue_paused() == ""
    assert services.waiting_reason(fresh(row)) == ""


def test_the_reserve_is_kept_while_a_download_runs(
    site: Site, alice: User, works: Engine, settings: Settings, media: Path
) -> None:
    download = asked(alice, site.url("/clip.mp4?t=reserve"))
    option(settings, disk_reserve=10**18)

    row = performed(download)
    assert (row.state, row.error_class, row.attempts_made) == (State.QUEUED, "disk-full", 0)
    assert row.error_advice

    option(settings, disk_reserve=0)
    row = tried_again(download)
    assert (row.state, row.attempts_made, row.error_class) == (State.DONE, 1, "")


def test_reasons_to_wait_are_told(alice: User) -> None:
    running = queue(alice, "https://many.example.org/1", "https://many.example.org/2")
    for row in running:
        assert moves.claim(row.pk)
    (same_site,) = queue(alice, "https://many.example.org/3")
    assert services.waiting_reason(same_site) == "Other downloads from many.example.org are running."
    assert services.waiting_reason(fresh(running[0])) == ""

    for row in queue(alice, "https://a.example.org/", "https://b.example.org/"):
        assert moves.claim(row.pk)
    (any_site,) = queue(alice, "https://c.example.org/")
    assert services.waiting_reason(any_site) == "Other downloads are running."


def test_all_reasons_cost_as_much_as_one(alice: User) -> None:
    def queries(count: int) -> int:
        rows = list(Download.objects.all()[:count])
        with CaptureQueriesContext(connection) as captured:
            services.waiting_reasons(rows)
        return len(captured)

    queue(alice, *(f"https://many.example.org/{number}" for number in range(50)))
    assert queries(50) == queries(1)
