"""A job as the engine leaves it, and videos made of such jobs."""

from datetime import datetime
from pathlib import Path
from uuid import UUID, uuid4

from viddlws.accounts.models import User
from viddlws.engine.messages import File, MediaInfo
from viddlws.library import services, storage
from viddlws.library.models import Video

INFO = MediaInfo(title="A walk", channel="Hills", extractor="Testsite", extractor_id="w4lk", duration=61.5)
FILES = (
    File("video", "media.mp4", 3000, "video/mp4", 61.5, 1280, 720),
    File("thumbnail", "thumbnail.jpg", 200, "image/jpeg", width=640, height=360),
    File("subtitle", "media.en.vtt", 30, "text/vtt", language="en", label="English"),
    File("info", "info.json", 20, "application/json"),
)


def content(file: File) -> bytes:
    return (file.path.encode() * file.size)[: file.size]


def finished_job(video_id: UUID, files: tuple[File, ...] = FILES) -> Path:
    """The folder of a job that the engine has just finished."""
    folder = storage.job_folder(video_id)
    folder.mkdir(parents=True)
    for file in files:
        (folder / file.path).write_bytes(content(file))
    return folder


def video_of(
    owner: User,
    title: str = "A walk",
    *,
    tags: tuple[str, ...] = (),
    info: MediaInfo = INFO,
    files: tuple[File, ...] = FILES,
    added_at: datetime | None = None,
) -> Video:
    """A video with its files on disk, filed as a finished download files it."""
    video_id = uuid4()
    folder = finished_job(video_id, files)
    placed = storage.place(video_id, owner, info, title, folder, files)
    return services.add(
        video_id=video_id,
        owner=owner,
        url="https://example.org/walk",
        title=title,
        info=info,
        placed=placed,
        tags=services.tags_named(owner, tags),
        added_at=added_at,
    )


def tree(folder: Path) -> list[str]:
    """Paths of all files below a folder, those of jobs left out."""
    return sorted(
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and path.relative_to(folder).parts[0] != ".jobs"
    )
