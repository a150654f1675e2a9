"""What every page's frame shows."""

from django.http import HttpRequest


def page(request: HttpRequest) -> dict[str, object]:
    """Context of the frame around every page."""
    return {}
