"""Our answers to allauth's questions."""

import structlog
from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from viddlws.accounts.models import User

log = structlog.get_logger(__name__)


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Sign-up is closed unless the operator opened it."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return bool(settings.OPTIONS.allow_registration)

    def authentication_failed(self, request: HttpRequest, **credentials: object) -> None:
        """Logged with the address, and with the name only where it is one: people mistake one field for the other."""
        name = str(credentials.get("username", ""))
        known = User.objects.filter(username=name).exists()
        log.warning("sign-in.failed", address=self.get_client_ip(request), name=name if known else "")

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        """Say so on the sign-in page itself."""
        messages.error(request, "This account is switched off. An administrator can switch it on again.")
        return redirect(settings.LOGIN_URL)
