"""The library page: what is under way, then what is kept; and the one address the pages poll."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.db.models import Case, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_safe

from viddlws.downloads import changes as live
from viddlws.downloads.models import Download, State
from viddlws.downloads.services import current
from viddlws.library import overview
from viddlws.library.models import Video
from viddlws.web.access import person
from viddlws.web.cards import cards
from viddlws.web.forms import KINDS, LENGTHS, SORTS, STATES, FilterForm

MOST_CARDS = 12  # under way, shown above what is kept
MENUS = (("kind", "Kind", KINDS), ("length", "Length", LENGTHS), ("state", "State", STATES), ("sort", "Order", SORTS))
MOST_CHANGES = 100  # cards in one answer
UNDER_WAY = (State.RUNNING, State.FAILED, State.QUEUED)  # in this order


@require_safe
def library(request: HttpRequest) -> HttpResponse:
    """The whole page; for htmx the part below the search, or only more cards."""
    wanted = FilterForm(request.GET).filter()
    after = request.GET.get("after") or None
    page = overview.page(person(request), wanted, after)
    context: dict[str, Any] = {"videos": page.items, "next": page.next, "filter": wanted}
    asked_by = request.headers.get("HX-Target")
    if after and "HX-Request" in request.headers and asked_by != "found":
        return render(request, "library/library.html#more", context)
    context |= _chips(request, wanted) | _under_way(request, wanted, after) | live_context(request)
    context |= {
        "subscribe": _subscribe(wanted) if page.items or wanted.tag or wanted.q else "",
        "filtered": wanted != overview.Filter(sort=wanted.sort),
        "kept_fields": [(name, value) for name, value in request.GET.items() if name not in {"q", "after"} and value],
    }
    return render(request, "library/library.html#found" if asked_by == "found" else "library/library.html", context)


@require_safe
def changes(request: HttpRequest) -> HttpResponse:
    """What a page puts into its lists: each changed card where that page shows it. 204 when nothing changed.

    `Live-Since` is for the next question; there is one only with `Live-Active`. `HX-Refresh`: load the page again.
    """
    news = live.changed(person(request), request.GET.get("since", ""))
    headers = {"Live-Since": news.cursor, **({"Live-Active": "1"} if news.active else {})}
    rows = [row for row in news.downloads if row.state != State.QUEUED]
    if len(rows) > MOST_CHANGES:
        return HttpResponse(status=204, headers={**headers, "HX-Refresh": "true"})
    rows += [row for row in news.downloads if row.state == State.QUEUED][:MOST_CHANGES]
    if not rows:
        return HttpResponse(status=204, headers=headers)
    return HttpResponse(_fragments(request, rows), headers=headers)


def live_context(request: HttpRequest) -> dict[str, object]:
    """What a page needs to begin polling: the cursor of now, and whether there is anything to poll for."""
    news = live.changed(person(request))
    return {"since": news.cursor, "active": news.active}


def _fragments(request: HttpRequest, rows: Sequence[Download]) -> str:
    """Cards of the kind that the asking page shows."""
    page = request.GET.get("page", "library")
    kept = [row.video_id for row in rows if row.state == State.DONE and row.video_id] if page == "library" else []
    videos = Video.objects.visible_to(person(request)).prefetch_related("files", "tags").in_bulk(kept)
    parts = [
        render_to_string("library/card.html", {"video": videos[row.pk]}, request)
        if row.pk in videos
        else render_to_string("downloads/card.html", {"card": card, "reload": page == "watch"}, request)
        for row, card in zip(rows, cards(rows), strict=True)
    ]
    parts += [render_to_string("downloads/active.html", {"where": where}, request) for where in ("top", "below")]
    return "".join(parts)


def _subscribe(wanted: overview.Filter) -> str:
    """Where to subscribe to what is shown; nothing where no feed lists just that."""
    asked = {"tag": wanted.tag, "q": wanted.q, "kind": wanted.kind}
    alike = overview.Filter(**asked, sort=wanted.sort, hidden=wanted.hidden)
    if wanted != alike or (wanted.tag and wanted.q):
        return ""
    query = urlencode({name: value for name, value in asked.items() if value})
    return reverse("subscribe") + (f"?{query}" if query else "")


def _shows_under_way(wanted: overview.Filter) -> bool:
    """Only when nothing narrows the library, except the state: what runs has no length or channel yet."""
    return wanted == overview.Filter(state=wanted.state, sort=wanted.sort, hidden=wanted.hidden)


def _under_way(request: HttpRequest, wanted: overview.Filter, after: str | None) -> dict[str, Any]:
    """The first cards of what is not done, running before failed before waiting, and how many more there are."""
    rows = current(person(request)).filter(state__in=[state for state in UNDER_WAY if wanted.state in {"", state}])
    if after or not _shows_under_way(wanted):
        rows = rows.none()
    order = Case(*[When(state=state, then=place) for place, state in enumerate(UNDER_WAY)], default=len(UNDER_WAY))
    shown = cards(rows.order_by(order, "-requested_at", "-id")[:MOST_CARDS])
    return {"cards": shown, "more_cards": rows.count() - len(shown) if len(shown) == MOST_CARDS else 0}


def _chips(request: HttpRequest, wanted: overview.Filter) -> dict[str, Any]:
    """What to choose from; the tag that is chosen stays, hidden or not."""
    chips = overview.chips(person(request), hidden=wanted.hidden)
    names = {tag.name for tag in chips.tags}
    channels = [("", "Any channel"), *((name, name) for name in chips.channels)]
    if wanted.channel and wanted.channel not in chips.channels:
        channels.append((wanted.channel, wanted.channel))
    return {
        "tags": chips.tags,
        "lone_tag": "" if wanted.tag in names else wanted.tag,
        "menus": [_menu(request, *menu) for menu in (*MENUS, ("channel", "Channel", channels))],
    }


def _menu(request: HttpRequest, name: str, label: str, choices: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """One menu of filters, each choice a link that changes this filter alone."""
    words = dict(choices)
    now = request.GET.get(name, "")
    chosen = now if now in words else choices[0][0]
    return {
        "name": name,
        "label": label,
        "words": words[chosen],
        "chosen": chosen != choices[0][0],
        "options": [
            {"words": text, "chosen": value == chosen, "href": _with(request, name, value)} for value, text in choices
        ],
    }


def _with(request: HttpRequest, name: str, value: str) -> str:
    query = request.GET.copy()
    query.pop("after", None)
    query.pop(name, None)
    if value:
        query[name] = value
    return f"{reverse('library')}?{query.urlencode()}"
