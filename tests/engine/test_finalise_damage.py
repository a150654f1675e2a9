"""Files that are no media, cut files, a full disk, a kill at any moment: nothing half made is shown as whole."""

import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import psutil
import pytest
from PIL import Image

from tests.engine.finishing import FFMPEG, NO_FFMPEG, clip, content, finish, site_clip
from viddlws.engine.finalise import FinaliseError
from viddlws.engine.messages import Format


def refused(folder: Path, source: Path, **options: object) -> FinaliseError:
    with pytest.raises(FinaliseError) as caught:
        finish(folder, source, **options)  # type: ignore[arg-type]
    assert_no_media_in(folder)
    return caught.value


def assert_no_media_in(folder: Path) -> None:
    assert not [path.name for path in folder.iterdir() if path.name.startswith(("video.", "audio.", "info."))]


def make_page(path: Path) -> None:
    path.write_text("<!doctype html><html>" + "<p>hello</p>" * 1000)


def make_zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", "a" * 1000)


def make_noise(path: Path) -> None:
    path.write_bytes(random.Random(1).randbytes(200_000))


def make_playlist(path: Path) -> None:
    source = site_clip("hls/360-000.ts")
    path.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nfile://{source}\n#EXT-X-ENDLIST\n")


def make_list(path: Path) -> None:
    path.write_text(f"ffconcat version 1.0\nfile 'file:{site_clip('clip.mp4')}'\n")


@pytest.mark.parametrize("make", [make_page, make_zip, make_noise, make_playlist, make_list])
@pytest.mark.parametrize("name", ["media.mp4", "media.unknown_video"])
def test_what_is_no_media_is_refused_whatever_it_is_called(tmp_path: Path, make: object, name: str) -> None:
    assert callable(make)
    (tmp_path / "fetched").mkdir()
    source = tmp_path / "fetched" / name
    make(source)
    error = refused(tmp_path, source, ffmpeg=NO_FFMPEG)
    assert error.kind == "not-media"
    assert error.message.endswith(".")


@pytest.mark.parametrize("kind", ["jpg", "png", "webp", "gif", "avif"])
def test_a_picture_is_no_video(tmp_path: Path, kind: str) -> None:
    source = tmp_path / f"picture.{kind}"
    Image.effect_noise((64, 48), 50).convert("RGB").save(source)
    assert refused(tmp_path, source).kind == "not-media"


def test_subtitles_and_bytes_of_zero_are_no_video(tmp_path: Path) -> None:
    (tmp_path / "a.vtt").write_text("WEBVTT\n\n00:00.000 --> 00:01.000\nhello\n")
    (tmp_path / "b.bin").write_bytes(bytes(1_000_000))
    assert refused(tmp_path, tmp_path / "a.vtt").kind == "not-media"
    (tmp_path / "media.f0.vtt").unlink()
    assert refused(tmp_path, tmp_path / "b.bin").kind == "not-media"


@pytest.mark.parametrize("name", ["clip.mp4", "end.mp4", "clip.webm", "audio.m4a", "audio.mp3"])
@pytest.mark.parametrize("part", [0.02, 0.6])
def test_a_cut_file_is_refused(tmp_path: Path, name: str, part: float) -> None:
    whole = site_clip(name).read_bytes()
    source = tmp_path / f"cut-{name}"
    # `clip.mp4` is padded after its media; the cut must go through the media itself
    media = whole[: whole.rindex(b"free") - 4] if name == "clip.mp4" else whole
    source.write_bytes(media[: int(len(media) * part)])
    assert refused(tmp_path, source).kind == "damaged"


def test_a_fragmented_mp4_cut_in_a_fragment_is_refused(tmp_path: Path) -> None:
    whole = clip("fragmented.mp4", "-c copy -movflags +frag_keyframe+empty_moov", site_clip("clip.mp4")).read_bytes()
    (tmp_path / "cut.mp4").write_bytes(whole[: len(whole) // 2])
    assert refused(tmp_path, tmp_path / "cut.mp4").kind == "damaged"


def test_an_empty_file_is_damaged(tmp_path: Path) -> None:
    (tmp_path / "empty.mp4").touch()
    assert refused(tmp_path, tmp_path / "empty.mp4").kind == "damaged"


def test_an_output_shorter_than_its_source_is_found_out(tmp_path: Path) -> None:
    """The ffmpeg in this test really is one, and ends with 0: it only stops half-way, as old ones do on a full disk."""
    short = tmp_path / "ffmpeg"
    # the output's arguments come last; its duration is put before the muxer's
    short.write_text(f'#!/bin/bash\nexec "{FFMPEG}" "${{@:1:$#-1}}" -t 6 "${{@: -1}}"\n')
    short.chmod(0o700)
    folder = tmp_path / "job"
    folder.mkdir()
    for codec in ("m4a", "mp3"):
        error = refused(folder, site_clip("audio.webm"), wanted=Format.AUDIO, codec=codec, ffmpeg=str(short))
        assert error.kind == "damaged"
    (folder / "media.f0.webm").unlink()
    assert refused(folder, site_clip("end.mp4"), ffmpeg=str(short)).kind == "damaged"
    assert (folder / "media.f0.mp4").exists()


def test_an_ffmpeg_that_fails_is_reported_with_its_words(tmp_path: Path) -> None:
    failing = tmp_path / "ffmpeg"
    failing.write_text("#!/bin/sh\necho 'the moon is full'\nexit 3\n")
    failing.chmod(0o700)
    (tmp_path / "job").mkdir()
    error = refused(tmp_path / "job", site_clip("end.mp4"), ffmpeg=str(failing))
    assert (error.kind, error.detail) == ("failed", "the moon is full")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 1.5 MB."""
    folder = tmp_path / "small"
    folder.mkdir()
    if os.geteuid() or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1500k", "tmpfs", folder]).returncode:
        pytest.skip("a small disk can be mounted by root only")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


DEBIANS = shutil.which("ffmpeg", path="/usr/bin")


@pytest.mark.parametrize(
    "ffmpeg",
    [
        pytest.param(FFMPEG, id="bundled"),
        pytest.param(DEBIANS, id="system", marks=pytest.mark.skipif(not DEBIANS, reason="no ffmpeg is installed")),
    ],
)
@pytest.mark.parametrize(
    ("name", "codec", "wanted"),
    [("end.mp4", "m4a", Format.VIDEO), ("long.m4a", "mp3", Format.AUDIO), ("clip.mp4", "m4a", Format.BOTH)],
)
def test_a_full_disk_is_named_and_the_sources_stay(
    small_disk: Path, ffmpeg: str, name: str, codec: str, wanted: Format
) -> None:
    source = long_sound(4) if name == "long.m4a" else site_clip(name)
    room = {"end.mp4": 450_000, "long.m4a": 200_000, "clip.mp4": 60_000}[name]
    shutil.copy(source, small_disk / f"media.f0{source.suffix}")
    (small_disk / "filling").write_bytes(bytes(shutil.disk_usage(small_disk).free - room))
    error = refused(small_disk, source, ffmpeg=ffmpeg, codec=codec, wanted=wanted)
    assert (error.kind, error.message) == ("disk-full", "The disk is full.")
    assert (small_disk / f"media.f0{source.suffix}").read_bytes() == source.read_bytes()
    assert not list(small_disk.glob("*.tmp"))


def long_sound(times: int) -> Path:
    sound = clip("whole.m4a", "-c copy", site_clip("audio.m4a"))
    return clip(f"long{times}.m4a", f"-stream_loop {times - 1} -i {sound} -map 1:a -c copy", sound)


CHILD = """
import sys
from pathlib import Path
from tests.engine.finishing import FFMPEG
from viddlws.engine.finalise import Stream, finalise
from viddlws.engine.messages import Format, Job, MediaInfo
folder = Path(sys.argv[1])
job = Job("1", "", str(folder), Format.AUDIO, "mp3")
sources = [Stream(folder / "media.f0.m4a", "audio")]
report = lambda step, fraction: print(step, fraction, flush=True)
finalise(folder, job, MediaInfo("A film"), sources, [], None, FFMPEG, report)
"""


@cache
def two_minutes_as_mp3() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        return finish(Path(folder), long_sound(10), wanted=Format.AUDIO, codec="mp3").path("audio").read_bytes()


@pytest.mark.parametrize("reports", [1, 4])
def test_killed_at_any_moment_and_run_again_gives_the_same_file(tmp_path: Path, reports: int) -> None:
    source = long_sound(10)
    shutil.copy(source, tmp_path / "media.f0.m4a")
    with subprocess.Popen([sys.executable, "-c", CHILD, tmp_path], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout
        for _ in range(reports):
            child.stdout.readline()
        running = psutil.Process(child.pid).children()
        child.send_signal(signal.SIGKILL)
        child.wait()
    for process in running:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.wait(10)  # ffmpeg ends with the process that started it
    shown = tmp_path / "audio.mp3"
    assert not shown.exists() or shown.read_bytes() == two_minutes_as_mp3()
    done = finish(tmp_path, source, wanted=Format.AUDIO, codec="mp3")
    assert done.path("audio").read_bytes() == two_minutes_as_mp3()
    assert not list(tmp_path.glob("*.tmp"))


def test_run_again_after_it_was_done_gives_the_same_files(tmp_path: Path) -> None:
    first = finish(tmp_path, site_clip("end.mp4"), wanted=Format.BOTH)
    held = content(first.path("video"))
    second = finish(tmp_path, site_clip("end.mp4"), wanted=Format.BOTH)
    assert second.files == first.files
    assert content(second.path("video"))["packets"] == held["packets"]
