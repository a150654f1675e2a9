"""What gunicorn serves."""

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "viddlws.config.settings")
_django = get_wsgi_application()


def application(environ: dict[str, Any], start_response: "StartResponse") -> Iterable[bytes]:
    """Django, below URL_PREFIX whether or not the proxy in front takes the prefix away."""
    prefix = settings.OPTIONS.url_prefix
    if prefix and environ["PATH_INFO"].startswith(f"{prefix}/"):
        environ["PATH_INFO"] = environ["PATH_INFO"].removeprefix(prefix)
    return _django(environ, start_response)
