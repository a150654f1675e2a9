"""Addresses for operators' machines: health."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
