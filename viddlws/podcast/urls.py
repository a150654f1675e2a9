"""Addresses for podcast apps. What a name stands for says `feeds.names`; all else below is one and the same 404."""

from django.urls import URLPattern, path

from viddlws.feeds.addresses import FOLDER
from viddlws.podcast import views

urlpatterns: list[URLPattern] = [
    path(f"{FOLDER}/<str:key>/<str:name>", views.podcast, name="podcast"),
    path(f"{FOLDER}/<path:anything>", views.nothing, name="podcast-nothing"),
]
