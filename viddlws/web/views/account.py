"""A person's own page, and how the pages look to them."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from viddlws.web.context import THEME_COOKIE, THEMES
from viddlws.web.views.downloads import back

YEAR = 365 * 24 * 3600  # seconds


@require_safe
def account(request: HttpRequest) -> HttpResponse:
    return render(request, "account/account.html")


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Keep the choice in a cookie, so that the very first byte of a page has the right colours."""
    response = back(request)
    chosen = request.POST.get("theme", "")
    if chosen in {name for name, _, _ in THEMES if name}:
        response.set_cookie(
            THEME_COOKIE,
            chosen,
            max_age=YEAR,
            path=settings.SESSION_COOKIE_PATH,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
    else:
        response.delete_cookie(THEME_COOKIE, path=settings.SESSION_COOKIE_PATH)
    return response
