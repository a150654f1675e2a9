"""What people do with the library: file, change, remove. Reads start from `visible_to`; a miss is `DoesNotExist`."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from viddlws.accounts.models import User
from viddlws.engine.messages import MediaInfo
from viddlws.library.errors import LibraryError
from viddlws.library.leftovers import tidy
from viddlws.library.models import Leftover, MediaFile, Tag, Video
from viddlws.library.storage import Placed
from viddlws.library.tags import delete_tag, hide_tag, rename_tag, tags_named, tags_with_counts

__all__ = [
    "LibraryError",
    "add",
    "delete_tag",
    "edit",
    "hide_tag",
    "remove",
    "rename_tag",
    "tags_named",
    "tags_with_counts",
    "tidy",
]

LONGEST_TITLE = 20_000  # characters


@transaction.atomic
def add(
    *,
    video_id: UUID,
    owner: User,
    url: str,
    title: str,
    info: MediaInfo,
    placed: Sequence[Placed],
    tags: Iterable[Tag],
    added_at: datetime | None = None,
) -> Video:
    """File a video: its rows, in the caller's transaction. Again with the same is no change; with other files, those
    replace the old ones."""
    described = _described(info, placed)
    title = _text(title) or _text(info.title) or url
    video, made = Video.objects.update_or_create(
        id=video_id,
        defaults=described,
        create_defaults={
            **described,
            "owner": owner,
            "url": url,
            "title": title[:LONGEST_TITLE],
            "added_at": added_at or timezone.now(),
        },
    )
    if made:
        video.tags.add(*tags)
    else:
        video.renditions.all().delete()  # they are of the old files; feeds ask again
    paths = [each.path for each in placed]
    Leftover.objects.filter(path__in=paths).delete()
    video.files.exclude(path__in=paths).delete()
    for each in placed:
        MediaFile.objects.update_or_create(
            video=video,
            path=each.path,
            defaults={
                "kind": each.kind,
                "size": each.size,
                "mime": each.mime,
                "duration": each.duration,
                "width": each.width,
                "height": each.height,
                "language": each.language,
                "label": each.label,
                "codecs": each.codecs,
            },
        )
    return video


def _described(info: MediaInfo, placed: Sequence[Placed]) -> dict[str, Any]:
    """What a video's row says of the medium and its files."""
    kinds = {each.kind for each in placed}
    return {
        "description": _text(info.description),
        "channel": _text(info.channel)[:200],
        "channel_url": _text(info.channel_url),
        "webpage_url": _text(info.webpage_url),
        "extractor": _text(info.extractor)[:100],
        "extractor_id": _text(info.extractor_id)[:500],
        "language": _text(info.language)[:35],
        "duration": info.duration or max((each.duration or 0 for each in placed), default=0) or None,
        "published_at": _moment(info.published),
        "chapters": [{"start": each.start, "end": each.end, "title": _text(each.title)} for each in info.chapters],
        "has_video": MediaFile.Kind.VIDEO in kinds,
        "has_audio": MediaFile.Kind.AUDIO in kinds,
        "size": sum(each.size for each in placed),
    }


@transaction.atomic
def edit(user: User, video_id: UUID, *, title: str | None = None, tags: Sequence[str] | None = None) -> Video:
    """Give a video another title or exactly these tags."""
    video = Video.objects.visible_to(user).get(id=video_id)
    if title is not None:
        video.title = _text(" ".join(title.split()))[:LONGEST_TITLE]
        if not video.title:
            raise LibraryError("A video needs a title.", "Write at least one character.")
        video.save(update_fields=["title"])
    if tags is not None:
        video.tags.set(tags_named(user, tags))
    return video


@transaction.atomic
def remove(user: User, video_ids: Iterable[UUID]) -> int:
    """Delete videos and all that hangs on them; the files go once the rows are gone for good. How many it were."""
    wanted = list(video_ids)
    count = 0
    for start in range(0, len(wanted), 500):
        videos = Video.objects.visible_to(user).filter(id__in=wanted[start : start + 500])
        list(videos.select_for_update().order_by("id").values_list("id"))  # nobody files a rendition of them meanwhile
        count += videos.delete()[1].get(Video._meta.label, 0)
    transaction.on_commit(partial(tidy), robust=True)
    return count


def _text(text: str) -> str:
    """Without what no database takes."""
    return text.replace("\0", "").encode("utf-8", "ignore").decode()


def _moment(iso: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(iso)
    except ValueError:
        return None
    return moment if moment.tzinfo else None
