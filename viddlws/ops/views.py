"""Health: is this process alive, and is it of use?"""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse

from viddlws.ops import checks


@login_not_required
def live(request: HttpRequest) -> HttpResponse:
    """200 as long as requests are answered at all. Touches neither database nor broker."""
    return HttpResponse("alive\n", content_type="text/plain")


@login_not_required
def ready(request: HttpRequest) -> HttpResponse:
    """200 when database, migrations and broker are as they should be, else 503 naming those which are not."""
    trouble = [name for name, question in _QUESTIONS if question()]
    text = f"not ready: {', '.join(trouble)}\n" if trouble else "ready\n"
    return HttpResponse(text, status=503 if trouble else 200, content_type="text/plain")


def _migrations() -> str:
    return "" if checks.database_trouble() else checks.migration_trouble()


_QUESTIONS = (("database", checks.database_trouble), ("migrations", _migrations), ("broker", checks.broker_trouble))
