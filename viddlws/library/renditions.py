"""Files that feeds need and nobody fetched: who wants them, whose turn it is, and how their rows move.

Each move is one conditional UPDATE, and the row count is the answer. A claim gives the row a token; every later move is
for the row that still has it. `Fenced` means that somebody else has decided meanwhile: stop and touch nothing.
"""

import uuid
from collections.abc import Iterable
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from viddlws.lib import backoff, bell
from viddlws.library.models import MediaFile, Rendition, Video
from viddlws.library.storage import Placed

Kind, State = Rendition.Kind, Rendition.State

ATTEMPTS = 3
LEASE = timedelta(seconds=60)
SKEW = timedelta(minutes=5)  # that clocks of two machines may differ by
DISK_PAUSE = timedelta(seconds=60)  # after which one that found no room looks again
AT_ONCE = 1000  # that one look at a feed asks for; the next asks for more
_SOURCES = {Kind.AUDIO: (MediaFile.Kind.AUDIO, MediaFile.Kind.VIDEO), Kind.VIDEO: (MediaFile.Kind.VIDEO,)}


class Fenced(Exception):  # noqa: N818 (a state, not a fault)
    """The row is no longer ours."""


def want_missing(videos: QuerySet[Video], kind: str) -> int:
    """Ask for what these videos lack to be in a feed of this kind; how many it were. One query when nothing is missing.

    What failed before is not asked for again. `videos` must not be sliced.
    """
    settled = Rendition.objects.filter(video=OuterRef("pk"), kind=kind).exclude(state=State.DONE)
    usable = MediaFile.objects.filter(video=OuterRef("pk"), kind__in=_SOURCES[Kind(kind)], derived=False)
    missing = videos.filter(~Exists(_ready(kind)), ~Exists(settled), Exists(usable))
    found = list(missing.order_by("-added_at").values_list("pk", flat=True)[:AT_ONCE])
    return want(found, kind) if found else 0


@transaction.atomic
def want(video_ids: Iterable[uuid.UUID], kind: str) -> int:
    """Ask for renditions, each once, however often this is called; how many it were. Those whose files are gone are
    made anew. Nothing is asked of videos that do not exist."""
    ids = list(Video.objects.filter(pk__in=list(video_ids)).values_list("pk", flat=True))
    now = timezone.now()
    lost = Rendition.objects.filter(~Exists(_ready(kind, "video")), video__in=ids, kind=kind, state=State.DONE)
    count = lost.update(state=State.WANTED, due_at=now, attempts=0, reason="")
    known = set(Rendition.objects.filter(video__in=ids, kind=kind).values_list("video_id", flat=True))
    new = [Rendition(video_id=pk, kind=kind, due_at=now) for pk in ids if pk not in known]
    Rendition.objects.bulk_create(new, ignore_conflicts=True, batch_size=500)
    if count + len(new):
        bell.ring("library.render")
    return count + len(new)


def _ready(kind: str, video: str = "pk") -> QuerySet[MediaFile]:
    return MediaFile.objects.filter(video=OuterRef(video), kind=kind, podcast_ready=True)


def under_way(videos: QuerySet[Video], kind: str) -> int:
    """How many of these videos wait for such a file or have it made now."""
    unfinished = Rendition.objects.filter(kind=kind, state__in=(State.WANTED, State.RUNNING), video=OuterRef("pk"))
    return videos.filter(Exists(unfinished)).count()


def due() -> uuid.UUID | None:
    """What is to be made next: of the newest video. None while another is being made."""
    if Rendition.objects.filter(state=State.RUNNING).exists():
        return None
    waiting = Rendition.objects.filter(state=State.WANTED, due_at__lte=timezone.now())
    return waiting.order_by("-video__added_at", "id").values_list("pk", flat=True).first()


def claim(rendition_id: uuid.UUID) -> Rendition | None:
    """Take the row if it is wanted and due and no other is running; the database lets one run at a time."""
    now = timezone.now()
    wanted = Rendition.objects.filter(pk=rendition_id, state=State.WANTED, due_at__lte=now)
    try:
        with transaction.atomic():
            taken = wanted.update(
                state=State.RUNNING, token=uuid.uuid4(), lease_until=now + LEASE, attempts=F("attempts") + 1, reason=""
            )
    except IntegrityError:
        return None
    if not taken:
        return None
    return Rendition.objects.select_related("video__owner").filter(pk=rendition_id).first()


def source_of(rendition: Rendition) -> MediaFile | None:
    """The fetched file to make it of: the sound's own where there is one."""
    kinds = _SOURCES[Kind(rendition.kind)]
    files = MediaFile.objects.filter(video=rendition.video_id, kind__in=kinds, derived=False)
    return min(files, key=lambda file: kinds.index(MediaFile.Kind(file.kind)), default=None)


def renew(rendition: Rendition) -> None:
    """Keep the row. Raises Fenced."""
    if not _mine(rendition).update(lease_until=timezone.now() + LEASE):
        raise Fenced


def finish(rendition: Rendition, placed: Placed) -> None:
    """It is there: the row is done and the file filed, in one transaction. Raises Fenced.

    The video comes first, as it does for whoever removes it: else each would wait for the other.
    """
    with transaction.atomic():
        if not Video.objects.select_for_update().filter(pk=rendition.video_id).exists():
            raise Fenced
        if not _mine(rendition).update(state=State.DONE, token=None, lease_until=None, reason=""):
            raise Fenced
        MediaFile.objects.create(
            video_id=rendition.video_id,
            kind=placed.kind,
            path=placed.path,
            size=placed.size,
            mime=placed.mime,
            duration=placed.duration,
            width=placed.width,
            height=placed.height,
            codecs=placed.codecs,
            derived=True,
        )
        Video.objects.filter(pk=rendition.video_id).update(size=F("size") + placed.size)


def fail(rendition: Rendition, reason: str, passing: bool) -> bool:
    """It did not work; says whether it is tried again. Raises Fenced."""
    again = passing and rendition.attempts < ATTEMPTS
    wait = timedelta(seconds=backoff.delay(rendition.attempts))
    state = State.WANTED if again else State.FAILED
    _release(rendition, state=state, due_at=timezone.now() + wait, reason=reason)
    return again


def put_back(rendition: Rendition, reason: str = "", wait: timedelta = timedelta(0)) -> None:
    """As if this attempt had not been. Raises Fenced."""
    _release(
        rendition, state=State.WANTED, due_at=timezone.now() + wait, attempts=rendition.attempts - 1, reason=reason
    )


def sweep() -> int:
    """Want again what nobody looks after any more; what was lost as often as it may be tried has failed. How many."""
    now = timezone.now()
    lapsed = Q(state=State.RUNNING) & (Q(lease_until__lt=now) | Q(lease_until__gt=now + LEASE + SKEW))
    lost = Rendition.objects.filter(lapsed)
    words = "The conversion was lost, perhaps for lack of memory."
    over = lost.filter(attempts__gte=ATTEMPTS).update(
        state=State.FAILED, token=None, lease_until=None, due_at=now, reason=words
    )
    return over + lost.update(state=State.WANTED, token=None, lease_until=None, due_at=now, reason=words)


def _release(rendition: Rendition, **changes: object) -> None:
    if not _mine(rendition).update(token=None, lease_until=None, **changes):
        raise Fenced


def _mine(rendition: Rendition) -> QuerySet[Rendition]:
    return Rendition.objects.filter(pk=rendition.pk, state=State.RUNNING, token=rendition.token)
