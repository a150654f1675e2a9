"""Which files come out of the fetched streams, and what is copied or re-encoded into each. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from viddlws.engine.media.material import FinaliseError
from viddlws.engine.media.probe import Media, Track
from viddlws.engine.messages import Format, Job, Render

# Safari and podcast players play these two pictures, and beside them only these two sounds
_EVERYWHERE = {"h264", "hevc"}
_EVERYWHERE_SOUND = {"aac", "mp3"}
_MODERN = {"vp9", "av1"}
_MODERN_SOUND = {"aac", "mp3", "opus", "flac"}
_WEBM_SOUND = {"opus", "vorbis"}

_VIDEO = {"mp4": ("mp4", "video/mp4"), "webm": ("webm", "video/webm"), "mkv": ("matroska", "video/x-matroska")}
_AUDIO = {"m4a": ("ipod", "audio/mp4"), "mp3": ("mp3", "audio/mpeg")}
_MP3_ENCODER = "libmp3lame"
_H264_ENCODER = "libx264"
_PLAIN_PIXELS = {"yuv420p", "yuvj420p"}  # H.264 of any other is for editing
_WIDEST = 16 / 9  # of the largest picture


@dataclass(frozen=True)
class Take:
    media: Media
    track: Track
    encoder: str = ""  # ffmpeg's name; empty: copied
    size: tuple[int, int] | None = None  # width and height to encode a picture in


@dataclass(frozen=True)
class Output:
    kind: str  # "video" or "audio"
    name: str
    muxer: str  # ffmpeg's name
    mime: str
    takes: tuple[Take, ...]  # become the streams 0, 1 ... of the file

    @property
    def as_is(self) -> bool:
        """One source is already all of this, ready to be played while it loads."""
        media = self.takes[0].media
        if any(take.encoder or take.media.path != media.path for take in self.takes):
            return False
        if self.muxer == "mp3":
            return media.container == "mp3"
        if self.muxer == "ipod" and media.video:
            return False
        return self.muxer in {"mp4", "ipod"} and _is_fine_mp4(media)


def planned(job: Job | Render, sources: Sequence[tuple[Media, str]]) -> tuple[Output, ...]:
    """`sources` are probed files with the role they were fetched for. A rendering has one output, in its one form.

    A link without picture gives its sound even when a video was asked for, and one without sound its picture when
    both were. Raises FinaliseError "not-media" when sound alone was asked for and there is none.
    """
    video = _picked(sources, "video")
    audio = _picked(sources, "audio")
    if isinstance(job, Render) and job.format is Format.VIDEO:
        return (_everywhere_output(video, audio, job.max_height),)
    if job.format is Format.AUDIO and not audio:
        raise FinaliseError("not-media", "The video has no sound.")
    outputs = []
    if video and job.format is not Format.AUDIO:
        outputs.append(_video_output(video, audio))
    if audio and (job.format is not Format.VIDEO or not video):
        outputs.append(_audio_output(audio, job.audio_codec if isinstance(job, Job) else "m4a"))
    return tuple(outputs)


def _picked(sources: Sequence[tuple[Media, str]], kind: str) -> Take | None:
    """From the file that was fetched for it when there is one, else from any."""
    for media, _ in sorted(sources, key=lambda source: source[1] != kind):
        track = media.video if kind == "video" else media.audio
        if track:
            return Take(media, track)
    return None


def _video_output(video: Take, audio: Take | None) -> Output:
    """The picture is never re-encoded; sound is when the picture plays everywhere and the sound would not."""
    extension, encoder = _video_container(video, audio.track.codec if audio else "")
    muxer, mime = _VIDEO[extension]
    takes = (video, Take(audio.media, audio.track, encoder)) if audio else (video,)
    return Output("video", f"video.{extension}", muxer, mime, takes)


def _everywhere_output(video: Take | None, audio: Take | None, height: int) -> Output:
    """H.264 and AAC whatever it was, copied where it is that already."""
    if not video:
        raise FinaliseError("not-media", "The file has no picture.")
    plain = video.track.codec == "h264" and video.track.pixels in _PLAIN_PIXELS
    takes = [video if plain else replace(video, encoder=_H264_ENCODER, size=_fitted(video.track, height))]
    if audio:
        takes.append(audio if audio.track.codec == "aac" else replace(audio, encoder="aac"))
    muxer, mime = _VIDEO["mp4"]
    return Output("video", "video.mp4", muxer, mime, tuple(takes))


def _fitted(track: Track, height: int) -> tuple[int, int]:
    """Width and height, both even, with the shorter side at most `height`; never larger than it was."""
    short, long = sorted((track.width, track.height))
    scale = min(1.0, height / short, height * _WIDEST / long)
    return max(2, round(track.width * scale / 2) * 2), max(2, round(track.height * scale / 2) * 2)


def _video_container(video: Take, sound: str) -> tuple[str, str]:
    """The file's extension and the encoder for its sound."""
    picture = video.track.codec
    if picture in _EVERYWHERE:
        return "mp4", "" if sound in {"", *_EVERYWHERE_SOUND} else "aac"
    if picture in _MODERN:
        if sound == "vorbis":
            return "webm", ""
        return "mp4", "" if sound in {"", *_MODERN_SOUND} else "aac"
    if picture == "vp8" and sound in {"", *_WEBM_SOUND}:
        return "webm", ""
    return "mkv", ""


def _audio_output(audio: Take, wanted: str) -> Output:
    """MP3 stays MP3 even when m4a was asked for: it plays everywhere, and re-encoding would only lose."""
    extension = "mp3" if "mp3" in {wanted, audio.track.codec} else "m4a"
    native, encoder = ("mp3", _MP3_ENCODER) if extension == "mp3" else ("aac", "aac")
    muxer, mime = _AUDIO[extension]
    take = Take(audio.media, audio.track, "" if audio.track.codec == native else encoder)
    return Output("audio", f"audio.{extension}", muxer, mime, (take,))


def _is_fine_mp4(media: Media) -> bool:
    boxes = media.boxes
    if not boxes or not boxes.index_first or boxes.fragmented or boxes.brand in {"", "qt"}:
        return False
    # Apple's players refuse HEVC under its other name
    return not media.video or media.video.tag not in {"hev1", "dvhe"}
