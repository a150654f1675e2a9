"""The one engine of this process, and what it is told of each download."""

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from viddlws.downloads.models import Download
from viddlws.engine.messages import Format, Job, Limits
from viddlws.engine.supervisor import Engine, EngineSettings
from viddlws.library import plans, storage

_lock = threading.Lock()
_engines: list[Engine] = []  # none or one


def engine() -> Engine:
    """This process's engine. It is made when first asked for, and starts itself when it is needed."""
    with _lock:
        if not _engines:
            _engines.append(Engine(usual()))
        return _engines[0]


def usual() -> EngineSettings:
    """The engine's settings as the options have them."""
    options = settings.OPTIONS
    return EngineSettings(
        home=options.data_dir / "engine",
        jobs=storage.media_root() / plans.JOBS,
        allowed_networks=options.allowed_networks,
        ffmpeg=options.ffmpeg,
    )


@contextlib.contextmanager
def using(other: Engine) -> Iterator[Engine]:
    """Let this engine do the work for a while; it stays open afterwards."""
    with _lock:
        before, _engines[:] = _engines[:], [other]
    try:
        yield other
    finally:
        with _lock:
            _engines[:] = before


def close() -> None:
    """End the engine with everything it runs."""
    with _lock:
        ending, _engines[:] = _engines[:], []
    for each in ending:
        each.close()


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
