"""Finished files find their place."""

from pathlib import Path
from uuid import uuid4

import pytest

from tests.library.material import FILES, INFO, content, finished_job, tree, video_of
from viddlws.accounts.models import User
from viddlws.engine.messages import File, MediaInfo
from viddlws.library import storage
from viddlws.library.errors import StorageError


def test_files_get_readable_names_below_user_and_channel(media: Path, alice: User) -> None:
    video_of(alice)
    assert tree(media) == [
        "alice/Hills/A walk [w4lk].en.vtt",
        "alice/Hills/A walk [w4lk].info.json",
        "alice/Hills/A walk [w4lk].jpg",
        "alice/Hills/A walk [w4lk].mp4",
    ]
    assert (media / "alice/Hills/A walk [w4lk].mp4").read_bytes() == content(FILES[0])


def test_the_same_link_in_another_format_keeps_both(media: Path, alice: User) -> None:
    first = video_of(alice)
    second = video_of(alice)
    paths = {file.path for video in (first, second) for file in video.files.all()}
    assert len(paths) == 2 * len(FILES)
    assert len(tree(media)) == len(paths)
    assert f"alice/Hills/A walk [w4lk-{second.id.hex[:8]}].mp4" in paths


def test_names_that_differ_in_case_only_stay_apart(media: Path, alice: User) -> None:
    video_of(alice, "Dunes", info=MediaInfo(channel="Hills", extractor_id="abc"))
    video_of(alice, "DUNES", info=MediaInfo(channel="HILLS", extractor_id="ABC"))
    assert len({path.casefold() for path in tree(media)}) == 2 * len(FILES)
    assert [folder.name for folder in (media / "alice").iterdir()] == ["Hills"]


def test_a_strangers_file_in_the_way_is_left_alone(media: Path, alice: User) -> None:
    stranger = media / "alice/Hills/A walk [w4lk].mp4"
    stranger.parent.mkdir(parents=True)
    stranger.write_text("mine")
    video = video_of(alice)
    assert stranger.read_text() == "mine"
    assert f"[w4lk-{video.id.hex[:8]}]" in video.files.get(kind="video").path


@pytest.mark.parametrize("planted", ["../../../secret", "link"])
def test_what_is_not_a_plain_file_of_the_job_is_refused(media: Path, alice: User, tmp_path: Path, planted: str) -> None:
    video_id = uuid4()
    folder = finished_job(video_id)
    (tmp_path / "secret").write_text("s")
    (folder / "link").symlink_to(tmp_path / "secret")
    with pytest.raises(StorageError):
        storage.place(video_id, alice, INFO, "A walk", folder, [File("video", planted, 1, "video/mp4")])
    assert tree(media) == []


def test_several_subtitles_and_doubles_are_told_apart(media: Path, alice: User) -> None:
    files = (
        FILES[0],
        File("subtitle", "a.vtt", 5, "text/vtt", language="de"),
        File("subtitle", "b.vtt", 5, "text/vtt", language="de"),
        File("subtitle", "c.exe", 5, "text/vtt", language="../.."),
    )
    video_of(alice, files=files)
    assert tree(media) == [
        "alice/Hills/A walk [w4lk] 2.de.vtt",
        "alice/Hills/A walk [w4lk].de.vtt",
        "alice/Hills/A walk [w4lk].mp4",
        "alice/Hills/A walk [w4lk].und.vtt",
    ]


def test_a_hostile_title_stays_inside_the_folder(media: Path, alice: User) -> None:
    title = "../" * 50 + "CON\0</script>\u202e" + "🎈" * 10_000
    info = MediaInfo(title=title, channel="..", extractor_id="/etc/passwd")
    video = video_of(alice, title, info=info)
    for file in video.files.all():
        assert storage.path_of(file).is_file()
        assert len(file.path.split("/")) == 3
        assert all(len(part.encode()) <= 255 for part in file.path.split("/"))


def test_a_path_that_leads_out_is_refused(media: Path, alice: User, tmp_path: Path) -> None:
    file = video_of(alice).files.get(kind="video")
    (tmp_path / "secret").write_text("s")
    (media / "link").symlink_to(tmp_path)
    for path in ("../secret", "/etc/passwd", "link/secret", "", ".", "alice/.."):
        file.path = path
        with pytest.raises(StorageError):
            storage.path_of(file)
