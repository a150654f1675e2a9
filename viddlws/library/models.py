"""What we keep of a link: the video, its files, and the tags its owner gave it."""

import uuid
from typing import Self, TypeVar

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db import models
from django.db.models.functions import Lower
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


class Video(models.Model):
    """Something kept: one title with its files. Its id is that of the download which fetched it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="videos")
    title = models.TextField()
    description = models.TextField(blank=True)
    channel = models.TextField(blank=True)
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
    tags = models.ManyToManyField(Tag, related_name="videos", blank=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        ordering = ("-added_at", "-id")
        indexes = (models.Index(fields=("owner", "-added_at", "-id"), name="video_newest_first"),)

    def __str__(self) -> str:
        return self.title


class MediaFile(models.Model):
    """One file of a video, below the media folder."""

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

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return self.path
