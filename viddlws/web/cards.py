"""What the card of a download shows, in words, and which buttons it has."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.urls import reverse
from django.utils.text import Truncator

from viddlws.downloads import services
from viddlws.downloads.models import Download, State
from viddlws.engine.messages import ErrorClass
from viddlws.library import storage
from viddlws.library.models import MediaFile
from viddlws.web.templatetags.address import media_address

LISTS = {State.RUNNING: "running", State.QUEUED: "waiting", State.FAILED: "failed"}
EARLY_THUMBNAIL = "thumbnail.jpg"


@dataclass(frozen=True)
class Card:
    """`list` is the list a page keeps it in: running, waiting, failed or ended."""

    id: UUID
    list: str
    title: str
    url: str
    site: str
    format: str
    requested_at: datetime
    from_list: bool
    thumbnail: str
    percent: float
    step: str
    speed: float | None
    eta: float | None
    waiting: str
    error: str
    advice: str
    ended: str
    must_confirm: bool

    @property
    def may_cancel(self) -> bool:
        return self.list in {"running", "waiting"}

    @property
    def may_retry(self) -> bool:
        return self.list == "failed" or self.ended == "Cancelled"

    @property
    def may_remove(self) -> bool:
        return self.list in {"failed", "ended"}

    @property
    def news(self) -> str:
        """What a screen reader says when the card comes into its list."""
        title = Truncator(self.title).chars(80)
        words = {"running": "Started", "waiting": "Waiting", "failed": "Failed", "ended": self.ended}
        return f"{words[self.list]}: {title}"


def cards(downloads: Iterable[Download]) -> list[Card]:
    """The cards of these downloads, at a constant number of queries."""
    rows = list(downloads)
    reasons = services.waiting_reasons(rows)
    kept = MediaFile.objects.filter(
        video__in=[row.video_id for row in rows if row.video_id], kind=MediaFile.Kind.THUMBNAIL
    )
    pictures = {file.video_id: media_address(file) for file in kept}
    return [_card(row, reasons[row.pk], pictures.get(row.pk) or _early_thumbnail(row)) for row in rows]


def _card(row: Download, reason: str, thumbnail: str) -> Card:
    return Card(
        id=row.pk,
        list=LISTS.get(State(row.state), "ended"),
        title=row.title or row.plain_url,
        url=row.plain_url,
        site=row.site,
        format=row.format,
        requested_at=row.requested_at,
        from_list=row.playlist_id is not None,
        thumbnail=thumbnail,
        percent=row.percent,
        step=row.step,
        speed=row.speed,
        eta=row.eta,
        waiting=reason or "Starts in a moment.",
        error=row.error_message or "This did not work.",
        advice=row.error_advice,
        ended=_ended(row),
        must_confirm=_asks(row),
    )


def _early_thumbnail(row: Download) -> str:
    """Address of the picture that a running job has fetched already, or nothing."""
    if row.state == State.RUNNING and (storage.job_folder(row.pk) / EARLY_THUMBNAIL).is_file():
        return reverse("early-thumbnail", args=[row.pk])
    return ""


def _ended(row: Download) -> str:
    if row.state == State.CANCELLED:
        return "Cancelled"
    if row.entry_count is not None:
        return f"A list: {row.entry_count} downloads were made of it."
    return "Done" if row.state == State.DONE else ""


def _asks(row: Download) -> bool:
    """Whether it waits for an answer: a list so long that its advice is a question."""
    long = row.state == State.FAILED and row.error_class == ErrorClass.TOO_LARGE
    return long and not row.confirmed and row.error_advice.endswith("?")
