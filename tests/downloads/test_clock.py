"""A clock that is put back leaves times in the future; nothing waits until it has caught up."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.downloads.acts import asked, fresh
from viddlws.accounts.models import User
from viddlws.downloads import moves, slots, upkeep
from viddlws.downloads.models import Download, State
from viddlws.lib import bell

LINK = "https://example.org/film.mp4"
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def silent_bells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bell, "_ring_now", lambda *_: None)


def test_a_lease_from_the_future_counts_as_ended(alice: User) -> None:
    download = asked(alice, LINK)
    assert moves.claim(download.pk)
    Download.objects.filter(pk=download.pk).update(lease_until=timezone.now() + HOUR)

    assert upkeep.sweep() == 1
    assert upkeep.sweep() == 0
    assert fresh(download).state == State.QUEUED


def test_a_lease_is_kept_by_a_clock_that_goes_a_little_ahead(alice: User) -> None:
    download = asked(alice, LINK)
    assert moves.claim(download.pk)
    Download.objects.filter(pk=download.pk).update(lease_until=timezone.now() + moves.LEASE + timedelta(minutes=1))

    assert upkeep.sweep() == 0


def test_a_download_handed_out_in_the_future_is_handed_out_again_and_takes_no_place(alice: User) -> None:
    download = asked(alice, LINK)
    Download.objects.update(handed_at=timezone.now() + HOUR)

    assert slots.busy(timezone.now()).total() == 0
    assert slots.choose(timezone.now()) == [download.pk]
