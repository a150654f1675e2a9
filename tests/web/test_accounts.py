"""First run, sign-in, sign-out, sign-up, password, appearance."""

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from tests.conftest import PASSWORD, signed_in
from tests.web.pages import text
from viddlws.accounts.models import User
from viddlws.accounts.services import first_run_code


@pytest.fixture(autouse=True)
def fresh_limits(settings: Settings) -> None:
    """Rate limits are counted in a cache of this test's own."""
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    cache.clear()


def first_run() -> str:
    return reverse("first-run", args=[first_run_code()])


NEW = {"name": "dana", "password": PASSWORD, "again": PASSWORD}


def test_the_first_administrator_is_made_and_signed_in(db: None) -> None:
    client = Client()
    assert "Welcome to ViddlWS" in text(client.get(first_run()))

    page = client.post(first_run(), NEW, follow=True)

    assert User.objects.get().is_staff
    assert page.redirect_chain[-1][0] == reverse("library")
    assert page.status_code == 200


def test_the_first_run_works_once(db: None) -> None:
    address = first_run()
    Client().post(address, NEW)

    assert Client().get(address).status_code == 404
    assert Client().post(address, {**NEW, "name": "eve"}).status_code == 404
    assert User.objects.count() == 1


def test_a_wrong_code_is_not_found(db: None) -> None:
    assert Client().get(reverse("first-run", args=["x" * 40])).status_code == 404
    assert Client().post(reverse("first-run", args=["ümläut"]), NEW).status_code == 404
    assert not User.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"again": "other"}, "not the same"),
        ({"password": "short", "again": "short"}, "too short"),
        ({"name": "a/../b"}, "valid username"),
        ({"name": ""}, "required"),
    ],
)
def test_what_cannot_be_an_account_is_told(db: None, wrong: dict[str, str], words: str) -> None:
    answer = Client().post(first_run(), {**NEW, **wrong})

    assert answer.status_code == 422
    assert words in text(answer)
    assert not User.objects.exists()


def test_signing_in_leads_to_where_one_wanted_to_go(alice: User) -> None:
    client = Client()
    wanted = client.get(reverse("tags"))["Location"]

    answer = client.post(wanted, {"login": "alice", "password": PASSWORD, "next": reverse("tags")})

    assert answer["Location"] == reverse("tags")


def test_signing_in_never_leads_to_another_host(alice: User) -> None:
    form = {"login": "alice", "password": PASSWORD, "next": "https://evil.example/"}

    assert Client().post(reverse("account_login"), form)["Location"] == reverse("library")


def test_a_wrong_password_says_nothing_about_the_account(alice: User) -> None:
    known = text(Client().post(reverse("account_login"), {"login": "alice", "password": "wrong"}))
    unknown = text(Client().post(reverse("account_login"), {"login": "nobody", "password": "wrong"}))

    assert "not correct" in known
    assert "not correct" in unknown


def test_after_five_wrong_passwords_the_account_is_closed_for_a_while(alice: User) -> None:
    for _ in range(5):
        Client().post(reverse("account_login"), {"login": "alice", "password": "wrong"})

    client = Client()
    answer = client.post(reverse("account_login"), {"login": "alice", "password": PASSWORD})

    assert "Too many failed" in text(answer)
    assert client.get(reverse("library")).status_code == 302


def test_an_account_that_is_switched_off_cannot_sign_in_and_is_told(alice: User) -> None:
    User.objects.update(is_active=False)
    client = Client()

    page = client.post(reverse("account_login"), {"login": "alice", "password": PASSWORD}, follow=True)

    assert "switched off" in text(page)
    assert client.get(reverse("library")).status_code == 302


def test_signing_out_is_a_form_and_ends_the_session(alice: User) -> None:
    client = signed_in(alice)
    assert client.get(reverse("account_logout")).status_code == 200
    assert client.get(reverse("library")).status_code == 200

    client.post(reverse("account_logout"))

    assert client.get(reverse("library")).status_code == 302


def test_the_password_can_be_changed(alice: User) -> None:
    form = {"oldpassword": PASSWORD, "password1": "another good one", "password2": "another good one"}

    signed_in(alice).post(reverse("account_change_password"), form)

    alice.refresh_from_db()
    assert alice.check_password("another good one")


def test_sign_up_is_not_there_while_it_is_closed(db: None) -> None:
    form = {"username": "eve", "password1": PASSWORD, "password2": PASSWORD}

    assert Client().get(reverse("account_signup")).status_code == 404
    assert Client().post(reverse("account_signup"), form).status_code == 404
    assert "Sign up" not in text(Client().get(reverse("account_login")))


def test_sign_up_works_while_it_is_open(db: None, settings: Settings) -> None:
    settings.OPTIONS = settings.OPTIONS.model_copy(update={"allow_registration": True})
    client = Client()
    assert "Sign up" in text(client.get(reverse("account_login")))

    client.post(reverse("account_signup"), {"username": "eve", "password1": PASSWORD, "password2": PASSWORD})

    assert not User.objects.get(username="eve").is_staff
    assert client.get(reverse("library")).status_code == 200


def test_light_or_dark_is_kept_and_in_the_very_first_byte(alice: User) -> None:
    client = signed_in(alice)

    client.post(reverse("theme"), {"theme": "night"})
    assert 'data-theme="night"' in text(client.get(reverse("library")))
    client.post(reverse("theme"), {"theme": ""})
    assert "data-theme" not in text(client.get(reverse("library")))


def test_a_theme_there_is_none_of_changes_nothing(alice: User) -> None:
    client = signed_in(alice)
    client.cookies["viddlws_theme"] = '"><script>'

    assert "data-theme" not in text(client.get(reverse("library")))
