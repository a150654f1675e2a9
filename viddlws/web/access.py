"""Who may see a page: nobody without signing in, except where a view says otherwise.

Open to strangers are, and a test holds this list: sign-in, first run, sign-up while it is open, static files, health.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase

from viddlws.accounts.models import User

View = Callable[..., HttpResponseBase]

open_to_strangers = login_not_required


class PrivateByDefault(LoginRequiredMiddleware):
    """Sends strangers to sign in from every view that is not marked, and forbids every store to keep a page."""

    def handle_no_permission(  # type: ignore[override]  # the supertype knows of no script
        self, request: HttpRequest, view_func: View
    ) -> HttpResponseBase:
        """A script gets 401 instead of the sign-in page, which it would put into the middle of its own."""
        if "HX-Request" in request.headers:
            return HttpResponse(status=401, headers={"HX-Refresh": "true"})
        return super().handle_no_permission(request, view_func)

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if "no-store" not in response.get("Cache-Control", "no-store"):
            return response
        response["Cache-Control"] = "private, no-store"
        return response


def while_open(view: View) -> View:
    """For sign-up: not there at all while registration is closed."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not settings.OPTIONS.allow_registration:
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


def person(request: HttpRequest) -> User:
    """Who asks; only for views that strangers do not reach."""
    assert isinstance(request.user, User)
    return request.user
