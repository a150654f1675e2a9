"""Videos with real media, and what the tests of renditions do with them."""

import shutil
import subprocess
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import psutil
from django.utils import timezone

from tests.downloads.acts import until
from tests.engine.finishing import FFMPEG, site_clip
from tests.library.material import INFO
from viddlws.accounts.models import User
from viddlws.engine.messages import File
from viddlws.library import services, storage, worker
from viddlws.library.models import MediaFile, Rendition, Video

WEBM = File("video", "media.webm", 0, "video/webm", 12, 640, 360, codecs=("vp9", "opus"))
MP4 = File("video", "media.mp4", 0, "video/mp4", 12, 640, 360, codecs=("h264", "aac"))
PICTURE = File("thumbnail", "thumbnail.jpg", 0, "image/jpeg", width=640, height=360)


def film(owner: User, described: File = WEBM, source: Path | None = None) -> Video:
    """A video with its picture, filed as a finished download files it."""
    video_id = uuid4()
    folder = storage.job_folder(video_id)
    folder.mkdir(parents=True)
    files = []
    for file, origin in (
        (described, source or site_clip("clip" + Path(described.path).suffix)),
        (PICTURE, site_clip("thumb.jpg")),
    ):
        shutil.copy(origin, folder / file.path)
        files.append(replace(file, size=origin.stat().st_size))
    placed = storage.place(video_id, owner, INFO, INFO.title, folder, files)
    shutil.rmtree(folder)
    return services.add(
        video_id=video_id,
        owner=owner,
        url="https://example.org/walk",
        title=INFO.title,
        info=INFO,
        placed=placed,
        tags=[],
    )


def long_film(owner: User, folder: Path, loops: int = 80) -> Video:
    """One that takes some seconds to convert."""
    path = folder / "long.webm"
    command = [
        FFMPEG,
        "-v",
        "error",
        "-stream_loop",
        str(loops),
        "-i",
        str(site_clip("clip.webm")),
        "-c",
        "copy",
        str(path),
    ]
    subprocess.run(command, check=True, timeout=60)
    return film(owner, source=path)


def rendition(video: Video, kind: str = "audio") -> Rendition:
    return Rendition.objects.get(video=video, kind=kind)


def performed(video: Video, kind: str = "audio") -> Rendition:
    """The row after one attempt at it, made now although it may have to wait."""
    row = rendition(video, kind)
    Rendition.objects.filter(pk=row.pk).update(due_at=timezone.now())
    worker.perform(row.pk)
    return rendition(video, kind)


def derived(video: Video) -> list[MediaFile]:
    return list(MediaFile.objects.filter(video=video, derived=True))


def lapse() -> None:
    """Let all leases end now, as if their workers were gone."""
    Rendition.objects.filter(state="running").update(lease_until=timezone.now() - timedelta(seconds=1))


def wait_for_ffmpeg(media: Path) -> psutil.Process:
    """The ffmpeg that works in a job's folder below `media`, as soon as there is one."""
    found: list[psutil.Process] = []

    def look() -> bool:
        for process in psutil.process_iter():
            try:
                if "ffmpeg" in process.name() and Path(process.cwd()).is_relative_to(media / ".jobs"):
                    found.append(process)
            except (psutil.Error, OSError):
                continue
        return bool(found)

    until(look)
    return found[0]
