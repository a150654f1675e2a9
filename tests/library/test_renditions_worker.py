"""A real worker hears that a rendition is wanted; killed with -9 in the middle, the next one makes it, once."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.downloads.acts import no_job_folders, until
from tests.engine.running import wait_for_end
from tests.library.material import tree
from tests.library.rendered import derived, lapse, long_film, rendition, wait_for_ffmpeg
from tests.stack.test_worker import STARTING, StartWorker, broker, start_worker
from viddlws.accounts.models import User
from viddlws.lib import bell
from viddlws.library import renditions
from viddlws.library.models import Video

__all__ = ["broker", "start_worker"]

pytestmark = [pytest.mark.stack, pytest.mark.django_db(transaction=True)]


def rung(video: Video, state: str) -> Callable[[], bool]:
    """For `until`: rings once a second, as the clock does, until the row is in that state."""
    last = [0.0]

    def look() -> bool:
        if time.monotonic() - last[0] > 1:
            last[0] = time.monotonic()
            bell.ring("library.render")
        return rendition(video, "video").state == state

    return look


def test_a_worker_killed_while_it_converts_loses_and_doubles_nothing(
    alice: User, start_worker: StartWorker, media: Path, tmp_path: Path
) -> None:
    video = long_film(alice, tmp_path, loops=40)
    worker = start_worker()
    renditions.want_missing(Video.objects.all(), "video")
    until(rung(video, "running"), STARTING)
    ffmpeg = wait_for_ffmpeg(media)
    worker.kill()
    wait_for_end(ffmpeg.pid)
    assert derived(video) == []

    lapse()
    start_worker()
    until(rung(video, "done"), STARTING)

    assert [file.codecs for file in derived(video)] == ["h264,aac"]
    assert len(tree(media)) == 3
    until(lambda: no_job_folders(media))
