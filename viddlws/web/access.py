"""Who may see a page: nobody without signing in, except where a view says otherwise."""

from django.contrib.auth.middleware import LoginRequiredMiddleware


class PrivateByDefault(LoginRequiredMiddleware):
    """Sends strangers to sign in from every view that is not marked with `login_not_required`."""
