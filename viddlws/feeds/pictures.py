"""Square pictures for podcast apps: JPEG of 1400 pixels and at most 512 KB, kept in the media folder until nobody
needs them.

    MEDIA_ROOT/.artwork/<id of the thumbnail>-<its size>.jpg     of an episode
    MEDIA_ROOT/.artwork/cover-<mark>.jpg                         of a feed
"""

import io
import os
import re
import threading
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from PIL import Image, ImageFilter

from viddlws.feeds import cover
from viddlws.feeds.models import Feed
from viddlws.library import storage
from viddlws.library.errors import StorageError
from viddlws.library.models import MediaFile

SIDE = 1400  # pixels; Apple's least
MOST_BYTES = 512 * 1024
UNUSED = 30 * 24 * 3600  # seconds after which a cover is made anew
_ABANDONED = 3600  # seconds after which a half-made picture belongs to nobody
_MOST_PIXELS = 50_000_000
_FOLDER = ".artwork"
_OF_FILE = re.compile(r"(\d+)-(\d+)\.jpg", re.ASCII)
_drawing = threading.BoundedSemaphore(2)  # an app that asks for a thousand pictures at once leaves room for the pages


class NoPicture(Exception):  # noqa: N818 - what a face answers to
    """There is none to show."""


def of_file(thumbnail: MediaFile) -> Path:
    """The square picture of an episode. Raises NoPicture when the thumbnail is lost or broken."""
    return _kept(f"{thumbnail.pk}-{thumbnail.size}.jpg", lambda: _padded(storage.path_of(thumbnail)))


def of_feed(feed: Feed) -> Path:
    """The cover of a feed."""
    return _kept(f"cover-{cover.mark(feed)}.jpg", lambda: cover.draw(feed, SIDE))


def tidy() -> int:
    """Delete pictures whose thumbnail is gone, covers nobody asked for in a month, and half-made ones. How many."""
    folder = storage.media_root() / _FOLDER
    found = list(folder.iterdir()) if folder.is_dir() else []
    return sum(_drop(path) for path in found if _needless(path))


def _kept(name: str, draw: Callable[[], Image.Image]) -> Path:
    path = storage.media_root() / _FOLDER / name
    try:
        if not path.is_file():
            with _drawing:
                if not path.is_file():
                    _write(path, _encoded(draw()))
    except (OSError, ValueError, SyntaxError, StorageError, Image.DecompressionBombError) as error:
        raise NoPicture from error
    return path


def _write(path: Path, data: bytes) -> None:
    """Aside, then renamed: nobody ever reads half a picture."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{uuid.uuid4().hex}.part")
    try:
        with aside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        aside.rename(path)
    finally:
        aside.unlink(missing_ok=True)


def _padded(path: Path) -> Image.Image:
    """The picture whole, on a dark and blurred enlargement of itself."""
    with Image.open(path, formats=("JPEG", "PNG", "WEBP")) as opened:
        if opened.width * opened.height > _MOST_PIXELS:
            raise ValueError("too many pixels")
        picture = opened.convert("RGB")
    small = picture.resize((70, 70), Image.Resampling.BOX, _middle_square(picture))
    ground = small.filter(ImageFilter.GaussianBlur(3)).point(lambda value: value // 2)
    square = ground.resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    scale = SIDE / max(picture.size)
    width, height = (max(1, round(side * scale)) for side in picture.size)
    square.paste(picture.resize((width, height), Image.Resampling.BICUBIC), ((SIDE - width) // 2, (SIDE - height) // 2))
    return square


def _middle_square(picture: Image.Image) -> tuple[float, float, float, float]:
    side = min(picture.size)
    left, top = (picture.width - side) / 2, (picture.height - side) / 2
    return left, top, left + side, top + side


def _encoded(picture: Image.Image) -> bytes:
    for quality in (85, 75, 60, 40, 20, 5):
        target = io.BytesIO()
        picture.save(target, "JPEG", quality=quality)
        if target.tell() <= MOST_BYTES:
            break
    return target.getvalue()


def _needless(path: Path) -> bool:
    with suppress(FileNotFoundError):
        age = time.time() - path.stat().st_mtime
        if path.suffix == ".part":
            return age > _ABANDONED
        if match := _OF_FILE.fullmatch(path.name):
            return not MediaFile.objects.filter(pk=int(match[1]), size=int(match[2])).exists()
        return path.name.startswith("cover-") and age > UNUSED
    return False


def _drop(path: Path) -> bool:
    with suppress(OSError):
        path.unlink()
        return True
    return False
