"""Real media becomes real renditions, whatever happens while they are made."""

import signal
from pathlib import Path

import pytest
from pytest_django import Settings

from tests.downloads.acts import Aside, no_job_folders, option
from tests.engine.finishing import content, site_clip
from tests.engine.running import wait_for_end
from tests.library.material import tree
from tests.library.rendered import MP4, derived, film, long_film, performed, rendition, wait_for_ffmpeg
from viddlws.accounts.models import User
from viddlws.downloads.describe import describe
from viddlws.downloads.models import Download, State
from viddlws.engine.messages import File
from viddlws.engine.supervisor import Engine
from viddlws.library import renditions, services, storage, worker
from viddlws.library.models import Rendition, Video


def wanted(video: Video, *kinds: str) -> None:
    for kind in kinds:
        assert renditions.want_missing(Video.objects.filter(pk=video.pk), kind) == 1


def test_vp9_and_opus_get_a_sound_file_and_a_video_file_beside_them(alice: User, works: Engine, media: Path) -> None:
    video = film(alice)
    wanted(video, "audio", "video")

    assert [performed(video, kind).state for kind in ("audio", "video")] == ["done", "done"]

    sound, picture = derived(video)
    assert (sound.kind, sound.mime, sound.codecs, sound.podcast_ready) == ("audio", "audio/mp4", "aac", True)
    assert (picture.kind, picture.codecs, picture.width, picture.height) == ("video", "h264,aac", 640, 360)
    assert picture.podcast_ready
    assert tree(media) == [f"alice/Hills/A walk [w4lk].{ending}" for ending in ("jpg", "m4a", "mp4", "webm")]
    assert content(storage.path_of(sound))["tags"]["title"] == "A walk"
    assert len(content(storage.path_of(sound))["pictures"]) == 1
    video.refresh_from_db()
    assert video.size == sum(file.size for file in video.files.all())
    assert not video.has_audio
    assert no_job_folders(media)
    assert not any(renditions.want_missing(Video.objects.all(), kind) for kind in ("audio", "video"))


def test_aac_is_copied(alice: User, works: Engine, media: Path) -> None:
    video = film(alice, MP4)
    wanted(video, "audio")

    performed(video)

    (sound,) = derived(video)
    packets = content(storage.path_of(sound))["packets"][-1]
    assert packets == content(site_clip("clip.mp4"))["packets"][-1]


def test_an_mp4_that_not_all_apps_play_keeps_its_name_and_the_other_gets_a_free_one(
    alice: User, works: Engine, media: Path
) -> None:
    video = film(alice, File("video", "media.mp4", 0, "video/mp4", codecs=("hevc", "aac")), site_clip("clip.mp4"))
    wanted(video, "video")

    performed(video, "video")

    original, _, made = video.files.all()
    assert original.path == "alice/Hills/A walk [w4lk].mp4"
    assert made.path == f"alice/Hills/A walk [w4lk-{video.pk.hex[:8]}].mp4"


def test_removing_the_video_removes_what_was_made_of_it(alice: User, works: Engine, media: Path) -> None:
    video = film(alice)
    wanted(video, "audio")
    performed(video)

    services.remove(alice, [video.pk])
    services.tidy()

    assert tree(media) == []
    assert not Rendition.objects.exists()


def test_downloads_are_described_with_what_was_fetched(alice: User, works: Engine, media: Path) -> None:
    video = film(alice)
    download = Download.objects.create(id=video.pk, owner=alice, url="u", url_key="k", state=State.DONE, video=video)
    before = describe([download])
    wanted(video, "audio")
    performed(video)

    assert describe([Download.objects.get()]) == before


def test_a_video_without_sound_fails_once_with_its_reason(alice: User, works: Engine, media: Path) -> None:
    video = film(alice, MP4, site_clip("video360.mp4"))
    wanted(video, "audio")

    row = performed(video)

    assert (row.state, row.reason, row.attempts) == ("failed", "The video has no sound.", 1)
    assert no_job_folders(media)


def test_a_file_that_is_gone_is_said_to_be(alice: User, works: Engine, media: Path) -> None:
    video = film(alice)
    wanted(video, "audio")
    storage.path_of(video.files.get(kind="video")).unlink()

    assert performed(video).reason == "The file it would be made of is not there."


def test_on_a_nearly_full_disk_it_waits(alice: User, works: Engine, media: Path, settings: Settings) -> None:
    video = film(alice)
    wanted(video, "audio")
    room = storage.free_space()
    option(settings, disk_reserve=room.total)

    worker.render()
    assert (rendition(video).state, rendition(video).attempts) == ("wanted", 0)
    row = performed(video)
    assert (row.state, row.attempts, row.reason) == ("wanted", 0, "The disk is nearly full.")

    option(settings, disk_reserve=0)
    assert performed(video).state == "done"


@pytest.mark.django_db(transaction=True)
def test_killed_in_the_middle_and_made_again_it_is_one_file(
    alice: User, works: Engine, media: Path, tmp_path: Path
) -> None:
    video = long_film(alice, tmp_path, loops=8)
    wanted(video, "video")
    with Aside(lambda: performed(video, "video")):
        wait_for_ffmpeg(media).parent().send_signal(signal.SIGKILL)  # type: ignore[union-attr]

    row = rendition(video, "video")
    assert (row.state, row.attempts) == ("wanted", 1)
    assert row.reason
    assert derived(video) == []
    assert performed(video, "video").state == "done"
    assert [file.codecs for file in derived(video)] == ["h264,aac"]
    assert len(tree(media)) == 3
    assert no_job_folders(media)


@pytest.mark.django_db(transaction=True)
def test_a_video_removed_while_it_is_converted_leaves_nothing(
    alice: User, works: Engine, media: Path, tmp_path: Path
) -> None:
    video = long_film(alice, tmp_path, loops=400)  # longer than anybody waits below
    wanted(video, "video")
    with Aside(lambda: worker.render()):
        ffmpeg = wait_for_ffmpeg(media)
        services.remove(alice, [video.pk])

    wait_for_end(ffmpeg.pid)
    assert tree(media) == []
    assert no_job_folders(media)
    assert not Rendition.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_worker_told_to_end_gives_back_and_while_one_is_made_no_other_is(
    alice: User, works: Engine, media: Path, tmp_path: Path
) -> None:
    video, other = long_film(alice, tmp_path), film(alice)
    wanted(video, "video")
    with Aside(lambda: worker.render()):
        wait_for_ffmpeg(media)
        wanted(other, "audio")
        worker.render()
        assert rendition(other).state == "wanted"
        worker.stop()

    row = rendition(video, "video")
    assert (row.state, row.attempts) == ("wanted", 0)
    worker.render()
    assert rendition(other).state == "wanted"
    worker.resume()
    worker.render()
    assert rendition(other).state == "done"
    assert no_job_folders(media)
