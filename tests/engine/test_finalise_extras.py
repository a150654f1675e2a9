"""What goes into the file beside picture and sound: title, chapters, subtitles; and the record beside it."""

import json
from pathlib import Path

import av
import pytest

from tests.engine.finishing import NO_FFMPEG, clip, content, finish, site_clip
from viddlws.engine.finalise import Sidecar
from viddlws.engine.messages import Chapter, Format, MediaInfo

NASTY = "a=b;c#d\\e\nf [CHAPTER] $(id) `id` -y \"'</script>\u202e\x07🎬 title=x"
INFO = MediaInfo(
    title=NASTY,
    channel="Alice; & = Bob",
    webpage_url="https://example.org/watch?v=1",
    published="2024-05-06T07:08:09+00:00",
    chapters=(Chapter(0, 4, "One = 1"), Chapter(4, 12, "Two; #2")),
)


def sidecar(folder: Path, language: str, text: str = "Hello") -> Sidecar:
    path = folder / f"sub.{language}.vtt"
    path.write_text(f"WEBVTT\n\n00:01.000 --> 00:03.000\n{text}\n")
    return Sidecar(path, language, "", automatic=False)


def test_title_maker_date_and_address_are_written_whatever_characters_they_hold(tmp_path: Path) -> None:
    tags = content(finish(tmp_path, site_clip("clip.mp4"), info=INFO).path("video"))["tags"]
    assert tags["title"] == NASTY.replace("\x07", "")
    assert (tags["artist"], tags["date"], tags["comment"]) == (INFO.channel, "2024-05-06", INFO.webpage_url)


def test_chapters_are_written_into_video_and_sound(tmp_path: Path) -> None:
    done = finish(tmp_path, site_clip("clip.mp4"), info=INFO, wanted=Format.BOTH)
    for kind in ("video", "audio"):
        chapters = content(done.path(kind))["chapters"]
        assert [one["metadata"]["title"] for one in chapters] == ["One = 1", "Two; #2"]
        assert [float(one["start"] * one["time_base"]) for one in chapters] == [0, 4]


@pytest.mark.parametrize(
    "chapter", [Chapter(-1, 4, ""), Chapter(5, 5, ""), Chapter(30, 40, ""), Chapter(float("nan"), 2, "")]
)
def test_chapters_that_cannot_be_are_left_out(tmp_path: Path, chapter: Chapter) -> None:
    finish(tmp_path, site_clip("clip.mp4"), info=MediaInfo(chapters=(chapter,)), ffmpeg=NO_FFMPEG)


def test_chapters_and_subtitles_without_end_do_not_stretch_the_video(tmp_path: Path) -> None:
    late = tmp_path / "late.srt"
    late.write_text("1\n00:00:01,000 --> 99:00:00,000\nhello\n")
    info = MediaInfo(chapters=(Chapter(0, float("inf"), "all"),))
    done = finish(tmp_path, site_clip("clip.mp4"), info=info, subtitles=(Sidecar(late, "en", "", automatic=False),))
    with av.open(str(done.path("video"))) as container:
        assert container.duration
        assert container.duration / av.time_base < 20
    assert json.loads(done.path("info").read_text())["chapters"][0]["end"] < 20


def test_the_chapters_of_the_source_stay_when_the_site_names_none(tmp_path: Path) -> None:
    first = tmp_path / "first"
    first.mkdir()
    source = clip("chapters.mkv", "-c copy", finish(first, site_clip("clip.mp4"), info=INFO).path("video"))
    assert len(content(finish(tmp_path, source).path("video"))["chapters"]) == 2


@pytest.mark.parametrize("name", ["clip.mp4", "clip.webm"])
def test_subtitles_are_put_into_the_video_and_beside_it(tmp_path: Path, name: str) -> None:
    subtitles = (sidecar(tmp_path, "en-US"), sidecar(tmp_path, "de", "Grüße 🎬"))
    done = finish(tmp_path, site_clip(name), subtitles=subtitles)
    assert content(done.path("video"))["subtitles"] == ["eng", "deu"]
    assert [(file.path, file.language, file.mime) for file in done.files if file.kind == "subtitle"] == [
        ("subtitle.en-US.vtt", "en-US", "text/vtt"),
        ("subtitle.de.vtt", "de", "text/vtt"),
    ]
    assert "Grüße 🎬" in (tmp_path / "subtitle.de.vtt").read_text()


def test_subtitles_go_into_webm_too(tmp_path: Path) -> None:
    source = clip("vp8.webm", "-c:v libvpx -deadline realtime -cpu-used 8 -c:a libvorbis")
    done = finish(tmp_path, source, subtitles=(sidecar(tmp_path, "en"),))
    assert done.file("video").path == "video.webm"
    assert len(content(done.path("video"))["subtitles"]) == 1


def test_a_label_of_any_characters_is_no_option_for_ffmpeg(tmp_path: Path) -> None:
    one = sidecar(tmp_path, "en")
    hostile = Sidecar(one.path, "../-y $(id)", "-f null = \n\x00 x", automatic=False)
    done = finish(tmp_path, site_clip("clip.mp4"), subtitles=(hostile,))
    assert done.file("subtitle").path == "subtitle.y-id.vtt"
    assert len(content(done.path("video"))["subtitles"]) == 1


def test_a_folder_and_a_source_with_odd_names_are_no_trouble(tmp_path: Path) -> None:
    folder = tmp_path / "-i concat:a|b %d 'x' \n é"
    folder.mkdir()
    done = finish(folder, site_clip("end.mp4"), info=INFO, subtitles=(sidecar(folder, "en"),))
    assert done.kinds == ["video", "thumbnail", "subtitle", "info"]


def test_the_info_record_holds_the_medium_and_its_files_and_no_formats(tmp_path: Path) -> None:
    done = finish(tmp_path, site_clip("clip.mp4"), info=INFO)
    record = json.loads(done.path("info").read_text())
    assert record["title"] == NASTY
    assert record["chapters"][1] == {"start": 4, "end": 12, "title": "Two; #2"}
    assert [file["path"] for file in record["files"]] == ["video.mp4", "thumbnail.jpg"]
    assert not {"formats", "http_headers", "cookies", "automatic_captions"} & record.keys()
    assert done.file("info").mime == "application/json"
