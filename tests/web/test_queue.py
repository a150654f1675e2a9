"""Cancel, retry and remove from the pages."""

import uuid

import pytest
from django.test import Client
from django.urls import reverse

from tests.conftest import signed_in
from tests.web.pages import download_of, text
from viddlws.accounts.models import User
from viddlws.downloads.models import Download, State


def act(client: Client, name: str, download: Download, **fields: str) -> object:
    return client.post(reverse(name, args=[download.pk]), fields)


def test_a_running_one_is_cancelled(alice: User) -> None:
    download = download_of(alice, state=State.RUNNING)

    act(signed_in(alice), "cancel", download)

    download.refresh_from_db()
    assert download.state == State.CANCELLED


def test_a_failed_one_is_retried(alice: User) -> None:
    download = download_of(alice, state=State.FAILED)

    act(signed_in(alice), "retry", download)

    download.refresh_from_db()
    assert download.state == State.QUEUED


def test_all_failed_ones_are_retried_at_once(alice: User) -> None:
    for _ in range(3):
        download_of(alice, state=State.FAILED)

    page = text(signed_in(alice).post(reverse("retry-failed"), follow=True))

    assert "3 downloads will be tried again" in page
    assert Download.objects.filter(state=State.QUEUED).count() == 3


def test_one_is_removed(alice: User) -> None:
    download = download_of(alice, state=State.FAILED)

    act(signed_in(alice), "remove", download)

    assert not Download.objects.exists()


def test_a_script_gets_no_page_but_a_word_that_something_changed(alice: User) -> None:
    download = download_of(alice)

    answer = signed_in(alice).post(reverse("cancel", args=[download.pk]), headers={"HX-Request": "true"})

    assert answer.status_code == 204
    assert answer["HX-Trigger"] == "downloads-changed"


def test_cancelling_what_is_over_says_so(alice: User) -> None:
    download = download_of(alice, state=State.FAILED)

    page = text(signed_in(alice).post(reverse("cancel", args=[download.pk]), follow=True))

    assert "This download is failed." in page


@pytest.mark.parametrize("name", ["cancel", "retry", "remove", "change-link"])
def test_what_does_not_exist_is_not_found(alice: User, name: str) -> None:
    answer = signed_in(alice).post(reverse(name, args=[uuid.uuid4()]), {"url": "https://example.org/"})

    assert answer.status_code == 404


def test_the_downloads_page_has_a_list_for_each_state(alice: User) -> None:
    for state in (State.RUNNING, State.QUEUED, State.FAILED):
        download_of(alice, state=state)

    page = text(signed_in(alice).get(reverse("downloads")))

    for name in ("running", "waiting", "failed"):
        assert f'data-list="{name}"' in page
    assert "Retry all failed" in page


def test_why_one_waits_is_said(alice: User) -> None:
    for _ in range(3):
        download_of(alice, state=State.RUNNING)
    download_of(alice)

    assert "Other downloads from example.org are running." in text(signed_in(alice).get(reverse("downloads")))


def test_a_long_list_is_asked_about(alice: User) -> None:
    download = download_of(alice, state=State.FAILED, error_class="too-large", error_advice="Add all 400?")
    client = signed_in(alice)

    assert "Get the whole list" in text(client.get(reverse("downloads")))
    act(client, "retry", download, confirmed="1")

    download.refresh_from_db()
    assert download.confirmed
