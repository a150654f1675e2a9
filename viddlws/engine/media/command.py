"""The arguments of the one ffmpeg run that writes every output of a job. Pure.

Nothing that a stranger wrote becomes an option: paths begin with `file:`, and texts travel in files or as the value of
a `-metadata` argument, which ffmpeg takes as it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from viddlws.engine.media.captions import Caption
from viddlws.engine.media.languages import three_letters
from viddlws.engine.media.plan import Output, Take
from viddlws.engine.media.probe import MEDIA_FORMATS, PROTOCOLS
from viddlws.engine.media.writing import aside

_WITHOUT_TIMES = {"avi", "mpeg", "h264", "hevc", "mpegvideo", "m4v", "obu"}  # their packets may carry no time stamps
_SUBTITLE_CODECS = {"mp4": "mov_text", "matroska": "webvtt", "webm": "webvtt"}
_BITS_PER_CHANNEL = 80_000
_MOST_CHANNELS = 6
_THREADS = "4"  # of one decoder or encoder of pictures: each costs memory, of which a job has little


@dataclass(frozen=True)
class Extras:
    metadata: Path  # an ffmetadata file
    chapters: bool  # it has chapters; without them those of the source stay
    captions: tuple[Caption, ...] = ()
    cover: Path | None = None  # a JPEG


def arguments(folder: Path, outputs: Sequence[Output], extras: Extras) -> list[str]:
    media = list(dict.fromkeys(take.media for output in outputs for take in output.takes))
    result: list[str] = []
    encoding = any(take.size for output in outputs for take in output.takes)
    for one in media:
        result += ["-threads", _THREADS] if encoding else []
        result += ["-fflags", "+genpts"] if one.container in _WITHOUT_TIMES else []
        result += _input(one.path, "-format_whitelist", MEDIA_FORMATS)
    numbers = {one.path: number for number, one in enumerate(media)}
    captions = extras.captions if any(output.kind == "video" for output in outputs) else ()
    for caption in captions:
        result += _input(caption.path, "-f", "webvtt")
    cover = extras.cover if any(output.kind == "audio" for output in outputs) else None
    result += _input(cover, "-f", "jpeg_pipe") if cover else []
    result += _input(extras.metadata, "-f", "ffmetadata")
    last = len(media) + len(captions) + (1 if cover else 0)
    for output in outputs:
        result += _streams(output, numbers)
        if output.kind == "video":
            result += _subtitles(output, captions, len(media))
        elif cover:
            number = len(media) + len(captions)
            result += ["-map", f"{number}:v:0", "-c:v", "copy", "-disposition:v:0", "attached_pic"]
        result += ["-map_metadata", str(last), *(["-map_chapters", str(last)] if extras.chapters else [])]
        result += [*_muxer(output), f"file:{aside(folder / output.name)}"]
    return result


def _input(path: Path, option: str, value: str) -> list[str]:
    return ["-protocol_whitelist", PROTOCOLS, option, value, "-i", f"file:{path.absolute()}"]


def _streams(output: Output, numbers: dict[Path, int]) -> list[str]:
    result = []
    for place, take in enumerate(output.takes):
        result += ["-map", f"{numbers[take.media.path]}:{take.track.index}"]
        result += [f"-c:{place}", take.encoder or "copy", *_encoding(place, take)]
        if take.track.codec == "hevc" and output.muxer == "mp4" and not take.encoder:
            result += [f"-tag:{place}", "hvc1"]
    return result


def _encoding(place: int, take: Take) -> list[str]:
    if take.size:
        shape = f"scale={take.size[0]}:{take.size[1]},setsar=1,format=yuv420p"
        quality = [f"-preset:{place}", "veryfast", f"-crf:{place}", "22", f"-threads:{place}", _THREADS]
        return [f"-filter:{place}", shape, f"-fps_mode:{place}", "vfr", *quality]
    if take.encoder == "aac":
        channels = min(take.track.channels, _MOST_CHANNELS)
        return [f"-ac:{place}", str(channels), f"-b:{place}", str(channels * _BITS_PER_CHANNEL)]
    if take.encoder:  # MP3: two channels at most; quality 2 is about 190 kbit/s
        return [f"-ac:{place}", str(min(take.track.channels, 2)), f"-q:{place}", "2"]
    return []


def _subtitles(output: Output, captions: Sequence[Caption], first: int) -> list[str]:
    result = []
    for number, caption in enumerate(captions):
        result += ["-map", f"{first + number}:s:0", f"-metadata:s:s:{number}", f"title={caption.label}"]
        result += [f"-metadata:s:s:{number}", f"language={three_letters(caption.language)}"]
    return [*result, "-c:s", _SUBTITLE_CODECS[output.muxer]] if captions else []


def _muxer(output: Output) -> list[str]:
    options = {"mp4": ["-movflags", "+faststart"], "ipod": ["-movflags", "+faststart"], "mp3": ["-id3v2_version", "3"]}
    return [*options.get(output.muxer, []), "-f", output.muxer]
