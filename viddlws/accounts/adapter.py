"""Our answers to allauth's questions."""

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Sign-up is closed unless the operator opened it."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return bool(settings.OPTIONS.allow_registration)
