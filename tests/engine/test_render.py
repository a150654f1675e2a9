"""A finished file becomes another that every podcast app plays, copied where it can be, and stays as it was."""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import av
import pytest

from tests.engine.finishing import clip, content, site_clip, top_boxes
from tests.engine.rendering import is_converting, made, order, refused
from viddlws.engine.finalise import FinaliseError
from viddlws.engine.media.plan import planned
from viddlws.engine.media.probe import Media, Track
from viddlws.engine.messages import Chapter, ErrorClass, Finished, Format, MediaInfo, Progress, Render, Started
from viddlws.engine.supervisor import Engine, EngineSettings
from viddlws.engine.wire import decode_job, encode_job

Ordered = Callable[..., Render]


@pytest.fixture
def ordered(engine_settings: EngineSettings) -> Ordered:
    return lambda source, wanted, **given: order(engine_settings, source, wanted, **given)


def pixels(path: Path) -> str:
    with av.open(str(path)) as container:
        return str(container.streams.video[0].codec_context.pix_fmt)


def test_vp9_and_opus_become_h264_and_aac_that_play_while_they_load(engine: Engine, ordered: Ordered) -> None:
    path = made(engine, ordered(site_clip("clip.webm"), Format.VIDEO))

    assert path.name == "video.mp4"
    assert content(path)["tracks"] == [("video", "h264"), ("audio", "aac")]
    assert pixels(path) == "yuv420p"
    assert top_boxes(path).index("moov") < top_boxes(path).index("mdat")


def test_the_file_is_described_with_its_codecs_size_and_length(engine: Engine, ordered: Ordered) -> None:
    *events, last = engine.render(ordered(site_clip("clip.webm"), Format.VIDEO))

    assert isinstance(last, Finished)
    (file,) = last.files
    assert (file.kind, file.mime, file.codecs) == ("video", "video/mp4", ("h264", "aac"))
    assert (file.width, file.height) == (640, 360)
    assert file.duration == pytest.approx(12, abs=0.2)
    assert isinstance(events[0], Started)
    told = [event.percent for event in events if isinstance(event, Progress)]
    assert told == sorted(told)
    assert any(map(is_converting, events))


def test_opus_becomes_an_m4a_with_picture_title_and_chapters(engine: Engine, ordered: Ordered) -> None:
    info = MediaInfo(title="A walk", channel="Hills", chapters=(Chapter(0, 5, "Up"), Chapter(5, 12, "Down")))
    job = ordered(site_clip("clip.webm"), Format.AUDIO, info=info, thumbnail=str(site_clip("thumb.jpg")))

    path = made(engine, job)

    assert path.name == "audio.m4a"
    held = content(path)
    assert held["tracks"][-1] == ("audio", "aac")
    assert (held["tags"]["title"], held["tags"]["artist"]) == ("A walk", "Hills")
    assert len(held["pictures"]) == 1
    assert len(held["chapters"]) == 2


def test_sound_that_is_aac_is_copied_and_the_source_stays_as_it_was(engine: Engine, ordered: Ordered) -> None:
    source = site_clip("clip.mp4")
    before = sha256(source.read_bytes()).digest(), source.stat().st_mtime_ns, source.stat().st_nlink

    path = made(engine, ordered(source, Format.AUDIO))

    assert content(path)["tracks"][-1] == ("audio", "aac")
    assert content(path)["packets"][-1] == content(source)["packets"][-1]
    assert (sha256(source.read_bytes()).digest(), source.stat().st_mtime_ns, source.stat().st_nlink) == before


def test_sound_that_is_mp3_stays_mp3(engine: Engine, ordered: Ordered) -> None:
    source = clip("mp3.mkv", "-c:v libx264 -preset ultrafast -c:a libmp3lame")

    path = made(engine, ordered(source, Format.AUDIO))

    assert path.name == "audio.mp3"
    assert content(path)["packets"][-1] == content(source)["packets"][1]


def test_a_picture_that_is_h264_is_copied_and_only_its_sound_converted(engine: Engine, ordered: Ordered) -> None:
    source = clip("mp3.mp4", "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:a libmp3lame")

    held = content(made(engine, ordered(source, Format.VIDEO)))

    assert held["tracks"] == [("video", "h264"), ("audio", "aac")]
    assert held["packets"][0] == content(source)["packets"][0]


def test_h264_that_only_editors_play_is_converted(engine: Engine, ordered: Ordered) -> None:
    source = clip("editors.mkv", "-c:v libx264 -preset ultrafast -pix_fmt yuv444p -c:a libopus")
    assert pixels(source) == "yuv444p"

    assert pixels(made(engine, ordered(source, Format.VIDEO))) == "yuv420p"


def test_a_turned_video_is_upright_afterwards(engine: Engine, ordered: Ordered) -> None:
    hevc = clip("hevc.mp4", "-c:v libx265 -preset ultrafast -c:a aac")
    turned = clip("turned-hevc.mp4", f"-display_rotation 90 -i {hevc} -map 1 -c copy", hevc)

    *_, last = engine.render(ordered(turned, Format.VIDEO))

    assert isinstance(last, Finished), last
    assert (last.files[0].width, last.files[0].height) == (180, 320)


def test_a_video_without_sound_gives_no_sound(engine: Engine, ordered: Ordered) -> None:
    failed = refused(engine, ordered(site_clip("video360.mp4"), Format.AUDIO))

    assert (failed.error, failed.message, failed.passing) == (
        ErrorClass.UNSUPPORTED,
        "The video has no sound.",
        False,
    )


def test_a_damaged_file_is_left_alone(engine: Engine, ordered: Ordered, tmp_path: Path) -> None:
    cut = tmp_path / "cut.webm"
    cut.write_bytes(site_clip("clip.webm").read_bytes()[:100_000])

    failed = refused(engine, ordered(cut, Format.AUDIO))

    assert not failed.passing
    assert cut.stat().st_size == 100_000


@pytest.mark.parametrize(
    ("shown", "fitted"),
    [
        ((640, 360), (640, 360)),
        ((641, 361), (640, 360)),
        ((3840, 2160), (1920, 1080)),
        ((2160, 3840), (1080, 1920)),
        ((3440, 1440), (1920, 804)),
        ((1440, 1440), (1080, 1080)),
        ((1, 1), (2, 2)),
    ],
)
def test_a_picture_is_made_to_fit_and_never_larger(shown: tuple[int, int], fitted: tuple[int, int]) -> None:
    track = Track(0, "video", "vp9", "", *shown)
    job = Render("job", "/source", "/folder", Format.VIDEO)

    (output,) = planned(job, [(Media(Path("/source"), "webm", 1.0, track, None, False, 0), "muxed")])

    assert output.takes[0].size == fitted


def test_sound_alone_gives_no_picture() -> None:
    sound = Track(0, "audio", "opus", "", channels=2)
    job = Render("job", "/source", "/folder", Format.VIDEO)

    with pytest.raises(FinaliseError, match="no picture"):
        planned(job, [(Media(Path("/source"), "webm", 1.0, None, sound, False, 0), "muxed")])


def test_an_order_survives_the_way_between_the_processes() -> None:
    job = Render("job", "/source", "/folder", Format.VIDEO, "/picture", MediaInfo(title="é\n"), 720)

    assert decode_job(encode_job(job, beside=1)) == (job, {"beside": 1})
