"""The queue: one row for each link somebody wants. The row is the truth; tasks only look at it."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from viddlws.engine.messages import ErrorClass, Format, Step
from viddlws.library.models import OwnedQuerySet, Tag, Video

SMUGGLED = "#__youtubedl_smuggle"  # what follows is for yt-dlp; only links of playlist entries have it


class State(models.TextChoices):
    """Where a download is. It moves by conditional UPDATE only."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


def _choices(words: type[ErrorClass] | type[Format] | type[Step]) -> list[tuple[str, str]]:
    return [(word.value, word.value) for word in words]


class Download(models.Model):
    """One link in one format for one person, from paste to done."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="downloads")
    url = models.TextField()  # normalised; for a playlist's entry as the engine named it
    url_key = models.CharField(max_length=64, editable=False)  # SHA-256 of the link, so that any length can be unique
    site = models.CharField(max_length=253)  # host of the link, for the limit per site
    format = models.CharField(max_length=5, choices=_choices(Format), default=Format.VIDEO)
    title = models.TextField(blank=True)  # the owner's, else what the page says, else empty
    title_given = models.BooleanField(default=False)  # the owner chose the title
    tags = models.ManyToManyField(Tag, related_name="downloads", blank=True)
    requested_at = models.DateTimeField(default=timezone.now)

    state = models.CharField(max_length=9, choices=State.choices, default=State.QUEUED)
    rank = models.IntegerField(default=0)  # lower goes first; equal: older first
    due_at = models.DateTimeField(default=timezone.now)  # not before
    attempts_made = models.PositiveIntegerField(default=0)
    losses = models.PositiveIntegerField(default=0)  # times in a row that whoever worked on it vanished
    handed_at = models.DateTimeField(null=True, blank=True)  # when a worker was last rung for it
    token = models.UUIDField(null=True, blank=True, editable=False)  # of the attempt that holds the row; fences others
    lease_until = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField(default=timezone.now)  # of anything a page shows
    ended_at = models.DateTimeField(null=True, blank=True)

    percent = models.FloatField(default=0)
    step = models.CharField(max_length=20, choices=_choices(Step), blank=True)
    speed = models.FloatField(null=True, blank=True)  # bytes per second
    eta = models.FloatField(null=True, blank=True)  # seconds
    expected_size = models.BigIntegerField(null=True, blank=True)  # bytes

    error_class = models.CharField(max_length=20, choices=_choices(ErrorClass), blank=True)
    error_message = models.TextField(blank=True)
    error_advice = models.TextField(blank=True)

    confirmed = models.BooleanField(default=False)  # a long playlist was asked about and wanted
    playlist = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="entries")
    entry_count = models.PositiveIntegerField(null=True, blank=True)  # set: the link was a playlist, now its entries

    video = models.OneToOneField(Video, models.CASCADE, null=True, blank=True, related_name="download")

    objects = OwnedQuerySet.as_manager()

    class Meta:
        ordering = ("-requested_at", "-id")
        constraints = (
            models.UniqueConstraint("owner", "url_key", "format", name="one_download_of_a_link_and_format"),
            models.CheckConstraint(
                name="running_means_leased",
                condition=models.Q(state=State.RUNNING, token__isnull=False, lease_until__isnull=False)
                | ~models.Q(state=State.RUNNING) & models.Q(token__isnull=True, lease_until__isnull=True),
            ),
            models.CheckConstraint(
                name="done_means_kept",
                condition=~models.Q(state=State.DONE)
                | models.Q(video__isnull=False)
                | models.Q(entry_count__isnull=False),
            ),
        )
        indexes = (
            models.Index(
                fields=("rank", "requested_at", "id"), condition=models.Q(state=State.QUEUED), name="download_queue"
            ),
            models.Index(fields=("lease_until",), condition=models.Q(state=State.RUNNING), name="download_leases"),
            models.Index(fields=("owner", "state", "-requested_at"), name="download_by_state"),
            models.Index(fields=("owner", "changed_at"), name="download_changes"),
        )

    def __str__(self) -> str:
        return self.title or self.plain_url

    @property
    def plain_url(self) -> str:
        """The link as people may see it."""
        return self.url.partition(SMUGGLED)[0]


class Attempt(models.Model):
    """One try at a download, kept for the person who asks why."""

    class Outcome(models.TextChoices):
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        CANCELLED = "cancelled"
        STOPPED = "stopped"  # the worker was told to end; the next one goes on
        LOST = "lost"  # the worker died or lost its lease

    download = models.ForeignKey(Download, models.CASCADE, related_name="attempts")
    number = models.PositiveIntegerField()
    token = models.UUIDField(unique=True)
    started_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    engine_version = models.CharField(max_length=40, blank=True)  # yt-dlp's
    outcome = models.CharField(max_length=9, choices=Outcome.choices, default=Outcome.RUNNING)
    error_class = models.CharField(max_length=20, blank=True)
    message = models.TextField(blank=True)
    detail = models.TextField(blank=True)  # the engine's own words, censored
    log = models.TextField(blank=True)  # tail of the attempt's log

    class Meta:
        ordering = ("number",)

    def __str__(self) -> str:
        return f"{self.download_id} attempt {self.number}"
