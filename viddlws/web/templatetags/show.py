"""How numbers, times and foreign words look on the pages."""

import re
from datetime import datetime
from urllib.parse import urlsplit

from django import template
from django.utils import timezone
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django_vite.templatetags.django_vite import vite_asset_url

from viddlws.engine.messages import Step

register = template.Library()

STEPS = {
    Step.STARTING: "Starting",
    Step.READING_PAGE: "Reading the page",
    Step.FETCHING: "Fetching",
    Step.FETCHING_VIDEO: "Fetching video",
    Step.FETCHING_AUDIO: "Fetching audio",
    Step.JOINING: "Joining video and audio",
    Step.CONVERTING: "Converting",
    Step.CHECKING: "Checking the result",
}
LINK_OR_TIME = re.compile(r"(https?://[^\s<>\"']+)|(?<![\d:.])(\d{1,2}:[0-5]\d(?::[0-5]\d)?)(?![\d:])", re.ASCII)
SHOWN_WORDS = 20_000  # characters of a description that a page shows


@register.simple_tag
def icon(name: str, css: str = "") -> SafeString:
    """One of the icons in `frontend/icons.ts`; decoration, so the words beside it must say what it means."""
    return format_html(
        '<svg class="icon {}" aria-hidden="true"><use href="{}#{}"></use></svg>',
        css,
        vite_asset_url("frontend/icons.svg"),
        name,
    )


@register.filter
def size(count: int | None) -> str:
    """1234567 -> 1.2 MB"""
    if count is None:
        return ""
    value = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 999.5:
            return f"{value:.0f} {unit}" if unit in {"B", "kB"} or value >= 99.95 else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} TB"


@register.filter
def speed(rate: float | None) -> str:
    """1234567 -> 1.2 MB/s"""
    return f"{size(int(rate))}/s" if rate else ""


@register.filter
def clock(seconds: float | None) -> str:
    """3723 -> 1:02:03"""
    if seconds is None:
        return ""
    minutes, second = divmod(round(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"


@register.filter
def whole(seconds: float) -> str:
    """30.9 -> 30, for addresses: never later than what is meant."""
    return str(int(seconds))


@register.filter
def remaining(seconds: float | None) -> str:
    """95 -> about 2 minutes left"""
    if seconds is None:
        return ""
    if seconds < 60:
        return f"{max(1, round(seconds))} s left"
    if seconds < 5400:
        minutes = round(seconds / 60)
        return f"about {minutes} minute{'' if minutes == 1 else 's'} left"
    return f"about {seconds / 3600:.0f} hours left"


@register.filter
def step_words(step: str) -> str:
    return STEPS.get(Step(step), "") if step else STEPS[Step.STARTING]


@register.filter
def ago(moment: datetime | None) -> SafeString | str:
    """When that was in words, with the exact time on hover."""
    if moment is None:
        return ""
    young = (timezone.now() - moment).total_seconds() < 60
    words = "just now" if young else f"{timesince(moment, depth=1)} ago"
    exact = timezone.localtime(moment)
    title = f"{exact:%d %B %Y, %H:%M %Z}"
    return format_html('<time datetime="{}" title="{}">{}</time>', exact.isoformat(), title, words)


@register.filter
def app(agent: str) -> str:
    """AntennaPod/3.5.0 (Android) -> AntennaPod: what an app that fetched calls itself."""
    name = agent.partition("/")[0].strip()
    return "a browser" if name == "Mozilla" else name[:60] or "an app without a name"


@register.filter
def host(url: str) -> str:
    """The site of a link, as people name it."""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


@register.filter
def web_link(url: str) -> str:
    """The link when a browser may follow it, else nothing: a `javascript:` address never becomes a link."""
    return url if url.lower().startswith(("http://", "https://")) else ""


@register.simple_tag
def described(text: str, watch_url: str, duration: float | None) -> SafeString:
    """A description as HTML: links are links, and times within the length are links into the player."""
    text = text[:SHOWN_WORDS]
    parts: list[SafeString] = []
    end = 0
    for found in LINK_OR_TIME.finditer(text):
        parts.append(escape(text[end : found.start()]))
        parts.append(_link(found[1]) if found[1] else _time_link(found[2], watch_url, duration))
        end = found.end()
    parts.append(escape(text[end:]))
    return format_html_join("", "{}", ((part,) for part in parts))


def _link(url: str) -> SafeString:
    bare = url.rstrip(".,;:!?)]}'\"")
    anchor = '<a class="text-link" href="{}" target="_blank" rel="noopener noreferrer nofollow ugc">{}</a>{}'
    return format_html(anchor, bare, bare, url[len(bare) :])


def _time_link(words: str, watch_url: str, duration: float | None) -> SafeString:
    seconds = 0
    for part in words.split(":"):
        seconds = seconds * 60 + int(part)
    if duration is None or seconds > duration:
        return escape(words)
    return format_html('<a class="text-link" href="{}?t={}" data-seek="{}">{}</a>', watch_url, seconds, seconds, words)
