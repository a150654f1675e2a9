"""Fetched streams to finished files: one ffmpeg run at most, everything checked, every name given by a rename.

Runs in the job's own sandboxed process and writes only in the job's folder. The sources stay, so a run that was
killed at any instant is simply done again.
"""

import errno
import json
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

from viddlws.engine.media import ffmpeg as program
from viddlws.engine.media.artwork import Picture, artwork
from viddlws.engine.media.captions import Caption, captions
from viddlws.engine.media.command import Extras, arguments
from viddlws.engine.media.ffmetadata import ffmetadata, usable
from viddlws.engine.media.material import FinaliseError, Sidecar, Stream, disk_full, is_disk_full
from viddlws.engine.media.plan import Output, Take, planned
from viddlws.engine.media.probe import Media, Tally, check_whole, probe, tally
from viddlws.engine.media.writing import aside, settle, write_text
from viddlws.engine.messages import File, Job, MediaInfo, Render, Step

__all__ = ["FinaliseError", "Sidecar", "Stream", "finalise"]

Report = Callable[[Step, float], None]
Counts = dict[Path, dict[int, Tally]]

_SLACK = 5.0  # seconds that subtitles and chapters may outlast the medium; longer ones would stretch it
_TEMPORARY = ("video.*.tmp", "audio.*.tmp", "subtitle.*.tmp", "thumbnail.jpg.tmp", "info.json.tmp", "metadata.tmp")
# Where the run begins and ends in the whole, by measured shares of the time: copying is about as quick as counting
_COPYING = (0.2, 0.85)
_ENCODING = (0.02, 0.98)


@dataclass(frozen=True)
class Made:
    output: Output
    media: Media
    duration: float


def finalise(
    folder: Path,
    job: Job | Render,
    info: MediaInfo,
    streams: Sequence[Stream],
    subtitles: Sequence[Sidecar],
    thumbnail: Path | None,
    ffmpeg: str,
    report: Report,
) -> tuple[File, ...]:
    """Write the files `job` asks for into `folder` and describe them: video, audio, thumbnail, subtitles, info.

    `report` gets the step and the fraction done of all the finalising, 0 to 1, never falling. Raises FinaliseError;
    then no file that is not whole has its final name.
    """
    folder = folder.absolute()
    _clear(folder)
    try:
        sources = [(probe(stream.path), stream.role) for stream in streams]
        outputs = planned(job, sources)
        share = _ENCODING if any(take.encoder for output in outputs for take in output.takes) else _COPYING
        counts = _counted(outputs, lambda done: report(Step.CHECKING, done * share[0]))
        picture = artwork(folder, thumbnail, _pictured(sources))
        until = _length(outputs, counts) + _SLACK
        info = replace(info, chapters=usable(info.chapters, until))
        texts = captions(folder, subtitles, until, ffmpeg)
        as_is, joined = _sorted_out(outputs, info, texts, picture)
        made = [_linked(folder, output, counts) for output in as_is]
        if joined:
            _join(folder, joined, info, texts, picture, ffmpeg, _between(report, joined, share))
            made += [_checked(folder, output, counts) for output in joined]
        report(Step.CHECKING, share[1])
        files = _published(folder, made, picture, texts, info)
        report(Step.CHECKING, 1.0)
        return files
    except OSError as error:
        if is_disk_full(error):
            raise disk_full() from error
        raise
    finally:
        _clear(folder)


def _clear(folder: Path) -> None:
    for pattern in _TEMPORARY:
        for left in folder.glob(pattern):
            left.unlink(missing_ok=True)


def _counted(outputs: Sequence[Output], tick: Callable[[float], None]) -> Counts:
    """Count every source that is used, once; raise "damaged" when one is not whole."""
    media = dict.fromkeys(take.media for output in outputs for take in output.takes)
    counts: Counts = {}
    for number, one in enumerate(media):
        counts[one.path] = tally(one, partial(_tick, tick, number, len(media)))
        check_whole(one, counts[one.path])
        tick((number + 1) / len(media))
    return counts


def _tick(tick: Callable[[float], None], before: int, parts: int, done: float) -> None:
    tick((before + done) / parts)


def _length(outputs: Sequence[Output], counts: Counts) -> float:
    return max(counts[take.media.path][take.track.index].most for output in outputs for take in output.takes)


def _pictured(sources: Iterable[tuple[Media, str]]) -> Media | None:
    """The source a picture can be taken from."""
    candidates = [media for media, _ in sources if media.video or media.cover]
    return max(candidates, key=lambda media: media.video is not None, default=None)


def _sorted_out(
    outputs: Sequence[Output], info: MediaInfo, texts: Sequence[Caption], picture: Picture | None
) -> tuple[list[Output], list[Output]]:
    """Those whose source is already all that is wanted, and those that ffmpeg must write."""

    def has_all(output: Output) -> bool:
        media = output.takes[0].media
        missing = texts if output.kind == "video" else picture and not media.cover
        return output.as_is and not missing and (bool(media.chapters) or not info.chapters)

    return [output for output in outputs if has_all(output)], [output for output in outputs if not has_all(output)]


def _linked(folder: Path, output: Output, counts: Counts) -> Made:
    media = output.takes[0].media
    target = aside(folder / output.name)
    try:
        target.hardlink_to(media.path)
    except OSError as error:
        if error.errno not in {errno.EPERM, errno.EXDEV, errno.EMLINK, errno.ENOTSUP, errno.EACCES}:
            raise
        shutil.copyfile(media.path, target)
    counted = counts[media.path]
    return Made(output, media, max(counted[take.track.index].span for take in output.takes))


def _join(
    folder: Path,
    outputs: Sequence[Output],
    info: MediaInfo,
    texts: tuple[Caption, ...],
    picture: Picture | None,
    ffmpeg: str,
    progress: Callable[[float], None],
) -> None:
    metadata = folder / "metadata.tmp"
    metadata.write_text(ffmetadata(info), encoding="utf-8", errors="replace")
    extras = Extras(metadata, bool(info.chapters), texts, picture.path if picture else None)
    program.run(ffmpeg, arguments(folder, outputs, extras), folder, progress)
    if program.is_nearly_full(folder):
        raise disk_full()  # ffmpeg before version 6 does not say so


def _between(report: Report, outputs: Sequence[Output], share: tuple[float, float]) -> Callable[[float], None]:
    """Seconds of output to a fraction of the whole."""
    encoding = any(take.encoder for output in outputs for take in output.takes)
    step = Step.CONVERTING if encoding else Step.JOINING
    duration = max((take.media.duration for output in outputs for take in output.takes), default=0.0)
    first, last = share
    report(step, first)
    reached = first

    def progress(seconds: float) -> None:
        nonlocal reached
        if duration > 0:
            reached = max(reached, first + (last - first) * min(1.0, seconds / duration))
        report(step, reached)

    return progress


def _checked(folder: Path, output: Output, counts: Counts) -> Made:
    """Read what ffmpeg wrote and hold it against what went in; a full disk or a crash shows here at the latest."""
    media = probe(aside(folder / output.name))
    held = tally(media)
    for index, take in enumerate(output.takes):
        if index not in held or _is_short(take, counts[take.media.path][take.track.index], held[index]):
            raise FinaliseError("damaged", "The finished file is shorter than what was fetched.")
    return Made(output, media, max(held[index].span for index in range(len(output.takes))))


def _is_short(take: Take, before: Tally, after: Tally) -> bool:
    """A copy may lose a few packets and no more: ffmpeg leaves out what lies outside the source's edit list, packets
    before the first key frame of a later part, and joins VP9's hidden frames to the shown ones. A re-encoded sound has
    other packets altogether, so its length counts; encoders drop up to a frame at either end."""
    if take.encoder:
        return after.most < before.least - max(0.5, before.least * 0.01)
    return after.packets < before.packets - max(3, before.packets // 100)


def _published(
    folder: Path, made: Sequence[Made], picture: Picture | None, texts: Sequence[Caption], info: MediaInfo
) -> tuple[File, ...]:
    files = []
    for one in made:
        path = folder / one.output.name
        aside(path).rename(path)
        track = one.media.video if one.output.kind == "video" else None
        size, duration = path.stat().st_size, round(one.duration, 3)
        width, height = (track.width, track.height) if track else (None, None)
        codecs = tuple(each.codec for each in (track, one.media.audio) if each)
        files.append(File(one.output.kind, path.name, size, one.output.mime, duration, width, height, codecs=codecs))
    if picture:
        size = picture.path.stat().st_size
        files.append(
            File("thumbnail", picture.path.name, size, "image/jpeg", width=picture.width, height=picture.height)
        )
    for text in texts:
        size = text.path.stat().st_size
        files.append(File("subtitle", text.path.name, size, "text/vtt", language=text.language, label=text.label))
    record = folder / "info.json"
    write_text(record, json.dumps(asdict(info) | {"files": [asdict(file) for file in files]}, ensure_ascii=False))
    settle([folder / file.path for file in files] + [record])
    return (*files, File("info", record.name, record.stat().st_size, "application/json"))
