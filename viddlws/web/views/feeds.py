"""Feeds for podcast apps: subscribe, hand an address to an app, see who fetches, rotate, revoke, remove, test."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from viddlws.delivery import responses
from viddlws.feeds import addresses, apps, check, content, opml, pictures, services
from viddlws.feeds.models import Feed
from viddlws.web import qr
from viddlws.web.access import person
from viddlws.web.forms import FeedForm, FeedNameForm

_NO_ADDRESS = check.Line(
    "Address", check.Level.NOTE, "ViddlWS does not know its public address.", "An administrator sets PUBLIC_URLS to it."
)


@require_safe
def feeds(request: HttpRequest) -> HttpResponse:
    return render(request, "feeds/feeds.html", {"listed": services.feeds_of(person(request))})


@require_http_methods(["GET", "HEAD", "POST"])
def subscribe(request: HttpRequest) -> HttpResponse:
    """Choose, then see the feed's address. The same choice again leads to the same feed."""
    form = FeedForm(request.POST) if request.method == "POST" else FeedForm.of(request.GET)
    if request.method == "POST" and form.is_valid():
        before = timezone.now()
        try:
            feed = services.subscribe(person(request), **form.cleaned_data)
        except services.FeedError as error:
            form.add_error(None, f"{error.message} {error.advice}")
        else:
            made = feed.created_at >= before
            messages.success(request, "The feed is made." if made else "You have this feed already: here it is.")
            return redirect("feed", feed.pk)
    return render(request, "feeds/subscribe.html", {"form": form}, status=422 if form.errors else 200)


@require_safe
def feed(request: HttpRequest, id: UUID) -> HttpResponse:  # noqa: A002 - as in the address
    return _page(request, _mine(request, id))


@require_POST
def test(request: HttpRequest, id: UUID) -> HttpResponse:  # noqa: A002 - as in the address
    """What an app would see. For htmx the findings alone."""
    found = _mine(request, id)
    if found.revoked:
        return redirect("feed", id)
    lines = [_NO_ADDRESS]
    if _is_ours(request):
        agent = f"{check.AGENT} {uuid4()}"
        lines = list(check.check(addresses.address(found, _origin(request)), agent))
        services.forget_fetch(found, agent)
    if "HX-Request" in request.headers:
        return render(request, "feeds/feed.html#findings", {"lines": lines})
    return _page(request, found, lines=lines)


@require_POST
def rename(request: HttpRequest, id: UUID) -> HttpResponse:  # noqa: A002 - as in the address
    form = FeedNameForm(request.POST)
    if not form.is_valid():
        messages.error(request, str(form.errors["name"][0]))
        return redirect("feed", id)
    return _act(request, id, lambda: services.rename(person(request), id, form.cleaned_data["name"]), "Renamed.")


@require_POST
def rotate(request: HttpRequest, id: UUID) -> HttpResponse:  # noqa: A002 - as in the address
    said = "The feed has another address. Give it to your apps; the old one is closed."
    return _act(request, id, lambda: services.rotate(person(request), id), said)


@require_POST
def revoke(request: HttpRequest, id: UUID) -> HttpResponse:  # noqa: A002 - as in the address
    return _act(request, id, lambda: services.revoke(person(request), id), "The feed is closed: no app can open it.")


@require_POST
def remove(request: HttpRequest, id: UUID) -> HttpResponse:  # noqa: A002 - as in the address
    return _act(request, None, lambda: services.remove(person(request), id), "The feed is removed.")


@require_safe
def feeds_opml(request: HttpRequest) -> HttpResponseBase:
    """All open feeds, for importing into an app."""
    named = [
        (each.feed.full_title, addresses.address(each.feed, _origin(request)))
        for each in services.feeds_of(person(request))
        if not each.feed.revoked
    ]
    parts = opml.write(f"ViddlWS of {person(request).username}", timezone.now(), named)
    headers = {"Content-Disposition": 'attachment; filename="viddlws-feeds.opml"'}
    return HttpResponse("".join(parts), "text/x-opml; charset=utf-8", headers=headers)


@require_safe
def cover(request: HttpRequest, id: UUID) -> HttpResponseBase:  # noqa: A002 - as in the address
    """The picture an app shows, also of a feed that is closed."""
    try:
        return responses.serve(request, pictures.of_feed(_mine(request, id)), mime="image/jpeg", name="cover.jpg")
    except pictures.NoPicture:
        raise Http404 from None


def _mine(request: HttpRequest, feed_id: UUID) -> Feed:
    found = Feed.objects.visible_to(person(request)).select_related("owner", "tag").filter(pk=feed_id).first()
    if found is None:
        raise Http404
    return found


def _page(request: HttpRequest, found: Feed, **more: Any) -> HttpResponse:
    items, size = content.amount(found)
    address = "" if found.revoked else addresses.address(found, _origin(request))
    context = {
        "feed": found,
        "items": items,
        "size": size,
        "coming": services.coming(found),
        "other": next(iter(services.others(found)), None),
        "address": address,
        "code": qr.code(address) if address else None,
        "apps": apps.apps(address),
        "shortfall": apps.shortfall(address) if address else "",
    }
    return render(request, "feeds/feed.html", context | more)


def _act(request: HttpRequest, feed_id: UUID | None, do: Callable[[], object], said: str) -> HttpResponse:
    """Do it and go to the feed, or to all feeds."""
    try:
        do()
    except Feed.DoesNotExist:
        raise Http404 from None
    messages.success(request, said)
    return redirect("feed", feed_id) if feed_id else redirect("feeds")


def _origin(request: HttpRequest) -> str:
    return f"{request.scheme}://{request.get_host()}"


def _is_ours(request: HttpRequest) -> bool:
    """Whether we know where we are reached. Without a public address that is the port we listen on ourselves: the
    port in a Host header is whatever the asker wrote there."""
    if settings.PUBLIC_URL:
        return True
    try:
        port = urlsplit(_origin(request)).port or (443 if request.is_secure() else 80)
    except ValueError:
        return False
    return bool(request.META.get("REMOTE_ADDR")) and str(port) == request.META.get("SERVER_PORT")
