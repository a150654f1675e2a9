"""What is in a media file, read in process with PyAV; every fault of a hostile file becomes a `FinaliseError`.

Only demuxers of real media containers are let in: a "video" that is really a playlist or a list of files
(HLS, DASH, concat, SDP ...) would make libav open whatever it names.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import av
import av.container
import av.error
import av.stream

from viddlws.engine.media.boxes import Layout, layout
from viddlws.engine.media.material import FinaliseError, disk_full, is_disk_full

MEDIA_FORMATS = (
    "mov,matroska,webm,mpegts,mpeg,flv,live_flv,avi,asf,ogg,mp3,aac,loas,ac3,eac3,wav,w64,aiff,caf,flac,ape,wv,tta,amr,"
    "mxf,rm,nut,ivf,dv,h264,hevc,mpegvideo,m4v,obu,opus,mp2"
)
PROTOCOLS = "file,pipe"

_MAGIC = (b"\x1aE\xdf\xa3", b"OggS", b"FLV\x01", b"fLaC", b"ID3")
_RIFF = {b"WAVE", b"AVI "}
# Containers with a duration in the header that a writer knew when the file was finished. For the others libav
# reckons it from the size and the bit rate, or from the last time stamp, which says nothing about missing data.
_HONEST = {"mov", "matroska", "flac"}
_STILLS = {"avif", "avis", "heic", "heix", "hevc", "mif1", "msf1"}  # pictures in an MP4's clothes
_TICK = 4096  # packets between two reports


@dataclass(frozen=True)
class Track:
    """`width` and `height` are as shown: turned upright and with square pixels."""

    index: int
    kind: Literal["video", "audio"]
    codec: str
    tag: str  # the container's name for the codec, such as "avc1"
    width: int = 0
    height: int = 0
    channels: int = 0
    preferred: bool = False
    pixels: str = ""  # ffmpeg's name of their format


@dataclass
class Tally:
    """What a stream really holds. `packets` begins at the first key frame of a video, as a copy does."""

    packets: int = 0
    start: float = 0.0
    end: float = 0.0
    playing: float = 0.0  # the packets' own lengths together; 0 when they carry none

    @property
    def span(self) -> float:
        return self.end - self.start

    @property
    def least(self) -> float:
        """Seconds it surely plays: joined pieces may jump in time, forwards (then the span lies) or back."""
        return min(self.span, self.playing) if self.playing else self.span

    @property
    def most(self) -> float:
        return max(self.span, self.playing)


@dataclass(frozen=True)
class Media:
    path: Path
    container: str  # libav's first name for it: "mov" (also for MP4), "matroska" (also for WebM), "mpegts", "mp3" ...
    duration: float  # seconds as the header claims, 0 when unknown
    video: Track | None
    audio: Track | None
    cover: bool  # has an attached picture
    chapters: int
    boxes: Layout | None = None
    counted: dict[int, Tally] = field(default_factory=dict, hash=False)  # filled where counting costs nothing


def opened(path: Path) -> av.container.InputContainer:
    """Raises av.error.FFmpegError, OSError or ValueError."""
    limits = {"format_whitelist": MEDIA_FORMATS, "protocol_whitelist": PROTOCOLS}
    return av.open(f"file:{path.absolute()}", options=limits, metadata_errors="replace")


def probe(path: Path) -> Media:
    """Raises FinaliseError: "not-media" when there is neither picture nor sound, "damaged" when it is cut short."""
    outline = layout(path)
    try:
        with opened(path) as container:
            media = _described(path, container, outline)
    except (av.error.FFmpegError, OSError, ValueError) as error:
        if is_disk_full(error):
            raise disk_full() from error
        raise _unreadable(path, outline) from error
    still = outline is not None and outline.brand in _STILLS
    if still or (not media.video and not media.audio):
        raise FinaliseError("not-media", "The link leads to a file with neither picture nor sound.")
    if outline and outline.cut:
        raise FinaliseError("damaged", "The file is cut short: its end is missing.")
    return media


def tally(media: Media, tick: Callable[[float], None] = lambda fraction: None) -> dict[int, Tally]:
    """Count the packets of each stream of the file. `tick` gets the fraction read so far."""
    if media.counted:
        return media.counted
    try:
        with opened(media.path) as container:
            return _demuxed(container, max(1, media.path.stat().st_size), tick)
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise FinaliseError("damaged", "The file is damaged: it cannot be read to its end.", str(error)) from error


def check_whole(media: Media, counted: dict[int, Tally]) -> None:
    """Raise "damaged" when the packets end far before the duration in the header, or there are none at all."""
    wanted = [track.index for track in (media.video, media.audio) if track]
    if not any(index in counted and counted[index].packets for index in wanted):
        raise FinaliseError("damaged", "The file holds no media data.")
    end = max(one.end for one in counted.values())
    honest = media.container in _HONEST or (media.container == "mp3" and _says_length(media.path))
    if honest and end < media.duration * 0.9 and end < media.duration - 2:
        raise FinaliseError("damaged", f"The file is cut short: {end:.0f} of {media.duration:.0f} seconds are there.")


def _says_length(path: Path) -> bool:
    """Whether an MP3 begins with a Xing or Info frame, which counts the frames that follow."""
    with path.open("rb") as file:
        head = file.read(10)
        if head.startswith(b"ID3"):
            size = 0
            for byte in head[6:]:
                size = size << 7 | byte & 0x7F
            file.seek(10 + size)
        first = head + file.read(200)
    return b"Xing" in first or b"Info" in first


def _described(path: Path, container: av.container.InputContainer, outline: Layout | None) -> Media:
    name = container.format.name.partition(",")[0]
    pictures = _known(container.streams.video)
    covers = [stream for stream in pictures if stream.disposition & av.stream.Disposition.attached_pic]
    videos = [_picture(stream) for stream in pictures if stream not in covers and stream.width and stream.height]
    audios = [_sound(stream) for stream in _known(container.streams.audio)]
    video = max(videos, key=lambda track: (track.preferred, track.width * track.height), default=None)
    if video and (outline.turned if outline else name == "matroska" and _first_frame_turned(container, video.index)):
        video = replace(video, width=video.height, height=video.width)
    return Media(
        path=path,
        container=name,
        duration=(container.duration or 0) / av.time_base,
        video=video,
        audio=max((track for track in audios if track.channels), key=lambda track: track.preferred, default=None),
        cover=bool(covers),
        chapters=len(container.chapters()),
        boxes=outline,
        counted=_indexed(container, path) if name == "mov" and outline and not outline.fragmented else {},
    )


def _known(streams: Iterable[Any]) -> list[Any]:
    """The streams whose codec libav knows; for the others it makes no context."""
    return [stream for stream in streams if stream.codec_context is not None]


def _picture(stream: Any) -> Track:
    ratio = float(stream.sample_aspect_ratio or 0) or 1.0
    width = round(stream.width * ratio) if 0.1 < ratio < 10 else stream.width
    return Track(**_common(stream), kind="video", width=width, height=stream.height, pixels=_pixels(stream))


def _pixels(stream: Any) -> str:
    return stream.codec_context.pix_fmt or ""


def _sound(stream: Any) -> Track:
    channels = stream.codec_context.channels if stream.codec_context.sample_rate else 0
    return Track(**_common(stream), kind="audio", channels=channels)


def _common(stream: Any) -> dict[str, Any]:
    context = stream.codec_context
    # `context.name` would be the decoder's name, such as "libdav1d" or "mp3float"
    codec = context.codec.canonical_name
    preferred = bool(stream.disposition & av.stream.Disposition.default)
    return {"index": stream.index, "codec": codec, "tag": context.codec_tag, "preferred": preferred}


def _first_frame_turned(container: av.container.InputContainer, index: int) -> bool:
    """Matroska keeps the turn where only a decoded frame shows it."""
    stream = container.streams[index]
    if stream.codec_context.codec.canonical_name not in {"h264", "hevc"}:
        return False  # only cameras turn pictures, and they write these
    stream.codec_context.thread_count = 1
    try:
        frame = next(container.decode(video=0), None)
    except (av.error.FFmpegError, ValueError):
        return False
    return frame is not None and abs(frame.rotation) in {90, 270}


def _indexed(container: av.container.InputContainer, path: Path) -> dict[int, Tally]:
    """An MP4 is read by its sample table alone, so counting the samples that lie inside the file is what demuxing
    it would count, at a tenth of the work and without reading a gigabyte again."""
    size = path.stat().st_size
    result: dict[int, Tally] = {}
    for stream in container.streams:
        if stream.type not in {"video", "audio"} or stream.disposition & av.stream.Disposition.attached_pic:
            continue
        one, base, first, last, keyed = Tally(), float(stream.time_base or 0), 0, 0, stream.type != "video"
        for entry in stream.index_entries:
            if entry.pos < 0 or entry.pos + entry.size > size:
                raise FinaliseError("damaged", "The file is cut short: media its index names is missing.")
            keyed = keyed or bool(entry.flags & 1)
            if keyed:
                first = entry.timestamp if not one.packets else first
                last, one.packets = max(last, entry.timestamp), one.packets + 1
        gap = (last - first) / (one.packets - 1) if one.packets > 1 else 0.0  # the last sample's length, roughly
        one.start, one.end = first * base, (last + gap) * base
        result[stream.index] = one
    return result


def _demuxed(container: av.container.InputContainer, size: int, tick: Callable[[float], None]) -> dict[int, Tally]:
    result: dict[int, Tally] = {}
    for number, packet in enumerate(container.demux()):
        if not packet.size:
            continue
        one = result.setdefault(packet.stream_index, Tally())
        stamp = packet.pts if packet.pts is not None else packet.dts
        if not one.packets and packet.stream.type == "video" and not packet.is_keyframe:
            continue
        length = float((packet.duration or 0) * (packet.time_base or 0))
        if stamp is not None and packet.time_base:
            at = float(stamp * packet.time_base)
            one.start = at if not one.packets else min(one.start, at)
            one.end = max(one.end, at + length)
        one.playing += length
        one.packets += 1
        if number % _TICK == 0 and packet.pos:
            tick(min(1.0, packet.pos / size))
    return result


def _unreadable(path: Path, outline: Layout | None) -> FinaliseError:
    with path.open("rb") as file:
        head = file.read(12)
    if outline or not head or head.startswith(_MAGIC) or (head.startswith(b"RIFF") and head[8:] in _RIFF):
        return FinaliseError("damaged", "The file is damaged or cut short: it cannot be read.")
    return FinaliseError("not-media", "The link leads to a file that is neither video nor audio.")
