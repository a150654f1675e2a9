"""What is left in a job's folder before a start, and when yt-dlp's inside is not as expected."""

import dataclasses
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yt_dlp

from tests.engine.fetching import job
from viddlws.engine import resume, resume_state
from viddlws.engine.messages import Format
from viddlws.engine.resume_state import Origin, State

URL = "http://127.0.0.1/film"
INFO: dict[str, Any] = {"id": "1", "format_id": "18", "ext": "mp4"}


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def remembered(folder: Path, **more: Any) -> None:
    """A folder that was prepared for the job once, with this in its state."""
    resume.prepare(folder, job(folder, URL))
    state = resume_state.load(folder)
    resume_state.save(folder, dataclasses.replace(state, **more))


def test_only_what_can_be_continued_is_left(tmp_path: Path) -> None:
    remembered(tmp_path, parts={"a.mp4.part": Origin('"1"'), "b.mp4.part": Origin()}, done={"v.mp4": 3, "w.mp4": 9})
    kept = ["a.mp4.part", "c.mp4.part", "c.mp4.ytdl", "c.mp4.part-Frag7", "v.mp4", "attempt.log"]
    lost = ["b.mp4.part", "d.mp4.part-Frag1", "e.mp4.ytdl", "w.mp4", "media.mp3", "thumb.jpg", "x.part.new"]
    for name in kept + lost:
        (tmp_path / name).write_text("abc")
    (tmp_path / "folder.part").mkdir()
    (tmp_path / "folder.part" / "file").write_text("abc")
    resume.prepare(tmp_path, job(tmp_path, URL))
    assert names(tmp_path) == sorted([*kept, "resume.json"])


@pytest.mark.parametrize("change", [{"url": URL + "2"}, {"format": Format.AUDIO}, {"max_height": 480}])
def test_another_plan_begins_with_nothing(tmp_path: Path, change: dict[str, Any]) -> None:
    remembered(tmp_path, parts={"a.mp4.part": Origin('"1"')})
    (tmp_path / "a.mp4.part").write_text("abc")
    resume.prepare(tmp_path, dataclasses.replace(job(tmp_path, URL), **change))
    assert names(tmp_path) == ["resume.json"]


def test_links_are_removed_and_never_followed(tmp_path: Path) -> None:
    folder, outside = tmp_path / "job", tmp_path / "outside"
    outside.mkdir()
    (outside / "precious").write_text("abc")
    remembered(folder, parts={"a.mp4.part": Origin('"1"')}, done={"v.mp4": 3})
    (folder / "a.mp4.part").symlink_to(outside / "precious")
    (folder / "v.mp4").symlink_to(outside / "precious")
    (folder / "attempt.log").symlink_to(outside / "precious")
    (folder / "more").symlink_to(outside)
    resume.prepare(folder, job(folder, URL))
    assert names(folder) == ["resume.json"]
    (folder / "attempt.log").symlink_to(outside / "precious")
    resume.wipe(folder)
    assert names(folder) == []
    assert (outside / "precious").read_text() == "abc"


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '{"plan": 1}', '{"plan": "x", "parts": {"a": {"etag": 7}}}', "\x00" * 100]
)
def test_a_broken_state_is_no_state(tmp_path: Path, text: str) -> None:
    remembered(tmp_path, parts={"a.mp4.part": Origin('"1"')})
    (tmp_path / "a.mp4.part").write_text("abc")
    (tmp_path / "resume.json").write_text(text)
    assert resume_state.load(tmp_path) == State()
    resume.prepare(tmp_path, job(tmp_path, URL))
    assert names(tmp_path) == ["resume.json"]


def test_the_same_formats_keep_what_was_fetched_and_others_do_not(tmp_path: Path) -> None:
    resume.prepare(tmp_path, job(tmp_path, URL))
    resume.chosen(tmp_path, {"requested_formats": [INFO, {**INFO, "format_id": "140"}]})
    (tmp_path / "a.mp4.part").write_text("abc")
    resume.chosen(tmp_path, {"requested_formats": [INFO, {**INFO, "format_id": "140"}]})
    assert "a.mp4.part" in names(tmp_path)
    resume.chosen(tmp_path, {"requested_formats": [INFO, {**INFO, "format_id": "251"}]})
    assert names(tmp_path) == ["resume.json"]
    resume.prepare(tmp_path, job(tmp_path, URL))
    assert json.loads((tmp_path / "resume.json").read_text())["formats"][1][2] == "251"


def test_a_yt_dlp_built_differently_is_left_alone() -> None:
    class FragmentFD:
        def ytdl_filename(self) -> None: ...
        def temp_name(self) -> None: ...
        def _write_ytdl_file(self, ctx: object) -> None: ...
        def _append_fragment(self, ctx: object, content: bytes) -> None: ...

    original = FragmentFD._write_ytdl_file
    rest = {"hls": SimpleNamespace(HlsFD=FragmentFD), "http": SimpleNamespace(HttpFD=FragmentFD)}
    module = SimpleNamespace(downloader=SimpleNamespace(fragment=SimpleNamespace(FragmentFD=FragmentFD), **rest))
    with pytest.raises(resume.PatchError, match="_append_fragment takes ctx, content now"):
        resume.patch(module)
    assert FragmentFD._write_ytdl_file is original
    with pytest.raises(resume.PatchError, match="downloader"):
        resume.patch(SimpleNamespace())


def test_patching_twice_changes_nothing_more() -> None:
    http = yt_dlp.downloader.http.HttpFD
    first = resume.patch(yt_dlp)
    mended = http.real_download
    assert resume.patch(yt_dlp) == first
    assert http.real_download is mended
    assert "HttpFD.real_download" in first
