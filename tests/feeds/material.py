"""Episodes with real files, and feeds of them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from PIL import Image

from viddlws.accounts.models import User
from viddlws.library import services
from viddlws.library.models import MediaFile, Tag, Tagging, Video

DAY = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
CHAPTERS = [{"start": 0.0, "end": 10.5, "title": "Begin"}, {"start": 10.5, "end": 61.5, "title": "Walk & talk"}]
KINDS = {"audio": ("m4a", "audio/mp4", "aac"), "video": ("mp4", "video/mp4", "h264,aac")}


def episode(
    owner: User,
    media: Path,
    title: str = "A walk",
    *,
    kinds: tuple[str, ...] = ("audio", "video"),
    tags: tuple[str, ...] = (),
    picture: bool = True,
    captions: tuple[str, ...] = ("en",),
    added_at: datetime = DAY,
    **columns: object,
) -> Video:
    """A video with files of these kinds, a wide picture and captions, all on disk."""
    video_id = uuid4()
    shown = {
        "description": "First line\nsecond & line\n\nNext <paragraph> ]]> end",
        "channel": "Hills & <Dales>",
        "webpage_url": "https://example.org/watch?v=1&t=2",
        "duration": 61.4,
        "chapters": CHAPTERS,
        **columns,
    }
    video = Video.objects.create(
        id=video_id, owner=owner, title=title, url="https://example.org/1", added_at=added_at, **shown
    )
    for kind in kinds:
        ending, mime, codecs = KINDS[kind]
        content = f"{kind} of {title}".encode("utf-8", "replace") * 100
        put(video, media, kind, f"{video_id}.{ending}", content, mime, codecs=codecs)
    if picture:
        path = media / f"{video_id}.jpg"
        Image.effect_mandelbrot((640, 360), (-2, -1, 1, 1), 50).convert("RGB").save(path)
        put(video, media, "thumbnail", path.name, path.read_bytes(), "image/jpeg")
    for language in captions:
        name = f"{video_id}.{language}.vtt"
        put(video, media, "subtitle", name, b"WEBVTT\n", "text/vtt", language=language)
    video.tags.set(services.tags_named(owner, tags))
    return video


def put(video: Video, media: Path, kind: str, name: str, content: bytes, mime: str, **columns: str) -> MediaFile:
    (media / name).write_bytes(content)
    return MediaFile.objects.create(video=video, kind=kind, path=name, size=len(content), mime=mime, **columns)


def many(owner: User, count: int, *, tag: str = "music", kind: str = "audio", notes: str = "Some words.") -> None:
    """So many episodes with two files each, as rows alone, a minute apart, the newest first."""
    [mark] = services.tags_named(owner, [tag])
    for start in range(0, count, 500):
        _some(owner, range(start, min(start + 500, count)), mark, kind, notes)


def _some(owner: User, numbers: range, mark: Tag, kind: str, notes: str) -> None:
    videos = [
        Video(
            owner=owner,
            title=f"Episode {number}",
            description=notes,
            channel="Hills",
            url="https://example.org/1",
            duration=61.0,
            added_at=DAY - timedelta(minutes=number),
        )
        for number in numbers
    ]
    Video.objects.bulk_create(videos)
    ending, mime, codecs = KINDS[kind]
    files = [("thumbnail", "jpg", "image/jpeg", ""), (kind, ending, mime, codecs)]
    MediaFile.objects.bulk_create(
        MediaFile(video=video, kind=each, path=f"{video.id}.{end}", size=1000, mime=form, codecs=codec)
        for video in videos
        for each, end, form, codec in files
    )
    Tagging.objects.bulk_create(Tagging(video=video, tag=mark) for video in videos)
