"""Addresses for operators' machines: health."""

from django.urls import URLPattern, path

from viddlws.ops import views

urlpatterns: list[URLPattern] = [
    path("healthz/live", views.live, name="live"),
    path("healthz/ready", views.ready, name="ready"),
]
