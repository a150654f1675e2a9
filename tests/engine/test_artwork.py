"""The thumbnail: the site's picture made safe and small, else a frame of the video, else the cover in the sound."""

import random
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image, ImageStat

from tests.engine.finishing import clip, site_clip
from viddlws.engine.media.artwork import Picture, artwork
from viddlws.engine.media.probe import probe


def colour(picture: Picture, across: float = 0.5, down: float = 0.5) -> tuple[int, ...]:
    with Image.open(picture.path) as image:
        value = image.getpixel((int(image.width * across), int(image.height * down)))
    assert isinstance(value, tuple)
    return value


@pytest.mark.parametrize("kind", ["jpg", "png", "webp", "avif", "gif"])
def test_a_picture_of_any_kind_becomes_a_small_jpeg(tmp_path: Path, kind: str) -> None:
    source = tmp_path / f"thumb.{kind}"
    Image.new("RGB", (3000, 1000), (200, 40, 40)).save(source)
    picture = artwork(tmp_path, source, None)
    assert picture
    assert (picture.width, picture.height) == (1280, 427)
    with Image.open(picture.path) as image:
        assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (1280, 427))
    assert colour(picture) == pytest.approx((200, 40, 40), abs=12)


def test_the_first_frame_of_a_moving_picture_is_taken(tmp_path: Path) -> None:
    source = tmp_path / "thumb.gif"
    red, blue = (Image.new("RGB", (64, 64), name) for name in ("red", "blue"))
    red.save(source, save_all=True, append_images=[blue] * 3)
    picture = artwork(tmp_path, source, None)
    assert picture
    assert colour(picture)[0] > 200


def test_a_turned_photograph_is_set_upright(tmp_path: Path) -> None:
    source = tmp_path / "thumb.jpg"
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees
    Image.new("RGB", (400, 200)).save(source, exif=exif)
    picture = artwork(tmp_path, source, None)
    assert picture
    assert (picture.width, picture.height) == (200, 400)


def test_transparent_parts_become_black(tmp_path: Path) -> None:
    source = tmp_path / "thumb.png"
    Image.new("RGBA", (64, 64), (255, 255, 255, 0)).save(source)
    picture = artwork(tmp_path, source, None)
    assert picture
    assert max(colour(picture)) < 5


def test_nothing_of_the_pictures_own_data_is_kept(tmp_path: Path) -> None:
    source = tmp_path / "thumb.jpg"
    exif = Image.Exif()
    exif[0x010E] = "where I live"
    Image.new("RGB", (64, 64)).save(source, exif=exif, comment=b"and my name")
    picture = artwork(tmp_path, source, None)
    assert picture
    assert b"where I live" not in picture.path.read_bytes()
    assert b"and my name" not in picture.path.read_bytes()


def png_that_claims(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(bytes(10_000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"%!PS-Adobe-3.0 EPSF-3.0\n",
        b"\xff\xd8\xff\xe0" + bytes(100),
        random.Random(2).randbytes(5000),
        png_that_claims(60_000, 60_000),
        png_that_claims(0, 5),
    ],
    ids=["empty", "svg", "postscript", "cut jpeg", "noise", "bomb", "no width"],
)
def test_a_picture_that_is_none_is_passed_over_and_a_frame_taken(tmp_path: Path, data: bytes) -> None:
    source = tmp_path / "thumb.webp"
    source.write_bytes(data)
    assert artwork(tmp_path, source, None) is None
    picture = artwork(tmp_path, source, probe(site_clip("clip.mp4")))
    assert picture
    assert (picture.width, picture.height) == (640, 360)


@pytest.mark.parametrize("name", ["clip.mp4", "clip.webm", "hls/360-000.ts"])
def test_without_a_picture_a_frame_of_the_video_is_taken(tmp_path: Path, name: str) -> None:
    picture = artwork(tmp_path, None, probe(site_clip(name)))
    assert picture
    with Image.open(picture.path) as image:
        assert max(ImageStat.Stat(image).stddev) > 20  # a test pattern, not one colour


def test_a_video_that_begins_black_is_shown_by_a_later_frame(tmp_path: Path) -> None:
    source = clip("dark.mp4", "-vf fade=in:st=1:d=0.1 -c:v libx264 -preset ultrafast -g 5 -c:a aac")
    picture = artwork(tmp_path, None, probe(source))
    assert picture
    with Image.open(picture.path) as image:
        assert ImageStat.Stat(image.convert("L")).mean[0] > 30


def test_a_video_that_stays_black_still_has_a_thumbnail(tmp_path: Path) -> None:
    source = clip("black.mp4", "-vf drawbox=t=fill:c=black -c:v libx264 -preset ultrafast -c:a aac")
    assert artwork(tmp_path, None, probe(source))


def test_sound_without_a_cover_has_no_thumbnail(tmp_path: Path) -> None:
    assert artwork(tmp_path, None, probe(site_clip("audio.mp3"))) is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["covered.mp3", "covered.m4a"])
def test_the_cover_in_the_sound_is_taken(tmp_path: Path, name: str) -> None:
    options = f"-i {site_clip('thumb.png')} -map 0:a -map 1:v -c copy -disposition:v attached_pic"
    source = clip(name, options, site_clip(f"audio{Path(name).suffix}"))
    picture = artwork(tmp_path, None, probe(source))
    assert picture
    assert (picture.width, picture.height) == (640, 360)
