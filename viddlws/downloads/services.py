"""What a person can do with downloads: ask for them, cancel, try again, remove.

The person is the first parameter; a download of somebody else does not exist (`Download.DoesNotExist`).
"""

import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from viddlws.accounts.models import User
from viddlws.downloads import folders, paste, rows
from viddlws.downloads.errors import NotNow, Refused, TooManyLinks, not_now
from viddlws.downloads.models import Attempt, Download, State
from viddlws.downloads.paste import Link, NotALink
from viddlws.downloads.waiting import queue_paused, waiting_reason, waiting_reasons
from viddlws.engine.messages import Format
from viddlws.engine.wire import clean
from viddlws.lib import bell
from viddlws.library import services as library

__all__ = [
    "Request",
    "cancel",
    "change_link",
    "current",
    "queue_paused",
    "remove",
    "request",
    "retry",
    "retry_failed",
    "waiting_reason",
    "waiting_reasons",
]

Outcome = Literal["new", "again", "known", "refused"]
OVER = (State.FAILED, State.CANCELLED)
PATIENCE = 2.0  # seconds to wait until a cancelled attempt has let its folder go


@dataclass(frozen=True)
class Request:
    """What became of one pasted line. `download` is None only when it was refused."""

    outcome: Outcome
    url: str
    download: Download | None = None
    message: str = ""
    advice: str = ""


def request(
    user: User,
    text: str,
    *,
    format: str = "video",  # noqa: A002 - the field's word
    title: str = "",
    tags: Sequence[str] = (),
    confirmed: bool = False,
) -> list[Request]:
    """Ask for every link in `text`, one a line; the answers are in the same order, a repeated link once.

    Raises TooManyLinks for more than `paste.MOST` lines, ValueError for a format there is none of.
    """
    lines = paste.lines(text)
    if len(lines) > paste.MOST:
        raise TooManyLinks(f"These are {len(lines):,} links at once.", f"Paste at most {paste.MOST:,} at a time.")
    read = list(dict.fromkeys(paste.read(line, settings.OPTIONS.allowed_networks) for line in lines))
    links = [line for line in read if isinstance(line, Link)]
    wanted = Download(
        owner=user, format=Format(format), title=_clean(title), title_given=bool(_clean(title)), confirmed=confirmed
    )
    answers = _ask(user, links, wanted, tags) if links else {}
    return [_refused(line) if isinstance(line, NotALink) else answers[line] for line in read]


def _clean(title: str) -> str:
    return " ".join(clean(title).split())[: rows.LONGEST_TITLE]


def _refused(line: NotALink) -> Request:
    return Request("refused", line.text, None, line.message, line.advice)


def _ask(user: User, links: list[Link], wanted: Download, tags: Sequence[str]) -> dict[Link, Request]:
    now = timezone.now()
    new = {
        link: Download(
            owner=user,
            url=link.url,
            url_key=link.key,
            site=link.site,
            format=wanted.format,
            title=wanted.title,
            title_given=wanted.title_given,
            confirmed=wanted.confirmed,
            requested_at=rows.in_order(now, position),
        )
        for position, link in enumerate(links)
    }
    with transaction.atomic():
        labels = library.tags_named(user, tags)
        old = rows.known(user.pk, wanted.format, links)
        written = rows.insert([row for link, row in new.items() if link.key not in old], labels)
        if len(written) + len(old) < len(links):  # somebody else asked for one of them in this very moment
            old = {key: row for key, row in rows.known(user.pk, wanted.format, links).items() if row.pk not in written}
        again = _queue_again(old.values(), wanted)
        rows.tag(list(again), labels)
        bell.ring("downloads.dispatch")
    return {
        link: Request("new", link.url, row) if row.pk in written else _known(link, old[link.key], again)
        for link, row in new.items()
    }


def _queue_again(old: Iterable[Download], wanted: Download) -> set[uuid.UUID]:
    """Put what had failed or was cancelled back into the queue, and lists, which may have grown; their ids."""
    over = [row.pk for row in old if row.state in OVER or _is_list(row)]
    if not over:
        return set()
    more: dict[str, Any] = {"title": wanted.title, "title_given": True} if wanted.title_given else {}
    if wanted.confirmed:
        more["confirmed"] = True
    Download.objects.filter(pk__in=over, state__in=(*OVER, State.DONE)).update(**_afresh(), entry_count=None, **more)
    return set(over)


def _is_list(row: Download) -> bool:
    return row.state == State.DONE and row.entry_count is not None


def _known(link: Link, row: Download, again: Collection[uuid.UUID]) -> Request:
    if row.pk in again:
        was_list = _is_list(row)
        row.refresh_from_db()
        if was_list:
            return Request("again", link.url, row, "You asked for this list before; it is read again for new entries.")
        return Request("again", link.url, row, "You asked for this before; it is tried again.")
    if row.state == State.DONE:
        return Request("known", link.url, row, "You have this already.", "Open it, or ask for another format of it.")
    return Request("known", link.url, row, "This is in the queue already.")


def _afresh() -> dict[str, Any]:
    """The columns of a row that is queued as if it were new."""
    now = timezone.now()
    return {
        "state": State.QUEUED,
        "due_at": now,
        "changed_at": now,
        "ended_at": None,
        "attempts_made": 0,
        "losses": 0,
        "handed_at": None,
        "percent": 0,
        "step": "",
        "speed": None,
        "eta": None,
        "error_class": "",
        "error_message": "",
        "error_advice": "",
    }


def cancel(user: User, download_id: uuid.UUID) -> Download:
    """Stop it, waiting or running; it stays cancelled until somebody tries it again. Raises NotNow when it is over."""
    now = timezone.now()
    with transaction.atomic():
        stopped = (
            Download.objects.visible_to(user)
            .filter(pk=download_id, state__in=(State.QUEUED, State.RUNNING))
            .update(state=State.CANCELLED, token=None, lease_until=None, speed=None, eta=None, error_class="",
                    error_message="", error_advice="", ended_at=now, changed_at=now)
        )  # fmt: skip
        download = Download.objects.visible_to(user).get(pk=download_id)
        if not stopped and download.state != State.CANCELLED:
            raise not_now(download)
        Attempt.objects.filter(download_id=download_id, outcome=Attempt.Outcome.RUNNING).update(
            outcome=Attempt.Outcome.CANCELLED, ended_at=now
        )
        transaction.on_commit(lambda: folders.drop(download_id))
    return download


def retry(user: User, download_id: uuid.UUID, *, confirmed: bool = False) -> Download:
    """Try it now, from the start of its attempts. `confirmed` takes a long playlist. Raises NotNow when it is done."""
    more = {"confirmed": True} if confirmed else {}
    with transaction.atomic():
        mine = Download.objects.visible_to(user).filter(pk=download_id)
        queued = mine.filter(state__in=(*OVER, State.QUEUED)).update(**_afresh(), **more)
        download = mine.get()
        if not queued and download.state == State.DONE:
            raise not_now(download)
        bell.ring("downloads.dispatch")
    return download


def retry_failed(user: User) -> int:
    """Try everything of this person that failed; how many."""
    with transaction.atomic():
        queued = Download.objects.visible_to(user).filter(state=State.FAILED).update(**_afresh())
        bell.ring("downloads.dispatch")
    return queued


def remove(user: User, ids: Collection[uuid.UUID]) -> int:
    """Forget these downloads, whatever they are doing, with their videos and files; how many there were."""
    with transaction.atomic():
        gone = list(Download.objects.visible_to(user).filter(pk__in=ids).select_for_update())
        library.remove(user, [row.video_id for row in gone if row.video_id])
        Download.objects.filter(pk__in=[row.pk for row in gone]).delete()
        transaction.on_commit(lambda: [folders.drop(row.pk) for row in gone] and None)
        bell.ring("downloads.dispatch")
    return len(gone)


def change_link(user: User, download_id: uuid.UUID, url: str) -> Download:
    """Give one that failed or was cancelled another link and queue it. Raises Refused when that cannot be."""
    link = paste.read(url, settings.OPTIONS.allowed_networks)
    if isinstance(link, NotALink):
        raise Refused(link.message, link.advice)
    mine = Download.objects.visible_to(user).filter(pk=download_id)
    untitled = models.Case(
        models.When(title_given=True, then="title"), default=models.Value(""), output_field=models.TextField()
    )
    try:
        with transaction.atomic():
            changed = mine.filter(state__in=OVER).update(
                **_afresh(), url=link.url, url_key=link.key, site=link.site, title=untitled, confirmed=False
            )
            download = mine.get()
            if not changed:
                raise not_now(download)
            if not folders.drop(download_id, PATIENCE):  # what is in it belongs to the old link
                raise NotNow("This download is just being stopped.", "Wait a moment, then try again.")
            bell.ring("downloads.dispatch")
    except IntegrityError:
        raise Refused("You have asked for that link before.", "Remove this one.") from None
    return download


def current(user: User) -> models.QuerySet[Download]:
    """This person's downloads that are not done, newest first."""
    return Download.objects.visible_to(user).exclude(state=State.DONE)
