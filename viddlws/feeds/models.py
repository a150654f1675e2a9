"""Feeds: what a podcast app subscribes to, and the key that opens it."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from viddlws.feeds import keys
from viddlws.library.models import OwnedQuerySet, Shelf, Tag


class Kind(models.TextChoices):
    AUDIO = "audio"
    VIDEO = "video"


class Order(models.TextChoices):
    """Which date an episode bears. Apps take an old-dated one for one they have had, so `archived` is the default."""

    ARCHIVED = "archived"
    PUBLISHED = "published"


class Feed(models.Model):
    """One private feed: everything of its owner's, one tag, or one search.

    The key itself is not stored: it is made from the secret key, the feed and its salt (see `keys`), and found by its
    hash. Rotating writes another salt; revoking takes the hash away.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="feeds")
    name = models.CharField(max_length=200, blank=True)  # empty: named after what it is of
    tag = models.ForeignKey(Tag, models.CASCADE, null=True, blank=True, related_name="feeds")
    query = models.CharField(max_length=200, blank=True)
    kind = models.CharField(max_length=5, choices=Kind.choices, default=Kind.AUDIO)
    order = models.CharField(max_length=9, choices=Order.choices, default=Order.ARCHIVED)
    created_at = models.DateTimeField(default=timezone.now)

    salt = models.CharField(max_length=43)
    key_hash = models.CharField(max_length=64, unique=True, null=True)  # noqa: DJ001 - null: revoked, and then not unique
    guid = models.UUIDField(unique=True)  # podcast:guid, made once
    revision = models.PositiveBigIntegerField(default=1)  # of what stands here; part of the ETag

    fetched_at = models.DateTimeField(null=True, blank=True)
    fetched_by = models.CharField(max_length=200, blank=True)  # the app's User-Agent

    objects = OwnedQuerySet.as_manager()

    class Meta:
        ordering = ("created_at", "id")
        constraints = (
            models.CheckConstraint(
                name="feed_is_of_a_tag_or_a_search", condition=models.Q(tag__isnull=True) | models.Q(query="")
            ),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        """What an app shows above the episodes. Reads the tag."""
        return self.name or (self.tag.name if self.tag else self.query) or "Everything"

    @property
    def full_title(self) -> str:
        """Tells the audio feed of a thing from its video feed."""
        return f"{self.title} ({self.kind})"

    @property
    def revoked(self) -> bool:
        """Whether nothing opens it: it was closed, or the secret key is another since."""
        return self.key_hash != keys.fingerprint(self.key)

    @property
    def key(self) -> str:
        """The key as it stands in addresses; of a revoked feed one that opens nothing."""
        return keys.key(self.id, self.salt)

    @property
    def shelf(self) -> Shelf | None:
        """Where changes of what it lists are counted; None when nobody has begun to."""
        return getattr(self.tag or self.owner, "shelf", None)
