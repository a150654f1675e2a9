"""The one engine of this process."""

import contextlib
import threading
from collections.abc import Iterator

from django.conf import settings

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
