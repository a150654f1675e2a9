"""Nothing is public by accident: the addresses a stranger may open are exactly these."""

from collections.abc import Iterator

from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver

OPEN = {
    "first-run",
    "account_login",
    "account_logout",  # asks, and sends a stranger to sign in
    "account_signup",  # says that sign-up is closed, unless it was opened
    "live",
    "podcast",  # opened by the key in the address
    "podcast-nothing",  # everything else below it: not found
    "ready",
}


def addresses(patterns: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, prefix + str(pattern.pattern))
        else:
            yield prefix + str(pattern.pattern), pattern


def is_open(pattern: URLPattern) -> bool:
    return not getattr(pattern.callback, "login_required", True)


def test_only_the_expected_addresses_are_open_to_strangers() -> None:
    assert "viddlws.web.access.PrivateByDefault" in settings.MIDDLEWARE
    found = {pattern.name or address for address, pattern in addresses(get_resolver().url_patterns) if is_open(pattern)}

    assert found == OPEN
