"""Fetched streams to one video file that plays in as many players as it can without re-encoding the picture."""

from pathlib import Path

import pytest

from tests.engine.finishing import NO_FFMPEG, Finished, clip, content, finish, site_clip, top_boxes
from viddlws.engine.messages import Format, Step

VP9 = "-c:v libvpx-vp9 -deadline realtime -cpu-used 8"


def test_a_fine_mp4_is_taken_as_it_is_without_running_ffmpeg(tmp_path: Path) -> None:
    source = site_clip("clip.mp4")
    done = finish(tmp_path, source, ffmpeg=NO_FFMPEG)
    video = done.file("video")
    assert (video.path, video.mime, video.width, video.height) == ("video.mp4", "video/mp4", 640, 360)
    assert video.duration == pytest.approx(12, abs=0.1)
    assert done.path("video").read_bytes() == source.read_bytes()
    assert video.size == source.stat().st_size


def test_an_mp4_with_its_index_at_the_end_gets_it_moved_to_the_front(tmp_path: Path) -> None:
    source = site_clip("end.mp4")
    assert top_boxes(source).index("mdat") < top_boxes(source).index("moov")
    boxes = top_boxes(finish(tmp_path, source).path("video"))
    assert boxes.index("moov") < boxes.index("mdat")


def test_dash_streams_fetched_separately_are_joined(tmp_path: Path) -> None:
    picture, sound = site_clip("video720.mp4"), site_clip("audio.m4a")
    done = finish(tmp_path, (picture, "video"), (sound, "audio"))
    assert content(done.path("video"))["tracks"] == [("video", "h264"), ("audio", "aac")]
    assert content(done.path("video"))["packets"] == content(picture)["packets"] + content(sound)["packets"]
    assert (done.file("video").width, done.file("video").height) == (1280, 720)


def test_sound_fetched_for_itself_is_preferred_to_the_sound_beside_the_picture(tmp_path: Path) -> None:
    stereo = clip("stereo.m4a", "-map 1:a -ac 2 -c:a aac")
    done = finish(tmp_path, (site_clip("clip.mp4"), "video"), (stereo, "audio"))
    assert content(done.path("video"))["packets"][1] == content(stereo)["packets"][0]


def test_hls_segments_joined_to_one_transport_stream_become_an_mp4(tmp_path: Path) -> None:
    whole = tmp_path / "hls.mp4"  # yt-dlp names it so whatever is inside
    whole.write_bytes(b"".join(path.read_bytes() for path in sorted(site_clip("hls").glob("360-*.ts"))))
    assert_plays_everywhere(finish(tmp_path, whole))


def test_fragmented_mp4_becomes_a_plain_one(tmp_path: Path) -> None:
    source = clip("fragmented.mp4", "-c copy -movflags +frag_keyframe+empty_moov", site_clip("clip.mp4"))
    assert "moof" in top_boxes(source)
    done = finish(tmp_path, source)
    assert_plays_everywhere(done)
    assert "moof" not in top_boxes(done.path("video"))
    assert content(done.path("video"))["packets"] == content(source)["packets"]


def assert_plays_everywhere(done: Finished) -> None:
    assert content(done.path("video"))["tracks"] == [("video", "h264"), ("audio", "aac")]
    boxes = top_boxes(done.path("video"))
    assert boxes.index("moov") < boxes.index("mdat")
    assert done.file("video").duration == pytest.approx(12, abs=0.2)


@pytest.mark.parametrize(("wanted", "codec"), [(Format.VIDEO, "m4a"), (Format.AUDIO, "m4a"), (Format.AUDIO, "mp3")])
def test_a_stream_whose_clock_starts_anew_in_the_middle_keeps_all_of_it(
    tmp_path: Path, wanted: Format, codec: str
) -> None:
    """As after an advertisement: HLS calls it a discontinuity, and yt-dlp joins the pieces as they are."""
    piece = clip("piece.ts", "-c:v libx264 -preset ultrafast -c:a aac").read_bytes()
    (tmp_path / "joined.ts").write_bytes(piece * 2)
    done = finish(tmp_path, tmp_path / "joined.ts", wanted=wanted, codec=codec)
    assert done.files[0].duration == pytest.approx(6, abs=0.3)


@pytest.mark.parametrize(
    ("name", "options", "made", "tracks"),
    [
        ("vp9opus.webm", f"{VP9} -c:a libopus", "video.mp4", ["vp9", "opus"]),
        ("vp9vorbis.webm", f"{VP9} -c:a libvorbis", "video.webm", ["vp9", "vorbis"]),
        ("vp8.webm", "-c:v libvpx -deadline realtime -cpu-used 8 -c:a libvorbis", "video.webm", ["vp8", "vorbis"]),
        ("av1.mp4", "-c:v libsvtav1 -preset 12 -c:a libopus", "video.mp4", ["av1", "opus"]),
        ("hevc.mp4", "-c:v libx265 -preset ultrafast -c:a aac", "video.mp4", ["hevc", "aac"]),
        ("mp3.mkv", "-c:v libx264 -preset ultrafast -c:a libmp3lame", "video.mp4", ["h264", "mp3"]),
        ("flash.flv", "-c:v libx264 -preset ultrafast -c:a aac", "video.mp4", ["h264", "aac"]),
        ("old.avi", "-c:v mpeg4 -c:a libmp3lame", "video.mkv", ["mpeg4", "mp3"]),
        ("mute.mkv", "-map 0:v -c:v libx264 -preset ultrafast", "video.mp4", ["h264"]),
    ],
)  # fmt: skip
def test_what_mp4_can_hold_is_copied_into_it_and_the_rest_keeps_its_kind(
    tmp_path: Path, name: str, options: str, made: str, tracks: list[str]
) -> None:
    source = clip(name, options)
    done = finish(tmp_path, source)
    assert done.file("video").path == made
    assert done.file("video").mime == {"mp4": "video/mp4", "webm": "video/webm", "mkv": "video/x-matroska"}[made[6:]]
    held = content(done.path("video"))
    assert [codec for _, codec in held["tracks"]] == tracks
    assert held["packets"] == content(source)["packets"]


@pytest.mark.parametrize("sound", ["libopus", "libvorbis", "ac3", "flac"])
def test_sound_that_safari_cannot_play_beside_h264_becomes_aac_and_the_picture_is_copied(
    tmp_path: Path, sound: str
) -> None:
    source = clip(f"{sound}.mkv", f"-c:v libx264 -preset ultrafast -c:a {sound}")
    done = finish(tmp_path, source)
    held = content(done.path("video"))
    assert held["tracks"] == [("video", "h264"), ("audio", "aac")]
    assert content(source)["packets"][0] == held["packets"][0]
    assert Step.CONVERTING in {step for step, _ in done.reports}


def test_hevc_gets_the_name_that_apple_players_ask_for(tmp_path: Path) -> None:
    source = clip("hevc.mp4", "-c:v libx265 -preset ultrafast -c:a aac")
    assert b"hvc1" in finish(tmp_path, source).path("video").read_bytes()[:8192]


@pytest.mark.parametrize("name", ["turned.mp4", "turned.mkv"])
def test_a_turned_video_keeps_its_turn_and_is_described_as_it_is_shown(tmp_path: Path, name: str) -> None:
    upright = clip("upright.mp4", "-c copy", site_clip("clip.mp4"))
    turned = clip("turned.mp4", f"-display_rotation 90 -i {upright} -map 1 -c copy", upright)
    source = turned if name == "turned.mp4" else clip(name, "-c copy", turned)
    done = finish(tmp_path, source)
    for kind in ("video", "thumbnail"):
        assert (done.file(kind).width, done.file(kind).height) == (360, 640)
    again = tmp_path / "again"
    again.mkdir()
    assert finish(again, done.path("video")).file("video").height == 640


def test_a_link_without_picture_gives_its_sound_when_a_video_was_asked_for(tmp_path: Path) -> None:
    done = finish(tmp_path, site_clip("audio.m4a"), wanted=Format.VIDEO)
    assert done.kinds == ["audio", "info"]


def test_progress_names_its_step_never_falls_and_ends_at_one(tmp_path: Path) -> None:
    done = finish(tmp_path, site_clip("end.mp4"))
    fractions = [fraction for _, fraction in done.reports]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1
    assert list(dict.fromkeys(step for step, _ in done.reports)) == [Step.CHECKING, Step.JOINING]


def test_nothing_but_the_sources_and_the_files_named_is_left(tmp_path: Path) -> None:
    done = finish(tmp_path, site_clip("end.mp4"))
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        [*(file.path for file in done.files), "media.f0.mp4"]
    )
    for file in done.files:
        assert (tmp_path / file.path).stat().st_size == file.size
