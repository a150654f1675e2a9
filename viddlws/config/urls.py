"""Every address, from the faces."""

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("viddlws.ops.urls")),
    path("", include("viddlws.podcast.urls")),
    path("", include("viddlws.web.urls")),
]
if settings.OPTIONS.admin_url:
    urlpatterns.append(path(settings.OPTIONS.admin_url.strip("/") + "/", admin.site.urls))

handler400 = "viddlws.web.views.system.bad_request"
