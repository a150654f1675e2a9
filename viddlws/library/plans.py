"""What will be moved where: the names for a job's files, chosen once and written down before the first one moves."""

import fcntl
import json
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

from viddlws.accounts.models import User
from viddlws.engine.messages import File, MediaInfo
from viddlws.library import durable, names
from viddlws.library.errors import StorageError
from viddlws.library.models import Leftover, MediaFile

JOBS = ".jobs"
PLAN = "placed.json"
_KNOWN = frozenset(  # what a file may end in; everything else is named by its type
    {"mp4", "m4v", "webm", "mkv", "mov", "m4a", "mp3", "ogg", "oga", "opus", "flac", "wav", "aac"}
    | {"jpg", "jpeg", "png", "webp", "vtt", "srt", "json"}
)
_BY_MIME = {
    "video/mp4": "mp4",
    "video/webm": "webm",
    "video/x-matroska": "mkv",
    "audio/mp4": "m4a",
    "audio/mpeg": "mp3",
    "image/jpeg": "jpg",
    "text/vtt": "vtt",
    "application/json": "json",
}


@dataclass(frozen=True)
class Placed:
    """A file of the library: what its row will hold. `path` is relative to the media folder, with /."""

    kind: str
    path: str
    size: int
    mime: str
    duration: float | None = None
    width: int | None = None
    height: int | None = None
    language: str = ""
    label: str = ""
    codecs: str = ""  # with commas between


@dataclass(frozen=True)
class Move:
    """One file of a plan: `source` is relative to the job's folder, `mark` is for temporary names."""

    source: str
    mark: str
    placed: Placed

    def aside(self, target: Path) -> Path:
        return target.parent / f".{self.mark}.part"


@contextmanager
def naming_lock(root: Path) -> Iterator[None]:
    """Held while names are chosen; ends with the process that holds it."""
    with (root / JOBS / ".naming").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def read(folder: Path) -> list[Move] | None:
    """The plan of a job; None when none was made."""
    try:
        plan = json.loads((folder / PLAN).read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return None
    return [Move(each["source"], each["mark"], Placed(**each["placed"])) for each in plan]


def write(folder: Path, moves: Sequence[Move]) -> None:
    durable.write(folder / PLAN, json.dumps([asdict(move) for move in moves], ensure_ascii=False))


def forget(folder: Path) -> None:
    (folder / PLAN).unlink(missing_ok=True)


def choose(
    root: Path, video_id: UUID, owner: User, info: MediaInfo, title: str, folder: Path, files: Sequence[File]
) -> list[Move]:
    """Names nobody has or plans to have: `[id]` in the brackets, more of our own id in it where that is taken."""
    sizes = [_size(folder, file) for file in files]
    parent = _folder(root, owner, info)
    own = video_id.hex
    site_id = names.component(info.extractor_id, longest=60, otherwise=own[:8]).translate({91: "(", 93: ")"})
    taken = _taken(root, folder, parent)
    for bracket in (site_id, f"{site_id}-{own[:8]}", f"{site_id}-{own}"):
        paths = [f"{parent}/{name}" for name in _file_names(title or info.title, bracket, files)]
        if not taken.intersection(map(names.key, paths)) and not _named(paths, video_id):
            return [
                Move(file.path, f"{folder.name}-{number}", _placed(file, path, size))
                for number, (file, path, size) in enumerate(zip(files, paths, sizes, strict=True))
            ]
    raise StorageError("Files of this video are already in the library.", "Delete the video, then try again.")


def _size(folder: Path, file: File) -> int:
    """Bytes of a finished file, which must be a plain file inside the job's folder."""
    path = folder / file.path
    if not path.resolve().is_relative_to(folder.resolve()):
        raise StorageError("The engine named a file that is not the job's own.", "Try the download again.")
    entry = path.lstat()
    if not stat.S_ISREG(entry.st_mode):
        raise StorageError("The engine handed over something that is not a file.", "Try the download again.")
    return entry.st_size


def _placed(file: File, path: str, size: int) -> Placed:
    return Placed(
        kind=file.kind,
        path=path,
        size=size,
        mime=file.mime,
        duration=file.duration,
        width=file.width,
        height=file.height,
        language=file.language[:35],
        label=file.label[:200],
        codecs=",".join(file.codecs)[:100],
    )


def _folder(root: Path, owner: User, info: MediaInfo) -> str:
    """`user/channel`; of folders that differ in case only, the one that is there."""
    user = names.component(owner.get_username(), otherwise=f"user {owner.pk}")
    site = urlsplit(info.webpage_url).hostname or ""
    channel = names.component(info.channel or site, otherwise="other")
    for entry in _entries(root / user):
        if names.key(entry) == names.key(channel):
            channel = entry
    return f"{user}/{channel}"


def _entries(folder: Path) -> list[str]:
    try:
        return [entry.name for entry in folder.iterdir()]
    except (FileNotFoundError, NotADirectoryError):
        return []


def _file_names(title: str, bracket: str, files: Sequence[File]) -> list[str]:
    """`title [id].ext`, subtitles with their language, and a number where two would be the same."""
    found: list[str] = []
    for file in files:
        ending = _ending(file)
        room = names.LONGEST - len(f" [{bracket}] 99{ending}".encode())
        stem = f"{names.component(title, longest=room)} [{bracket}]"
        name, number = f"{stem}{ending}", 2
        while name in found:
            name, number = f"{stem} {number}{ending}", number + 1
        found.append(name)
    return found


def _ending(file: File) -> str:
    given = Path(file.path).suffix[1:].lower()
    extension = given if given in _KNOWN else _BY_MIME.get(file.mime, "bin")
    if file.kind == "subtitle":
        return f".{names.component(file.language, longest=20, otherwise='und')}.{extension}"
    return f".info.{extension}" if file.kind == "info" else f".{extension}"


def _taken(root: Path, folder: Path, parent: str) -> set[str]:
    """Keys of paths that are on disk below `parent`, planned by another job, or about to be deleted."""
    taken = {names.key(f"{parent}/{name}") for name in _entries(root / parent)}
    taken.update(names.key(path) for path in Leftover.objects.values_list("path", flat=True))
    for plan in (root / JOBS).glob(f"*/{PLAN}"):
        if plan.parent != folder:
            taken.update(names.key(move.placed.path) for move in read(plan.parent) or [])
    return taken


def _named(paths: Sequence[str], video_id: UUID) -> bool:
    """Whether another video has one of the names, be its file lost or not."""
    return MediaFile.objects.filter(path__in=paths).exclude(video_id=video_id).exists()
