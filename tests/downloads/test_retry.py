"""What may pass by itself is tried again, later and later; what will not, only when its owner asks."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from tests.downloads.acts import asked, fresh, last_attempt, option, performed, tried_again
from tests.site import Site
from viddlws.accounts.models import User
from viddlws.downloads import folders, moves, services
from viddlws.downloads.errors import NotNow, Refused
from viddlws.downloads.models import Attempt, Download, State
from viddlws.engine.messages import ErrorClass, Failed
from viddlws.engine.supervisor import Engine
from viddlws.lib import backoff
from viddlws.library import storage

LINK = "https://videos.example.org/walk"
NETWORK = Failed(ErrorClass.NETWORK, "The site does not answer.", "Wait.", passing=True)


def failing(download: Download, failed: Failed) -> Download:
    held = moves.claim(download.pk)
    assert held
    moves.fail(held, failed, "the log")
    return fresh(download)


def wait_of(row: Download) -> float:
    """Seconds from its last change until it is tried again."""
    return (row.due_at - row.changed_at).total_seconds()


def test_a_site_that_is_down_for_a_moment(fresh_site: Site, alice: User, works: Engine) -> None:
    download = performed(asked(alice, fresh_site.url("/flaky?n=4")))
    assert (download.state, download.error_class, download.attempts_made) == (State.QUEUED, "network", 1)
    assert download.due_at > timezone.now()
    assert moves.claim(download.pk) is None  # not before

    tries = 1
    while download.state == State.QUEUED and tries < 5:
        download, tries = tried_again(download), tries + 1

    assert download.state == State.DONE
    assert (download.attempts_made, download.error_class) == (tries, "")
    assert [attempt.outcome for attempt in download.attempts.all()] == [*["failed"] * (tries - 1), "done"]


def test_a_site_that_asks_to_wait_is_left_alone_that_long(site: Site, alice: User, works: Engine) -> None:
    row = performed(asked(alice, site.url("/status/429?retry_after=700")))

    assert (row.state, row.error_class) == (State.QUEUED, "rate-limited")
    assert 690 <= wait_of(row) <= 700 * 1.25
    assert "again" in services.waiting_reason(row)


def test_waits_grow_and_end() -> None:
    waits = [backoff.delay(tries) for tries in range(1, 9)]

    assert all(5 * 4**n <= wait <= 5 * 4**n * 1.25 for n, wait in enumerate(waits[:5]))
    assert max(waits) <= 3600 * 1.25
    assert len({backoff.delay(3) for _ in range(20)}) > 1  # not all at the same instant
    assert backoff.delay(1, 10**9) <= 24 * 3600 * 1.25


def test_after_the_last_try_it_has_failed(alice: User, settings: Settings) -> None:
    option(settings, max_attempts=3)
    download = asked(alice, LINK)
    for _ in range(3):
        Download.objects.update(due_at=timezone.now())
        row = failing(download, NETWORK)

    assert (row.state, row.attempts_made) == (State.FAILED, 3)
    assert (row.error_class, row.error_message, row.error_advice) == ("network", "The site does not answer.", "Wait.")
    assert last_attempt(row).log == "the log"
    assert [attempt.number for attempt in row.attempts.all()] == [1, 2, 3]


def test_what_will_not_pass_is_not_tried_again(site: Site, alice: User, works: Engine) -> None:
    row = performed(asked(alice, site.url("/status/404")))

    assert (row.state, row.error_class, row.attempts_made) == (State.FAILED, "gone", 1)
    assert row.error_message
    assert row.error_advice
    attempt = last_attempt(row)
    assert (attempt.outcome, attempt.error_class) == (Attempt.Outcome.FAILED, "gone")
    assert attempt.detail


def test_its_owner_may_try_it_again(alice: User) -> None:
    download = failing(asked(alice, LINK), Failed(ErrorClass.GONE, "Gone.", "Look for another."))

    row = services.retry(alice, download.pk)

    assert (row.state, row.attempts_made, row.error_class) == (State.QUEUED, 0, "")
    assert moves.claim(row.pk)


def test_one_that_waits_for_its_next_try_may_be_tried_now(alice: User) -> None:
    download = failing(asked(alice, LINK), NETWORK)

    services.retry(alice, download.pk)

    assert moves.claim(download.pk)


def test_what_is_done_cannot_be_tried_again(alice: User) -> None:
    download = asked(alice, LINK)
    Download.objects.update(state=State.DONE, entry_count=1)
    with pytest.raises(NotNow):
        services.retry(alice, download.pk)


def test_what_runs_is_not_disturbed(alice: User) -> None:
    held = moves.claim(asked(alice, LINK).pk)
    assert held

    assert services.retry(alice, held.pk).state == State.RUNNING
    assert fresh(held).token == held.token


def test_all_that_failed_at_once(alice: User, bob: User) -> None:
    for user in (alice, bob):
        for number in range(3):
            failing(asked(user, f"{LINK}/{number}"), Failed(ErrorClass.GONE, "Gone.", ""))

    assert services.retry_failed(alice) == 3
    assert Download.objects.filter(owner=alice, state=State.QUEUED).count() == 3
    assert Download.objects.filter(owner=bob, state=State.FAILED).count() == 3


def test_another_link_for_one_that_failed(alice: User) -> None:
    download = failing(asked(alice, LINK), Failed(ErrorClass.GONE, "Gone.", ""))
    Download.objects.update(title="Page not found")

    row = services.change_link(alice, download.pk, "https://WWW.example.org/right")

    assert (row.url, row.site) == ("https://www.example.org/right", "example.org")
    assert (row.state, row.title, row.error_class) == (State.QUEUED, "", "")
    assert services.request(alice, "https://www.example.org/right")[0].download == row
    assert services.request(alice, LINK)[0].outcome == "new"


def test_another_link_that_is_none_or_known_is_refused(alice: User) -> None:
    download = failing(asked(alice, LINK), Failed(ErrorClass.GONE, "Gone.", ""))
    asked(alice, LINK + "/other")

    for link in ("nonsense", "http://10.0.0.1/", LINK + "/other"):
        with pytest.raises(Refused) as refusal:
            services.change_link(alice, download.pk, link)
        assert refusal.value.message
        assert refusal.value.advice
    assert fresh(download).url == LINK


def test_another_link_for_one_that_runs_is_refused(alice: User) -> None:
    held = moves.claim(asked(alice, LINK).pk)
    assert held
    with pytest.raises(NotNow):
        services.change_link(alice, held.pk, LINK + "/other")
    assert fresh(held).url == LINK


def test_another_link_waits_until_the_cancelled_attempt_has_let_go_of_its_files(
    alice: User, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "PATIENCE", 0.0)
    held = moves.claim(asked(alice, LINK).pk)
    assert held
    with folders.held(held.pk):
        services.cancel(alice, held.pk)
        with pytest.raises(NotNow):
            services.change_link(alice, held.pk, LINK + "/other")
        assert (fresh(held).url, fresh(held).state) == (LINK, State.CANCELLED)

    assert services.change_link(alice, held.pk, LINK + "/other").state == State.QUEUED
    assert not storage.job_folder(held.pk).exists()


def test_the_times_of_a_retry_are_in_order(alice: User) -> None:
    row = failing(asked(alice, LINK), NETWORK)
    assert row.due_at - row.changed_at >= timedelta(seconds=5)
