"""A site that only hands out files, to run under real servers: /media/<path> and a page that says hello.

Environment: MEDIA is the media folder, DELIVERY the option `media_delivery`.
"""

import os
from pathlib import Path

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import URLPattern, path

from viddlws.config.options import Options

settings.configure(
    SECRET_KEY="only-for-tests",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    MEDIA_ROOT=Path(os.environ["MEDIA"]),
    OPTIONS=Options.model_validate({"media_delivery": os.environ["DELIVERY"]}),
    AUTH_USER_MODEL="accounts.User",
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "viddlws.accounts",
        "viddlws.library",
    ],
)
django.setup()


def media(request: HttpRequest, where: str) -> HttpResponseBase:
    from viddlws.delivery.responses import serve

    return serve(request, settings.MEDIA_ROOT / where, mime="video/mp4", name=Path(where).name, attachment=True)


def hello(request: HttpRequest) -> HttpResponse:
    return HttpResponse("hello")


urlpatterns: list[URLPattern] = [path("media/<path:where>", media), path("hello", hello)]
application = get_wsgi_application()
