"""How the tests of the finaliser run it, and the clips they need beside those of the test site."""

import atexit
import shlex
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import av
import imageio_ffmpeg
from av.stream import Disposition

from tests.site import media
from viddlws.engine.finalise import Sidecar, Stream, finalise
from viddlws.engine.messages import File, Format, Job, MediaInfo, Step

FFMPEG = str(imageio_ffmpeg.get_ffmpeg_exe())
NO_FFMPEG = "/nonexistent/ffmpeg"  # for runs that must not need it

_PICTURE = "-f lavfi -i testsrc2=size=320x180:rate=25:duration=3"
_SOUND = "-f lavfi -i sine=frequency=440:duration=3"


@dataclass
class Finished:
    folder: Path
    files: tuple[File, ...]
    reports: list[tuple[Step, float]] = field(default_factory=list)

    def file(self, kind: str) -> File:
        (only,) = [file for file in self.files if file.kind == kind]
        return only

    def path(self, kind: str) -> Path:
        return self.folder / self.file(kind).path

    @property
    def kinds(self) -> list[str]:
        return [file.kind for file in self.files]


def finish(
    folder: Path,
    *sources: Path | tuple[Path, str],
    wanted: Format = Format.VIDEO,
    codec: str = "m4a",
    info: MediaInfo | None = None,
    subtitles: tuple[Sidecar, ...] = (),
    thumbnail: Path | None = None,
    ffmpeg: str = FFMPEG,
) -> Finished:
    """Finalise copies of `sources`, each a path (fetched as one file) or a path and a role."""
    streams = []
    for number, source in enumerate(sources):
        path, role = source if isinstance(source, tuple) else (source, "muxed")
        fetched = folder / f"media.f{number}{path.suffix}"
        if not fetched.exists():
            shutil.copy(path, fetched)
        streams.append(Stream(fetched, role))
    job = Job("job", "https://example.org/watch", str(folder), wanted, codec)
    result = Finished(folder, ())
    result.files = finalise(
        folder,
        job,
        info or MediaInfo(title="A film"),
        streams,
        subtitles,
        thumbnail,
        ffmpeg,
        lambda step, fraction: result.reports.append((step, fraction)),
    )
    return result


def site_clip(name: str) -> Path:
    """A clip of the test site: 12 seconds, 640x360 unless its name says otherwise."""
    return media.folder() / name


@cache
def clip(name: str, options: str, source: Path | None = None) -> Path:
    """A clip made with ffmpeg's `options` out of `source`, or of three seconds of test pattern and tone."""
    path = _folder() / name
    given = f"-i {shlex.quote(str(source))}" if source else f"{_PICTURE} {_SOUND}"
    command = [FFMPEG, "-v", "error", "-y", *shlex.split(given), *shlex.split(options), str(path)]
    subprocess.run(command, check=True, timeout=120, stderr=subprocess.DEVNULL)
    return path


@cache
def _folder() -> Path:
    folder = tempfile.TemporaryDirectory(prefix="viddlws-clips-")
    atexit.register(folder.cleanup)
    return Path(folder.name)


def content(path: Path) -> dict[str, Any]:
    """What a file holds, read by libav without the project's own code. `packets` are in the order of `tracks`."""
    with av.open(str(path)) as container:
        streams = [*container.streams.video, *container.streams.audio]
        packets = dict.fromkeys((stream.index for stream in streams), 0)
        for packet in container.demux(*streams):
            packets[packet.stream_index] += bool(packet.size)
        return {
            "tracks": [(stream.type, stream.codec_context.codec.canonical_name) for stream in streams],
            "packets": list(packets.values()),
            "channels": [stream.codec_context.channels for stream in container.streams.audio],
            "tags": dict(container.metadata),
            "chapters": container.chapters(),
            "subtitles": [stream.language for stream in container.streams.subtitles],
            "pictures": [stream for stream in streams if stream.disposition & Disposition.attached_pic],
        }


def top_boxes(path: Path) -> list[str]:
    """The names of an MP4's outermost boxes, in order."""
    data, at, names = path.read_bytes(), 0, []
    while at + 8 <= len(data):
        names.append(data[at + 4 : at + 8].decode("latin-1"))
        at += int.from_bytes(data[at : at + 4], "big") or len(data)
    return names
