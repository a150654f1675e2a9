"""Sound alone, or beside the video from the same fetch: copied where players take it, encoded where not."""

from pathlib import Path

import pytest

from tests.engine.finishing import FFMPEG, NO_FFMPEG, clip, content, finish, site_clip, top_boxes
from viddlws.engine.finalise import FinaliseError
from viddlws.engine.messages import Format


def test_aac_is_copied_out_of_a_video(tmp_path: Path) -> None:
    source = site_clip("clip.mp4")
    done = finish(tmp_path, source, wanted=Format.AUDIO)
    audio = done.file("audio")
    assert (audio.path, audio.mime, audio.width) == ("audio.m4a", "audio/mp4", None)
    assert audio.duration == pytest.approx(12, abs=0.1)
    held = content(done.path("audio"))
    assert held["tracks"] == [("video", "mjpeg"), ("audio", "aac")]  # the picture is its cover
    assert content(source)["packets"][1] == held["packets"][1]
    assert "video" not in done.kinds


def test_a_fine_m4a_is_taken_as_it_is(tmp_path: Path) -> None:
    done = finish(tmp_path, site_clip("audio.m4a"), wanted=Format.AUDIO, ffmpeg=NO_FFMPEG)
    assert done.path("audio").read_bytes() == site_clip("audio.m4a").read_bytes()


@pytest.mark.parametrize("name", ["audio.opus", "audio.webm"])
def test_opus_is_encoded_to_aac(tmp_path: Path, name: str) -> None:
    done = finish(tmp_path, site_clip(name), wanted=Format.AUDIO)
    assert content(done.path("audio"))["tracks"] == [("audio", "aac")]
    assert done.file("audio").path == "audio.m4a"
    assert done.file("audio").duration == pytest.approx(12, abs=0.2)
    boxes = top_boxes(done.path("audio"))
    assert boxes.index("moov") < boxes.index("mdat")


def test_mp3_stays_mp3_even_when_m4a_was_asked_for(tmp_path: Path) -> None:
    done = finish(tmp_path, site_clip("audio.mp3"), wanted=Format.AUDIO, ffmpeg=NO_FFMPEG)
    assert (done.file("audio").path, done.file("audio").mime) == ("audio.mp3", "audio/mpeg")
    assert done.path("audio").read_bytes() == site_clip("audio.mp3").read_bytes()


def test_mp3_is_made_only_when_asked_for(tmp_path: Path) -> None:
    done = finish(tmp_path, site_clip("audio.m4a"), wanted=Format.AUDIO, codec="mp3")
    assert content(done.path("audio"))["tracks"] == [("audio", "mp3")]
    assert done.file("audio").duration == pytest.approx(12, abs=0.2)


def test_raw_aac_is_wrapped_not_encoded(tmp_path: Path) -> None:
    source = clip("raw.aac", "-map 1:a -c:a aac")
    done = finish(tmp_path, source, wanted=Format.AUDIO)
    assert content(done.path("audio"))["packets"] == content(source)["packets"]


@pytest.mark.parametrize(("codec", "channels"), [("m4a", 6), ("mp3", 2)])
def test_six_channels_are_kept_in_aac_and_mixed_to_two_in_mp3(tmp_path: Path, codec: str, channels: int) -> None:
    source = clip("surround.flac", "-map 1:a -ac 6 -c:a flac")
    done = finish(tmp_path, source, wanted=Format.AUDIO, codec=codec)
    assert content(done.path("audio"))["channels"] == [channels]
    assert done.file("audio").duration == pytest.approx(3, abs=0.2)


def test_both_come_out_of_one_fetch_and_one_run(tmp_path: Path) -> None:
    counter = tmp_path / "ffmpeg"
    counter.write_text(f'#!/bin/sh\necho run >> "{tmp_path}/runs"\nexec "{FFMPEG}" "$@"\n')
    counter.chmod(0o700)
    folder = tmp_path / "job"
    folder.mkdir()
    sources = ((site_clip("video720.mp4"), "video"), (site_clip("audio.m4a"), "audio"))
    done = finish(folder, *sources, wanted=Format.BOTH, ffmpeg=str(counter))
    assert done.kinds == ["video", "audio", "thumbnail", "info"]
    assert content(done.path("video"))["tracks"] == [("video", "h264"), ("audio", "aac")]
    assert ("audio", "aac") in content(done.path("audio"))["tracks"]
    assert (tmp_path / "runs").read_text() == "run\n"


def test_both_keeps_a_fine_mp4_and_takes_the_sound_out_of_it(tmp_path: Path) -> None:
    done = finish(tmp_path, site_clip("clip.mp4"), wanted=Format.BOTH)
    assert done.path("video").read_bytes() == site_clip("clip.mp4").read_bytes()
    assert done.file("audio").duration == pytest.approx(12, abs=0.1)


def test_both_from_a_silent_video_is_the_video(tmp_path: Path) -> None:
    assert finish(tmp_path, site_clip("video360.mp4"), wanted=Format.BOTH).kinds == ["video", "thumbnail", "info"]


def test_sound_from_a_silent_video_is_refused_in_plain_words(tmp_path: Path) -> None:
    with pytest.raises(FinaliseError) as caught:
        finish(tmp_path, site_clip("video360.mp4"), wanted=Format.AUDIO)
    assert (caught.value.kind, caught.value.message) == ("not-media", "The video has no sound.")


@pytest.mark.parametrize("codec", ["m4a", "mp3"])
def test_the_sites_picture_becomes_the_cover(tmp_path: Path, codec: str) -> None:
    done = finish(tmp_path, site_clip("audio.m4a"), wanted=Format.AUDIO, codec=codec, thumbnail=site_clip("thumb.webp"))
    assert len(content(done.path("audio"))["pictures"]) == 1
    assert done.kinds == ["audio", "thumbnail", "info"]


def test_the_cover_inside_an_mp3_becomes_the_thumbnail(tmp_path: Path) -> None:
    folder = tmp_path / "first"
    folder.mkdir()
    covered = finish(
        folder, site_clip("audio.m4a"), wanted=Format.AUDIO, codec="mp3", thumbnail=site_clip("thumb.jpg")
    ).path("audio")
    done = finish(tmp_path, covered, wanted=Format.AUDIO, ffmpeg=NO_FFMPEG)
    assert (done.file("thumbnail").width, done.file("thumbnail").height) == (640, 360)
    assert done.path("audio").read_bytes() == covered.read_bytes()
