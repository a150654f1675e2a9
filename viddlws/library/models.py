"""What we keep of a link: the video, its files, and the tags its owner gave it."""

import uuid
from typing import Self, TypeVar

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db import models
from django.db.models.functions import Left, Lower
from django.utils import timezone

HIDDEN_AT_FIRST = ("private", "xxx")


Row = TypeVar("Row", bound=models.Model)


class OwnedQuerySet(models.QuerySet[Row]):
    """The one door: every read of someone's things starts here."""

    def visible_to(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        return self.filter(owner_id=user.pk) if user.pk else self.none()


class Tag(models.Model):
    """A word of one person for their videos. Hidden tags are left out of the overview and of feeds."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="tags")
    name = models.CharField(max_length=100)
    hidden = models.BooleanField(default=False)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        ordering = (Lower("name"),)
        constraints = (
            models.UniqueConstraint("owner", Lower("name"), name="one_tag_of_a_name"),
            models.CheckConstraint(condition=~models.Q(name=""), name="tag_has_a_name"),
        )

    def __str__(self) -> str:
        return self.name


class Shelf(models.Model):
    """How often something that feeds read has changed: all that one person keeps, or what has one tag.

    Made with the first feed of it (`shelves.watch`); triggers of the database count on (migration 0003), nobody else.
    """

    owner = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="shelf")
    tag = models.OneToOneField(Tag, models.CASCADE, null=True, related_name="shelf")
    revision = models.PositiveBigIntegerField(default=1)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(owner__isnull=True) ^ models.Q(tag__isnull=True), name="shelf_of_one_thing"
            ),
        )

    def __str__(self) -> str:
        return f"revision {self.revision}"


class Length(models.TextChoices):
    """How long something plays, in the words of the overview's chips."""

    UNKNOWN = ""
    SHORT = "short"  # under 4 minutes
    MEDIUM = "medium"  # under 20 minutes
    LONG = "long"


class Video(models.Model):
    """Something kept: one title with its files. Its id is that of the download which fetched it.

    `hidden` and `tag_text` follow from the tags; triggers of the database keep them (migration 0002), nobody else.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="videos")
    title = models.TextField()
    description = models.TextField(blank=True)
    channel = models.CharField(max_length=200, blank=True)
    channel_url = models.TextField(blank=True)
    url = models.TextField()  # the link as it was pasted
    webpage_url = models.TextField(blank=True)
    extractor = models.CharField(max_length=100, blank=True)
    extractor_id = models.CharField(max_length=500, blank=True)
    language = models.CharField(max_length=35, blank=True)  # BCP 47
    duration = models.FloatField(null=True, blank=True)  # seconds
    published_at = models.DateTimeField(null=True, blank=True)
    added_at = models.DateTimeField(default=timezone.now)
    chapters = models.JSONField(default=list, blank=True)  # [{"start": seconds, "end": seconds, "title": str}]
    has_video = models.BooleanField(default=False)
    has_audio = models.BooleanField(default=False)  # a file of sound alone
    size = models.BigIntegerField(default=0)  # bytes of all files
    tags = models.ManyToManyField(Tag, related_name="videos", blank=True, through="Tagging")
    hidden = models.BooleanField(default=False, editable=False)  # has a hidden tag
    tag_text = models.TextField(default="", blank=True, editable=False)  # names of the tags, for searching

    # What the overview sorts and filters by; made by the database, so it cannot differ from what it is made of.
    sort_title = models.GeneratedField(
        expression=Lower(Left("title", 100)), output_field=models.CharField(max_length=400), db_persist=True
    )
    sort_duration = models.GeneratedField(
        expression=models.Case(models.When(duration__isnull=True, then=0.0), default="duration"),
        output_field=models.FloatField(),
        db_persist=True,
    )
    length = models.GeneratedField(
        expression=models.Case(
            models.When(duration__isnull=True, then=models.Value("")),
            models.When(duration__lt=240, then=models.Value("short")),
            models.When(duration__lt=1200, then=models.Value("medium")),
            default=models.Value("long"),
        ),
        output_field=models.CharField(max_length=6, choices=Length.choices),
        db_persist=True,
    )

    objects = OwnedQuerySet.as_manager()

    class Meta:
        ordering = ("-added_at", "-id")
        indexes = (
            models.Index(fields=("owner", "-added_at", "-id"), name="video_newest_first"),
            models.Index(
                fields=("owner", "-added_at", "-id"), condition=models.Q(hidden=False), name="video_newest_shown"
            ),
            models.Index(fields=("owner", "sort_title", "id"), name="video_by_title"),
            models.Index(fields=("owner", "-sort_duration", "-id"), name="video_by_duration"),
            models.Index(fields=("owner", "-size", "-id"), name="video_by_size"),
            models.Index(fields=("owner", "channel", "-added_at", "-id"), name="video_of_channel"),
            models.Index(fields=("owner", "length", "-added_at", "-id"), name="video_of_length"),
            models.Index(
                fields=("owner", "-added_at", "-id"), condition=models.Q(has_audio=True), name="video_with_audio"
            ),
            models.Index(
                fields=("owner", "-added_at", "-id"), condition=models.Q(has_video=True), name="video_with_picture"
            ),
        )

    def __str__(self) -> str:
        return self.title


class Tagging(models.Model):
    """A tag on a video. `added_at` is the video's (a trigger copies it), so that one tag's videos lie in order."""

    video = models.ForeignKey(Video, models.CASCADE, related_name="taggings")
    tag = models.ForeignKey(Tag, models.CASCADE, related_name="taggings", db_index=False)
    added_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("video", "tag"), name="tagged_once"),)
        indexes = (models.Index(fields=("tag", "-added_at", "-video"), name="tagging_newest_first"),)

    def __str__(self) -> str:
        return f"{self.tag_id} on {self.video_id}"


# What every podcast app plays: codecs by type
READY = {"video/mp4": ("h264", "h264,aac"), "audio/mp4": ("aac",), "audio/mpeg": ("mp3",)}


class MediaFile(models.Model):
    """One file of a video, below the media folder. When a row goes, a trigger leaves its path as a `Leftover`."""

    class Kind(models.TextChoices):
        VIDEO = "video"
        AUDIO = "audio"
        THUMBNAIL = "thumbnail"
        SUBTITLE = "subtitle"
        INFO = "info"

    video = models.ForeignKey(Video, models.CASCADE, related_name="files")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    path = models.TextField(unique=True)  # relative to MEDIA_ROOT, with /
    size = models.BigIntegerField()  # bytes
    mime = models.CharField(max_length=100)
    duration = models.FloatField(null=True, blank=True)  # seconds
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    language = models.CharField(max_length=35, blank=True)
    label = models.CharField(max_length=200, blank=True)
    codecs = models.CharField(max_length=100, blank=True)  # of picture and sound, ffmpeg's names with a comma between
    derived = models.BooleanField(default=False)  # made from another file of the video, not fetched
    podcast_ready = models.GeneratedField(
        expression=models.Case(
            *(models.When(mime=mime, codecs__in=codecs, then=models.Value(True)) for mime, codecs in READY.items()),
            default=models.Value(False),
        ),
        output_field=models.BooleanField(),
        db_persist=True,
    )

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return self.path

    @property
    def plays_in_podcast_apps(self) -> bool:
        """What the database keeps as `podcast_ready`, also for a row that it has not seen yet."""
        return self.codecs in READY.get(self.mime, ())


class Rendition(models.Model):
    """A file that a feed needs and nobody fetched: the video's sound alone, or its picture in a form all apps play.

    It moves by conditional UPDATE only, as a download does; `token` is of the attempt that holds it.
    """

    class Kind(models.TextChoices):
        AUDIO = "audio"
        VIDEO = "video"

    class State(models.TextChoices):
        WANTED = "wanted"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    video = models.ForeignKey(Video, models.CASCADE, related_name="renditions")
    kind = models.CharField(max_length=5, choices=Kind.choices)
    state = models.CharField(max_length=7, choices=State.choices, default=State.WANTED)
    due_at = models.DateTimeField(default=timezone.now)  # not before
    attempts = models.PositiveIntegerField(default=0)
    reason = models.TextField(blank=True)  # why it failed, or waits
    token = models.UUIDField(null=True, blank=True, editable=False)
    lease_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("video", "kind"), name="one_rendition_of_a_kind"),
            # Encoding takes all of a machine that it gets, and downloads come first
            models.UniqueConstraint(
                fields=("state",), condition=models.Q(state="running"), name="one_rendition_at_a_time"
            ),
            models.CheckConstraint(
                name="running_rendition_is_leased",
                condition=models.Q(state="running", token__isnull=False, lease_until__isnull=False)
                | ~models.Q(state="running") & models.Q(token__isnull=True, lease_until__isnull=True),
            ),
        )
        indexes = (models.Index(fields=("due_at",), condition=models.Q(state="wanted"), name="rendition_queue"),)

    def __str__(self) -> str:
        return f"{self.kind} of {self.video_id}"


class Leftover(models.Model):
    """A file whose row is gone, written in the very transaction that removed the row: what is left to delete."""

    path = models.TextField(unique=True)  # as in MediaFile

    def __str__(self) -> str:
        return self.path
