"""Signing in: limited by address and by account, told in the log, never with the password."""

import pytest
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from tests.conftest import PASSWORD
from viddlws.accounts.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_failures_yet() -> None:
    cache.clear()


def sign_in(name: str, password: str, address: str = "203.0.113.1") -> HttpResponse:
    page = Client(REMOTE_ADDR=address)
    answer = page.post(reverse("account_login"), {"login": name, "password": password})
    assert isinstance(answer, HttpResponse)
    return answer


def test_the_right_password_signs_in(alice: User) -> None:
    assert sign_in("alice", PASSWORD).status_code == 302


def test_after_five_failures_an_account_is_closed_for_a_while_from_every_address(alice: User) -> None:
    for number in range(5):
        assert sign_in("alice", "wrong", f"203.0.113.{number}").status_code != 302

    assert sign_in("alice", PASSWORD, "203.0.113.77").status_code != 302


def test_after_twenty_failures_an_address_is_closed_for_a_while_for_every_account(alice: User) -> None:
    for number in range(20):
        sign_in(f"nobody-{number}", "wrong")

    assert sign_in("alice", PASSWORD).status_code != 302
    assert sign_in("alice", PASSWORD, "203.0.113.77").status_code == 302


def test_a_failure_is_logged_with_its_address_and_without_the_password(
    alice: User, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("WARNING"):
        sign_in("alice", "sesame-opens", "203.0.113.9")

    assert "203.0.113.9" in caplog.text
    assert "sesame-opens" not in caplog.text


def test_sign_up_is_closed_until_it_is_opened(client: Client, settings: Settings) -> None:
    form = {"username": "mallory", "password1": PASSWORD, "password2": PASSWORD}
    client.post(reverse("account_signup"), form)
    assert not User.objects.exists()

    settings.OPTIONS = settings.OPTIONS.model_copy(update={"allow_registration": True})
    client.post(reverse("account_signup"), form)
    assert User.objects.get().username == "mallory"
