"""What the engine is told of a download."""

from pathlib import Path

from django.conf import settings

from viddlws.downloads.models import Download
from viddlws.engine.messages import Format, Job, Limits
from viddlws.library import storage


def job(download: Download, folder: Path) -> Job:
    """The row as the engine's job."""
    options = settings.OPTIONS
    return Job(
        id=str(download.pk),
        url=download.url,
        folder=str(folder),
        format=Format(download.format),
        audio_codec=options.audio_codec,
        max_height=options.max_height,
        subtitles=options.subtitle_languages,
        live=options.allow_live,
        confirmed=download.confirmed,
        limits=Limits(
            size=options.max_size,
            stall=options.stall_timeout,
            total=options.task_time_limit,
            reserve=storage.free_space().reserve,
            entries=options.playlist_limit,
            ask_above=options.playlist_ask_above,
        ),
    )
