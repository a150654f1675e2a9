"""Square pictures: any thumbnail becomes one, once, and none stays when its thumbnail has gone."""

import os
import threading
from pathlib import Path

import pytest
from PIL import Image

from tests.feeds.material import episode
from viddlws.accounts.models import User
from viddlws.feeds import pictures, services
from viddlws.feeds.tasks import tidy
from viddlws.library.models import MediaFile, Video
from viddlws.library.services import remove


def thumbnail(video: Video, media: Path, size: tuple[int, int], form: str = "JPEG", mode: str = "RGB") -> MediaFile:
    file = video.files.get(kind="thumbnail")
    path = media / file.path
    Image.effect_noise(size, 90).convert(mode).save(path, form)
    MediaFile.objects.filter(pk=file.pk).update(size=path.stat().st_size)
    return MediaFile.objects.get(pk=file.pk)


@pytest.mark.parametrize(
    ("size", "form", "mode"),
    [
        ((1280, 720), "JPEG", "RGB"),
        ((90, 160), "JPEG", "L"),
        ((1, 1), "PNG", "RGBA"),
        ((4000, 30), "JPEG", "RGB"),
        ((1400, 1400), "WEBP", "RGB"),
    ],
)
def test_any_thumbnail_becomes_a_square_of_at_most_512_kb(
    alice: User, media: Path, size: tuple[int, int], form: str, mode: str
) -> None:
    path = pictures.of_file(thumbnail(episode(alice, media), media, size, form, mode))

    assert path.stat().st_size <= 512 * 1024
    with Image.open(path) as picture:
        assert (picture.format, picture.size) == ("JPEG", (1400, 1400))


def test_the_whole_picture_is_shown(alice: User, media: Path) -> None:
    """Its left and right edges reach the square's; above and below is ground."""
    video = episode(alice, media)
    file = video.files.get(kind="thumbnail")
    wide = Image.new("RGB", (640, 360), "white")
    wide.paste("red", (0, 0, 64, 360))
    wide.save(media / file.path)

    with Image.open(pictures.of_file(file)) as square:
        red, green, _ = square.getpixel((20, 700))  # type: ignore[misc]
        assert red > 200 > 60 > green
        assert max(square.getpixel((700, 20))) < 140  # type: ignore[arg-type]


def test_it_is_drawn_once_even_when_many_ask(alice: User, media: Path) -> None:
    file = episode(alice, media).files.get(kind="thumbnail")
    made: list[Path] = []
    asking = [threading.Thread(target=lambda: made.append(pictures.of_file(file))) for _ in range(8)]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()

    assert (len(set(made)), len(made)) == (1, 8)
    [only] = (media / ".artwork").iterdir()
    before = only.stat()
    assert pictures.of_file(file) == only
    assert only.stat().st_ino == before.st_ino


@pytest.mark.parametrize("content", [b"", b"not a picture", b"\xff\xd8\xff\xe0 cut"])
def test_a_broken_thumbnail_is_no_picture(alice: User, media: Path, content: bytes) -> None:
    file = episode(alice, media).files.get(kind="thumbnail")
    (media / file.path).write_bytes(content)

    with pytest.raises(pictures.NoPicture):
        pictures.of_file(file)
    assert not list(media.glob(".artwork/*"))


def test_pictures_go_when_nobody_needs_them(alice: User, media: Path) -> None:
    stays, goes = episode(alice, media), episode(alice, media)
    kept, lost = (pictures.of_file(video.files.get(kind="thumbnail")) for video in (stays, goes))
    cover = pictures.of_feed(services.subscribe(alice))
    half = kept.with_name(".abandoned.part")
    half.write_bytes(b"half")
    os.utime(half, (0, 0))
    remove(alice, [goes.id])

    tidy()
    assert kept.exists()
    assert cover.exists()
    assert not lost.exists()
    assert not half.exists()
    os.utime(cover, (0, 0))
    assert pictures.tidy() == 1
    assert not cover.exists()


@pytest.mark.parametrize("name", ["", "Music", "x" * 200, "many words " * 18, "日本語", "Ünïcödé & <tags>", "a\u0301b"])
@pytest.mark.parametrize("kind", ["audio", "video"])
def test_every_feed_has_a_cover_that_changes_with_its_name(alice: User, media: Path, name: str, kind: str) -> None:
    feed = services.subscribe(alice, kind=kind)
    plain = pictures.of_feed(feed)
    named = pictures.of_feed(services.rename(alice, feed.pk, name))

    assert (plain == named) is (name == "")
    with Image.open(named) as picture:
        assert (picture.format, picture.size) == ("JPEG", (1400, 1400))
