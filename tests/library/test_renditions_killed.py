"""A worker is killed while it files a rendition: the next attempt ends as if nothing had been.

Only the engine is left out: what it would leave in the folder is written there, since its processes do not follow into
the child that is killed. How it takes a kill is tested beside it.
"""

import math
from pathlib import Path
from typing import Any

import pytest

from tests.library.killing import Killer
from tests.library.material import tree, video_of
from tests.library.rendered import lapse
from viddlws.accounts.models import User
from viddlws.engine.messages import File, Finished, MediaInfo, Render
from viddlws.lib import bell
from viddlws.library import renditions, services, storage, worker
from viddlws.library.models import MediaFile, Rendition, Video

WEBM = File("video", "media.webm", 3000, "video/webm", 12, codecs=("vp9", "opus"))
MADE = File("audio", "audio.m4a", 500, "audio/mp4", 12, codecs=("aac",))
EXPECTED = ["alice/Hills/A walk [w4lk].m4a", "alice/Hills/A walk [w4lk].webm"]

pytestmark = pytest.mark.django_db(transaction=True)


def delivered(_: Rendition, job: Render) -> Finished:
    Path(job.folder, MADE.path).write_bytes(b"m" * MADE.size)
    return Finished(MediaInfo(title="A walk", channel="Hills", extractor_id="w4lk"), (MADE,))


def wanted_anew() -> None:
    MediaFile.objects.filter(derived=True).delete()
    Video.objects.update(size=WEBM.size)
    services.tidy()
    Rendition.objects.update(state="wanted", token=None, lease_until=None, attempts=0)


def attempt() -> dict[str, Any]:
    """What the next worker does some time later, and the rows it leaves."""
    lapse()
    worker.render()
    rendition = Rendition.objects.select_related("video").get()
    return {
        "state": rendition.state,
        "files": sorted(MediaFile.objects.values_list("path", flat=True)),
        "size": rendition.video.size,
    }


def test_killed_at_any_step_of_filing_the_next_attempt_leaves_one_file(
    media: Path, alice: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    video = video_of(alice, files=(WEBM,))
    storage.job_folder(video.pk).joinpath("placed.json").unlink()
    storage.job_folder(video.pk).rmdir()
    renditions.want([video.pk], "audio")
    monkeypatch.setattr(worker, "_made", delivered)
    monkeypatch.setattr(bell, "_rests_until", math.inf)  # nobody listens, and looking for a broker takes time
    killer = Killer(tmp_path, media)

    steps = 0
    for steps in killer.at_every_step(attempt, wanted_anew):  # noqa: B007 - counted
        assert killer.run(attempt) == {"state": "done", "files": EXPECTED, "size": 3500}
        assert tree(media) == EXPECTED
    assert steps > 20
