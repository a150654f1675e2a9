"""The picture of a medium as `thumbnail.jpg`: from the site's own, a frame of the video, or the cover in the audio."""

import contextlib
import io
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import av.error
from PIL import Image, ImageOps, ImageStat

from viddlws.engine.media.probe import Media, opened
from viddlws.engine.media.writing import write_bytes

NAME = "thumbnail.jpg"
_LARGEST = (1280, 720)
_QUALITY = 85
_MOST_PIXELS = 50_000_000  # 8K has 33 million; a small file can claim billions
_MOST_BYTES = 50 << 20
_FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "GIF")
_PLACES = (0.1, 0.35, 0.6)  # of the duration; the next is tried when a frame is as good as black
_BLACK = 12  # mean brightness of 255
_MOST_PACKETS = 500  # read for one frame
Image.init()  # loads the plugins here, once, rather than in every process forked from this one
_BROKEN = (OSError, ValueError, SyntaxError, EOFError, ArithmeticError, Image.DecompressionBombError)


@dataclass(frozen=True)
class Picture:
    path: Path
    width: int
    height: int


def artwork(folder: Path, thumbnail: Path | None, media: Media | None) -> Picture | None:
    """Write it into `folder`; None when there is no usable picture: a missing one never fails a download.

    A `thumbnail` that is the very file we wrote before is taken as it is. Raises FinaliseError "disk-full" only.
    """
    if thumbnail == folder / NAME:
        with Image.open(thumbnail) as image:
            return Picture(thumbnail, image.width, image.height)
    found = _from_file(thumbnail) if thumbnail else None
    if not found and media and media.video:
        found = _from_video(media)
    if not found and media and media.cover:
        found = _from_cover(media)
    if not found:
        return None
    with Image.open(io.BytesIO(found)) as image:
        picture = Picture(folder / NAME, image.width, image.height)
    write_bytes(picture.path, found)
    return picture


def _from_file(path: Path) -> bytes | None:
    try:
        return _jpeg(path.read_bytes()) if 0 < path.stat().st_size <= _MOST_BYTES else None
    except OSError:
        return None


def _from_cover(media: Media) -> bytes | None:
    try:
        with opened(media.path) as container:
            for packet in container.demux():
                if packet.stream.disposition & av.stream.Disposition.attached_pic and 0 < packet.size <= _MOST_BYTES:
                    return _jpeg(bytes(packet))
                if packet.pts:
                    return None  # covers come before the first packet of sound
    except (av.error.FFmpegError, *_BROKEN):
        return None
    return None


def _from_video(media: Media) -> bytes | None:
    assert media.video
    image = None
    with contextlib.suppress(av.error.FFmpegError, *_BROKEN), opened(media.path) as container:
        for image in _frames(container, media):
            if ImageStat.Stat(image.resize((32, 18), Image.Resampling.NEAREST).convert("L")).mean[0] > _BLACK:
                break
    return _encoded(image) if image else None


def _frames(container: Any, media: Media) -> Iterator[Image.Image]:
    """One key frame near each of the places, upright; reads at most `_MOST_PACKETS` packets for each."""
    assert media.video
    stream = container.streams[media.video.index]
    context = stream.codec_context
    if not 0 < context.width * context.height <= _MOST_PIXELS:
        return
    context.thread_count = 1
    context.options = {"max_pixels": str(_MOST_PIXELS)}
    for place in _PLACES if media.duration > 1 else (0.0,):
        if media.duration:
            container.seek(int((container.start_time or 0) + media.duration * place * av.time_base))
        frame = _next_frame(container, stream) or _first_frame(container, stream)
        if frame is None:
            return
        # square pixels first: the frame is turned only afterwards, and probe's size is that of the upright picture
        turned = frame.rotation in {90, -90, 270, -270}
        size = (media.video.height, media.video.width) if turned else (media.video.width, media.video.height)
        scale = min(1.0, max(_LARGEST) / max(size))
        width, height = (max(2, round(side * scale)) for side in size)
        # one thread: starting others costs more than so small a picture
        image = frame.to_image(width=width, height=height, interpolation="BILINEAR", threads=1)
        yield image.rotate(frame.rotation, expand=True) if frame.rotation else image


def _first_frame(container: Any, stream: Any) -> Any:
    """For containers without an index, such as MPEG-TS, where no key frame may follow the place looked for."""
    container.seek(min(0, container.start_time or 0))
    return _next_frame(container, stream)


def _next_frame(container: Any, stream: Any) -> Any:
    """Decode the next key frame and drain the decoder at once, which otherwise wants more frames to sort them."""
    for number, packet in enumerate(container.demux(stream)):
        if packet.size and packet.is_keyframe:
            for frame in [*stream.codec_context.decode(packet), *stream.codec_context.decode(None)]:
                return frame
        if number > _MOST_PACKETS:
            return None
    return None


def _jpeg(data: bytes) -> bytes | None:
    """Decode a picture of unknown origin, its first frame only, and write it anew."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
                if image.width * image.height > _MOST_PIXELS:
                    return None
                image.draft("RGB", _LARGEST)
                ImageOps.exif_transpose(image, in_place=True)
                return _encoded(image)
    except _BROKEN:
        return None


def _encoded(image: Image.Image) -> bytes:
    """Transparent parts become black, as the pages that show it are."""
    if image.mode not in {"RGB", "L"}:
        opaque = Image.new("RGB", image.size)
        clear = image.convert("RGBA")
        opaque.paste(clear, mask=clear.getchannel("A"))
        image = opaque
    image.thumbnail(_LARGEST, reducing_gap=2.0)
    image = image if image.mode == "RGB" else image.convert("RGB")
    image.info.clear()  # comments, places and thumbnails of thumbnails
    target = io.BytesIO()
    image.save(target, "JPEG", quality=_QUALITY)
    return target.getvalue()
