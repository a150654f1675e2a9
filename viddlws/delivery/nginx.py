"""Letting nginx send a file: `X-Accel-Redirect` to an internal location that is the media folder.

    location /_media/ { internal; alias <media folder>/; add_header X-Content-Type-Options nosniff; }

nginx takes Content-Type, Content-Disposition and Cache-Control from us; ranges, ETag and dates are its own.
"""

from pathlib import Path
from urllib.parse import quote

from django.http import HttpResponse

from viddlws.library import storage

LOCATION = "/_media/"


def handed_over(path: Path) -> HttpResponse | None:
    """The answer that makes nginx send the file; None for one that is not below the media folder."""
    root = storage.media_root().resolve()
    if root not in path.resolve().parents:
        return None
    return HttpResponse(headers={"X-Accel-Redirect": LOCATION + quote(str(path.resolve().relative_to(root)))})
