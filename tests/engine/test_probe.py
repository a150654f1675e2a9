"""What a media file is found to hold."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from tests.engine.finishing import clip, content, site_clip
from viddlws.engine.media.boxes import layout
from viddlws.engine.media.material import FinaliseError
from viddlws.engine.media.probe import check_whole, probe, tally


def test_a_video_is_described_with_its_codecs_size_and_length() -> None:
    found = probe(site_clip("clip720.mp4"))
    assert found.video
    assert found.audio
    assert (found.container, found.video.codec, found.audio.codec) == ("mov", "h264", "aac")
    assert (found.video.width, found.video.height, found.audio.channels) == (1280, 720, 1)
    assert found.duration == pytest.approx(12, abs=0.1)


def test_codecs_are_called_by_their_own_names_not_their_decoders() -> None:
    found = probe(clip("av1.mp4", "-c:v libsvtav1 -preset 12 -c:a libopus"))
    assert found.video
    assert found.audio
    assert (found.video.codec, found.audio.codec) == ("av1", "opus")


def test_pixels_that_are_not_square_are_counted_as_shown() -> None:
    found = probe(clip("wide.mp4", "-map 0:v -vf setsar=2 -c:v libx264 -preset ultrafast"))
    assert found.video
    assert (found.video.width, found.video.height) == (640, 180)


def test_a_cover_is_no_video() -> None:
    picture = site_clip("thumb.jpg")
    options = f"-i {picture} -map 0:a -map 1:v -c copy -disposition:v attached_pic"
    found = probe(clip("covered.mp3", options, site_clip("audio.mp3")))
    assert (found.video, found.cover) == (None, True)


def test_the_larger_of_two_pictures_is_taken() -> None:
    options = "-map 0:v -map 0:v -c:v libx264 -preset ultrafast -s:v:0 160x90 -disposition 0"
    found = probe(clip("two.mkv", options))
    assert found.video
    assert (found.video.index, found.video.width) == (1, 320)


@pytest.mark.parametrize("name", ["clip.mp4", "end.mp4", "clip.webm", "audio.opus", "audio.mp3", "hls/360-000.ts"])
def test_the_packets_counted_are_those_a_demuxer_reads(name: str) -> None:
    source = site_clip(name)
    found = probe(source)
    counted = tally(found)
    wanted = [track.index for track in (found.video, found.audio) if track]
    assert [counted[index].packets for index in wanted] == content(source)["packets"]
    check_whole(found, counted)


def test_fragments_are_counted_one_by_one() -> None:
    source = clip("fragmented.mp4", "-c copy -movflags +frag_keyframe+empty_moov", site_clip("clip.mp4"))
    assert [one.packets for one in tally(probe(source)).values()] == content(source)["packets"]


def test_packets_before_the_first_key_frame_are_not_counted(tmp_path: Path) -> None:
    # a transport stream taken up in the middle, as a live one is
    source = clip("gop.ts", "-c:v libx264 -preset ultrafast -g 25 -bf 0 -c:a aac")
    data = source.read_bytes()
    middle = tmp_path / "middle.ts"
    middle.write_bytes(data[len(data) // 188 // 6 * 188 :])
    found = probe(middle)
    assert found.video
    assert tally(found)[found.video.index].packets in {25, 50}


def test_the_outline_of_an_mp4_is_read() -> None:
    front, end = layout(site_clip("clip.mp4")), layout(site_clip("end.mp4"))
    assert front
    assert end
    assert (front.index_first, end.index_first) == (True, False)
    assert (front.brand, front.fragmented, front.cut, front.turned) == ("isom", False, False, False)
    assert layout(site_clip("clip.webm")) is None


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=some.floats(0, 1), change=some.binary(min_size=1, max_size=16), kept=some.floats(0.1, 1))
@pytest.mark.parametrize("name", ["end.mp4", "clip.webm", "audio.mp3", "audio.opus", "hls/360-000.ts"])
def test_a_file_changed_anywhere_is_read_or_refused_but_never_breaks_the_reader(
    tmp_path: Path, name: str, place: float, change: bytes, kept: float
) -> None:
    data = bytearray(site_clip(name).read_bytes()[:200_000])
    at = int(place * min(len(data), 4096))
    data[at : at + len(change)] = change
    broken = tmp_path / "broken"
    broken.write_bytes(data[: int(len(data) * kept)])
    try:
        found = probe(broken)
        check_whole(found, tally(found))
    except FinaliseError as error:
        assert error.kind in {"not-media", "damaged"}  # noqa: PT017
