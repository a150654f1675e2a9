"""The queue: ask for links, see what becomes of them, cancel, retry, remove."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.views.decorators.http import require_POST, require_safe

from viddlws.downloads import services
from viddlws.downloads.errors import Refused
from viddlws.downloads.models import Download, State
from viddlws.web.access import person
from viddlws.web.cards import cards
from viddlws.web.context import PASTE
from viddlws.web.forms import LinkForm, PasteForm
from viddlws.web.views.library import live_context
from viddlws.web.views.watch import unfinished

MOST_SHOWN = 100  # cards of one list
MOST_SAID = 5  # refused or known links that a message names one by one
LISTS = (
    ("running", "Running", {"state": State.RUNNING}),
    ("waiting", "Waiting", {"state": State.QUEUED}),
    ("failed", "Failed", {"state": State.FAILED}),
)


@require_safe
def downloads(request: HttpRequest) -> HttpResponse:
    rows = Download.objects.visible_to(person(request))
    today = {"state__in": (State.DONE, State.CANCELLED), "ended_at__gt": timezone.now() - timedelta(days=1)}
    lists = [_list(name, words, rows.filter(**condition)) for name, words, condition in LISTS]
    lists.append(_list("ended", "Finished in the last 24 hours", rows.filter(**today).order_by("-ended_at")))
    context = {"lists": lists, "any": any(each["cards"] for each in lists), **live_context(request)}
    return render(request, "downloads/downloads.html", context)


def _list(name: str, words: str, rows: Any) -> dict[str, Any]:
    order = ("rank", "requested_at", "id") if name == "waiting" else ()
    shown = cards(rows.order_by(*order)[:MOST_SHOWN] if order else rows[:MOST_SHOWN])
    more = rows.count() - len(shown) if len(shown) == MOST_SHOWN else 0
    return {"name": name, "words": words, "cards": shown, "more": more}


@require_POST
def add(request: HttpRequest) -> HttpResponse:
    """Take the links that can be taken; what is refused stays in the box, with the reason."""
    form = PasteForm(request.POST)
    if not form.is_valid():
        for errors in form.errors.values():
            messages.error(request, str(errors[0]))
        _remember(request, request.POST.get("links", ""))
        return back(request)
    wanted = form.cleaned_data
    try:
        answers = services.request(
            person(request),
            wanted["links"],
            format=wanted["format"] or "video",
            title=wanted["title"],
            tags=wanted["tags"],
            confirmed=wanted["confirmed"],
        )
    except Refused as refused:
        messages.error(request, f"{refused.message} {refused.advice}")
        _remember(request, wanted["links"])
        return back(request)
    refused_links = [answer for answer in answers if answer.outcome == "refused"]
    _remember(request, "\n".join(answer.url for answer in refused_links))
    _say(request, messages.SUCCESS, [answer for answer in answers if answer.outcome == "again"])
    _say(request, messages.INFO, [answer for answer in answers if answer.outcome == "known"])
    _say(request, messages.ERROR, refused_links, wanted["links"].splitlines())
    _say_how_many(request, sum(answer.outcome == "new" for answer in answers), len(answers))
    return back(request)


def _remember(request: HttpRequest, kept: str) -> None:
    """What was chosen is the next paste's default."""
    chosen = {name: request.POST.get(name, "") for name in ("format", "tags")}
    request.session[PASTE] = {**chosen, "kept": kept}


def _say_how_many(request: HttpRequest, new: int, asked: int) -> None:
    if new and asked > 1:
        messages.success(
            request,
            f"{new:,} of {asked:,} links are in the queue." if new < asked else f"{new:,} links are in the queue.",
        )


def _say(request: HttpRequest, level: int, answers: Sequence[services.Request], lines: Sequence[str] = ()) -> None:
    """One message each for the first few, with the line it was, and one for the rest."""
    numbers = {line.strip(): number for number, line in reversed(list(enumerate(lines, 1)))} if len(lines) > 1 else {}
    for answer in answers[:MOST_SAID]:
        number = numbers.get(answer.url)
        where = f"Line {number}: " if number else ""
        messages.add_message(
            request, level, format_html("{}{} {} {}", where, answer.message, answer.advice, _what(answer))
        )
    if len(answers) > MOST_SAID:
        more = len(answers) - MOST_SAID
        messages.add_message(request, level, f"And {more:,} more links: {answers[MOST_SAID].message}")


def _what(answer: services.Request) -> SafeString:
    """The link it is about; one that we have leads to its page."""
    if answer.download:
        words = Truncator(answer.download.title or answer.url).chars(100)
        return format_html('<a class="link" href="{}">{}</a>', reverse("watch", args=[answer.download.pk]), words)
    return format_html('<span class="quiet">{}</span>', Truncator(answer.url).chars(100))


@require_POST
def cancel(request: HttpRequest, id: UUID) -> HttpResponse:  # noqa: A002 - as in the address
    return _act(request, lambda: services.cancel(person(request), id))


@require_POST
def retry(request: HttpRequest, id: UUID) -> HttpResponse:  # noqa: A002 - as in the address
    confirmed = bool(request.POST.get("confirmed"))
    return _act(request, lambda: services.retry(person(request), id, confirmed=confirmed))


@require_POST
def remove(request: HttpRequest, id: UUID) -> HttpResponse:  # noqa: A002 - as in the address
    if not services.remove(person(request), [id]):
        raise Http404
    messages.success(request, "Removed.")
    return back(request)


@require_POST
def retry_failed(request: HttpRequest) -> HttpResponse:
    count = services.retry_failed(person(request))
    messages.success(request, f"{count} download{'' if count == 1 else 's'} will be tried again.")
    return redirect("downloads")


@require_POST
def change_link(request: HttpRequest, id: UUID) -> HttpResponse:  # noqa: A002 - as in the address
    form = LinkForm(request.POST)
    if form.is_valid():
        try:
            services.change_link(person(request), id, form.cleaned_data["url"])
            return redirect("watch", id)
        except Download.DoesNotExist:
            raise Http404 from None
        except Refused as refused:
            form.add_error("url", f"{refused.message} {refused.advice}")
    download = Download.objects.visible_to(person(request)).filter(pk=id).first()
    if download is None:
        raise Http404
    return unfinished(request, download, form)


def _act(request: HttpRequest, do: Callable[[], object]) -> HttpResponse:
    """Do it and go back. A script gets 204 and polls; what cannot be done any more shows in the card itself then."""
    try:
        do()
    except Download.DoesNotExist:
        raise Http404 from None
    except Refused as refused:
        if "HX-Request" not in request.headers:
            messages.warning(request, f"{refused.message} {refused.advice}")
    if "HX-Request" in request.headers:
        return HttpResponse(status=204, headers={"HX-Trigger": "downloads-changed"})
    return back(request)


def back(request: HttpRequest) -> HttpResponseRedirect:
    """To the page the form was on; never to another host."""
    to = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(to, allowed_hosts=None, require_https=request.is_secure())
    return HttpResponseRedirect(to if safe and to.startswith("/") else reverse("library"))
