"""What a key opens: the feed's text, its media, pictures, chapters and captions. Anything else is not found.

Answers say nothing about why: a key that is wrong, revoked or deleted, and a thing that the feed does not list (any
more), get the same bytes.
"""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from math import ceil
from pathlib import Path

from allauth.account.adapter import get_adapter
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.utils.cache import patch_vary_headers
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from viddlws.delivery import ranges, responses
from viddlws.feeds import addresses, chapters, content, cover, document, names, pictures, rss, services
from viddlws.feeds.models import Feed
from viddlws.feeds.names import What
from viddlws.library import storage
from viddlws.library.errors import LibraryError
from viddlws.library.models import MediaFile, Video
from viddlws.podcast import packing
from viddlws.podcast.misses import Misses

_FEED = "application/rss+xml; charset=utf-8"
_PLAIN = "text/plain; charset=utf-8"
_ALWAYS = {"X-Robots-Tag": "noindex", "Referrer-Policy": "no-referrer"}
_ASK_AGAIN = "private, max-age=0, must-revalidate"
_FOR_GOOD = "private, max-age=31536000, immutable"  # the address changes when the picture does
_NEVER = datetime.fromtimestamp(0, UTC)

misses = Misses()


def _closed(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """For strangers with a key, who only read: no sign-in, no forms, one kind of miss, and no trace in a directory."""

    @login_not_required
    @csrf_exempt
    @require_safe
    @wraps(view)
    def answered(request: HttpRequest, **parts: str) -> HttpResponseBase:
        try:
            answer = view(request, **parts)
        except Http404:
            answer = HttpResponse("Not found.\n", _PLAIN, 404)
        for name, value in _ALWAYS.items():
            answer[name] = value
        return answer

    return answered


@_closed
def podcast(request: HttpRequest, key: str, name: str) -> HttpResponseBase:
    """Anything in the folder of a feed."""
    feed, thing = services.by_key(key), names.read(name)
    if feed is None:
        return _miss(request)
    if thing is None:
        raise Http404
    match thing.what:
        case What.FEED:
            return _feed(request, feed, thing)
        case What.COVER:
            return _cover(request, feed, thing)
        case What.CHAPTERS:
            return _chapters(feed, thing)
        case _:
            return _file(request, feed, thing)


@_closed
def nothing(request: HttpRequest, anything: str) -> HttpResponseBase:
    """Whatever else somebody tries below our folder."""
    return _miss(request)


def _miss(request: HttpRequest) -> HttpResponse:
    wait = misses.count(get_adapter().get_client_ip(request) or "")
    if wait:
        return HttpResponse("Too many requests.\n", _PLAIN, 429, headers={"Retry-After": str(ceil(wait))})
    raise Http404


def _feed(request: HttpRequest, feed: Feed, thing: names.Thing) -> HttpResponseBase:
    """One page of the feed, or 304 before anything is looked up but the feed itself."""
    services.note_fetch(feed, request.headers.get("User-Agent", ""))
    origin = _origin(request)
    place = document.Place(addresses.home(origin), addresses.folder(feed, origin))
    zipped = packing.takes_gzip(request.headers.get("Accept-Encoding", ""))
    etag = _etag(feed, thing, place, zipped)
    if ranges.unchanged(request.headers.get("If-None-Match"), None, etag, _NEVER):
        answer: HttpResponseBase = HttpResponse(status=304)
        del answer["Content-Type"]
    else:
        answer = _text(request, feed, thing, place, zipped)
    answer["ETag"] = etag
    answer["Cache-Control"] = _ASK_AGAIN
    patch_vary_headers(answer, ["Accept-Encoding"])
    return answer


def _origin(request: HttpRequest) -> str:
    return f"{request.scheme}://{request.get_host()}"


def _text(
    request: HttpRequest, feed: Feed, thing: names.Thing, place: document.Place, zipped: bool
) -> HttpResponseBase:
    """All that is needed is read from the database here, so that an error is an answer of its own, not half a feed."""
    page = content.page(feed, thing.number)
    if page is None:
        raise Http404
    if request.method == "HEAD":
        return HttpResponse(content_type=_FEED, headers={"Content-Encoding": "gzip"} if zipped else {})
    others = [(other.full_title, addresses.address(other, _origin(request))) for other in services.others(feed)]
    parts = packing.blocks(document.write(feed, page, place, others))
    if not zipped:
        return StreamingHttpResponse(parts, content_type=_FEED)
    return StreamingHttpResponse(packing.gzipped(parts), content_type=_FEED, headers={"Content-Encoding": "gzip"})


def _etag(feed: Feed, thing: names.Thing, place: document.Place, zipped: bool) -> str:
    """Strong: of what the database knows, where we are reached, and how the text is written and packed."""
    text = f"{rss.VERSION} {services.revision(feed)} {thing.number} {place.folder} {zipped}"
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'


def _file(request: HttpRequest, feed: Feed, thing: names.Thing) -> HttpResponseBase:
    file = content.file_of(feed, thing)
    if file is None:
        raise Http404
    if file.kind == MediaFile.Kind.THUMBNAIL:
        return _picture(request, lambda: pictures.of_file(file), thing.name)
    try:
        path = storage.path_of(file)
    except LibraryError:
        raise Http404 from None
    return responses.serve(request, path, mime=document.mime_of(file.mime), name=thing.name)


def _cover(request: HttpRequest, feed: Feed, thing: names.Thing) -> HttpResponseBase:
    if thing.mark != cover.mark(feed):
        raise Http404
    return _picture(request, lambda: pictures.of_feed(feed), thing.name)


def _picture(request: HttpRequest, made: Callable[[], Path], name: str) -> HttpResponseBase:
    try:
        answer = responses.serve(request, made(), mime="image/jpeg", name=name)
    except pictures.NoPicture:
        raise Http404 from None
    answer["Cache-Control"] = _FOR_GOOD
    return answer


def _chapters(feed: Feed, thing: names.Thing) -> HttpResponse:
    video: Video | None = content.listed(feed).filter(pk__in=[thing.video]).first()
    if video is None or not video.chapters:
        raise Http404
    answer = JsonResponse(chapters.as_json(video.title, video.chapters), content_type=chapters.MIME)
    answer["Cache-Control"] = _ASK_AGAIN
    return answer
