"""Error pages in our own words, and the prefix under which everything may live."""

import re

import pytest
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.urls import reverse, set_script_prefix
from django.views import defaults

from tests.conftest import signed_in
from tests.library.material import video_of
from tests.web.pages import download_of, text
from viddlws.accounts.models import User
from viddlws.downloads.models import State


def test_an_address_of_nothing(alice: User) -> None:
    answer = signed_in(alice).get("/no/such/page/")

    assert answer.status_code == 404
    assert "There is nothing here" in text(answer)


def test_a_form_without_its_token(alice: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)

    answer = client.post(reverse("add"), {"links": "https://example.org/"})

    assert answer.status_code == 403
    assert "That form was too old" in text(answer)


def test_a_fault_of_ours_is_told_without_the_frame_that_may_be_broken_too(rf: RequestFactory) -> None:
    answer = defaults.server_error(rf.get("/"))

    assert answer.status_code == 500
    assert "Something went wrong here" in text(answer)


def test_what_is_not_allowed(rf: RequestFactory, alice: User) -> None:
    request: HttpRequest = rf.get("/")
    request.user = alice

    answer = defaults.permission_denied(request, PermissionDenied())

    assert answer.status_code == 403
    assert "This is not allowed" in text(answer)


def test_a_request_that_makes_no_sense(alice: User) -> None:
    answer = signed_in(alice).get(reverse("library"), headers={"host": "evil.example"})

    assert answer.status_code == 400
    assert "cannot be understood" in text(answer)


@pytest.mark.usefixtures("media")
def test_below_a_prefix_every_address_of_every_page_has_it(alice: User) -> None:
    """Django's WSGI handler sets the prefix for each request; the test's client leaves that to us."""
    video = video_of(alice, tags=("jazz",))
    failed = download_of(alice, state=State.FAILED)
    pages = [reverse(name) for name in ("library", "downloads", "tags", "account", "account_login")]
    pages += [reverse("watch", args=[each.pk]) for each in (video, failed)]
    client = signed_in(alice)
    set_script_prefix("/videos/")
    try:
        for address in pages:
            page = text((Client() if "sign-in" in address else client).get(address))
            found = re.findall(r'(?:href|src|action|hx-get|hx-post|data-live|poster)="(/[^"]*)"', page)
            assert found, address
            assert [each for each in found if not each.startswith(("/videos/", "/static/"))] == [], address
    finally:
        set_script_prefix("/")
