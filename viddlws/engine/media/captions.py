"""Subtitles of any format to `subtitle.<language>.vtt`, one a language, those by people before automatic ones."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from viddlws.engine.media import ffmpeg as program
from viddlws.engine.media.cues import cues_in, webvtt
from viddlws.engine.media.material import FinaliseError, Sidecar
from viddlws.engine.media.writing import write_text

# The demuxers that read subtitles and nothing else; the formats `cues` cannot read go through them
_FORMATS = "ass,srt,webvtt,microdvd,mpl2,mpsub,sami,subviewer,subviewer1,lrc,jacosub,pjs,realtext,vplayer,aqtitle,stl"
_BOMS = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig"))
_LARGEST = 20 << 20  # bytes; three hours of speech are about 300 kB
_MOST = 50  # languages


@dataclass(frozen=True)
class Caption:
    path: Path
    language: str
    label: str


def captions(folder: Path, sidecars: Sequence[Sidecar], until: float, ffmpeg: str) -> tuple[Caption, ...]:
    """Write them into `folder`. Cues after `until` seconds and files that hold no other are left out: subtitles
    never fail a download.

    Raises FinaliseError "disk-full" only.
    """
    made: dict[str, Caption] = {}
    for sidecar in sorted(sidecars, key=lambda one: one.automatic):
        language = tidy_language(sidecar.language)
        if language in made or len(made) == _MOST:
            continue
        text = _converted(folder, sidecar.path, until, ffmpeg)
        if text:
            path = folder / f"subtitle.{language}.vtt"
            write_text(path, text)
            made[language] = Caption(path, language, _label(sidecar, language))
    return tuple(made.values())


def tidy_language(language: str) -> str:
    """A language tag that is safe in a file name; "und" (undetermined) when nothing is left."""
    return re.sub(r"[^A-Za-z0-9]+", "-", language)[:35].strip("-") or "und"


def _label(sidecar: Sidecar, language: str) -> str:
    label = re.sub(r"[\x00-\x1f\x7f\ud800-\udfff]", "", sidecar.label)[:100].strip() or language
    return f"{label} (automatic)" if sidecar.automatic and "auto" not in label.lower() else label


def _converted(folder: Path, path: Path, until: float, ffmpeg: str) -> str:
    try:
        if not 0 < path.stat().st_size <= _LARGEST:
            return ""
        cues = cues_in(_decoded(path.read_bytes()))
    except OSError:
        return ""
    if cues is None:
        cues = cues_in(_through_ffmpeg(folder, path, ffmpeg))
    kept = [replace(cue, end=min(cue.end, until)) for cue in cues or () if cue.start < until]
    return webvtt(kept) if kept else ""


def _decoded(data: bytes) -> str:
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _through_ffmpeg(folder: Path, path: Path, ffmpeg: str) -> str:
    source, target = folder / "subtitle.in.tmp", folder / "subtitle.out.tmp"
    try:
        write_text(source, _decoded(path.read_bytes()))
        reading = ["-protocol_whitelist", "file,pipe", "-format_whitelist", _FORMATS, "-i", f"file:{source.absolute()}"]
        program.run(ffmpeg, [*reading, "-map", "0:s:0", "-c:s", "webvtt", "-f", "webvtt", f"file:{target}"], folder)
        return target.read_text(errors="replace")
    except FinaliseError as error:
        if error.kind == "disk-full":
            raise
        return ""
    finally:
        source.unlink(missing_ok=True)
        target.unlink(missing_ok=True)
