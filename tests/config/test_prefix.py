"""Below a path of a shared host, with a proxy that takes the path away or leaves it."""

import pytest
from django.test import RequestFactory
from pytest_django import Settings

from viddlws.config.wsgi import application


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/videos/healthz/live", "/healthz/live"])
def test_addresses_are_found_with_and_without_the_prefix(settings: Settings, path: str) -> None:
    settings.OPTIONS = settings.OPTIONS.model_copy(update={"url_prefix": "/videos"})
    told: list[str] = []

    environ = {**RequestFactory().get("/").environ, "PATH_INFO": path}
    application(environ, lambda status, *_: told.append(status))  # type: ignore[arg-type]

    assert told == ["200 OK"]
