"""Reading pages, and rows to show on them."""

import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.http import HttpResponseBase
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from viddlws.accounts.models import User
from viddlws.downloads.models import Attempt, Download, State
from viddlws.downloads.paste import Link

NASTY = (
    "</script><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7|add:7 }}{% url 'x' %}",
    "../../etc/passwd",
    "long " * 2000,
    "\U0001f600\u202eright to left\x07\x1b[31m",
    "' onmouseover='alert(1)",
)


def text(response: HttpResponseBase) -> str:
    content: bytes = getattr(response, "content", b"")
    return content.decode()


def download_of(owner: User, url: str = "", state: str = State.QUEUED, **columns: Any) -> Download:
    """A row of the queue in that state, with the columns the state asks for."""
    link = Link(url or f"https://example.org/{uuid.uuid4()}")
    now = timezone.now()
    if state == State.RUNNING:
        columns = {"token": uuid.uuid4(), "lease_until": now + timedelta(minutes=1), "step": "fetching", **columns}
    if state == State.FAILED:
        columns = {"error_class": "gone", "error_message": "The page is gone.", "error_advice": "Look for another.",
                   "ended_at": now, **columns}  # fmt: skip
    row = Download.objects.create(owner=owner, url=link.url, url_key=link.key, site=link.site, state=state, **columns)
    if state == State.FAILED:
        Attempt.objects.create(download=row, number=1, token=uuid.uuid4(), outcome=Attempt.Outcome.FAILED,
                               engine_version="2026.10.26", message="gone", log="[generic] 404")  # fmt: skip
    return row


def addresses() -> Iterator[URLPattern]:
    """Every address of the web face, found by walking the table."""
    waiting: list[URLPattern | URLResolver] = list(get_resolver("viddlws.web.urls").url_patterns)
    while waiting:
        pattern = waiting.pop()
        if isinstance(pattern, URLResolver):
            waiting += pattern.url_patterns
        else:
            yield pattern
