"""Addresses of media for the templates."""

from pathlib import PurePosixPath

from django import template
from django.http import QueryDict
from django.urls import reverse

from viddlws.library.models import MediaFile, Video

register = template.Library()


@register.filter
def media_address(file: MediaFile) -> str:
    return reverse("media", args=[file.pk, file_name(file)])


@register.filter
def file_name(file: MediaFile) -> str:
    return PurePosixPath(file.path).name


@register.filter
def thumbnail(video: Video) -> str:
    """Address of the picture, or nothing. Uses the files that were fetched with the video."""
    pictures = (file for file in video.files.all() if file.kind == MediaFile.Kind.THUMBNAIL)
    return next((media_address(file) for file in pictures), "")


@register.simple_tag
def querystring_of(**parameters: str) -> str:
    """A query of these parameters alone."""
    query = QueryDict(mutable=True)
    query.update(parameters)
    return "?" + query.urlencode()
