"""Continuing a download that was cut off at any instant, without ever mixing two files or doubling a byte.

How the pieces are used, in this order:

1. once in the zygote: `patch(yt_dlp)`. If it raises `PatchError`, yt-dlp has changed: run with `continuedl=False` and
   call `wipe` instead of `prepare`;
2. in the child: `class Ours(IfRange, yt_dlp.YoutubeDL)`, with the job's folder as the working directory;
3. before each start: `prepare(folder, job)`;
4. when the formats are chosen, before the first byte (`when="before_dl"`): `chosen(folder, info)`.

What cannot be told here: a body without any length, or with a wrong one, that ends too early. The finaliser counts.
"""

import hashlib
import inspect
import json
import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from viddlws.engine import attempt_log, resume_fragments, resume_http, resume_state
from viddlws.engine.messages import Job
from viddlws.engine.resume_http import IfRange
from viddlws.engine.resume_state import State

__all__ = ["IfRange", "PatchError", "chosen", "patch", "prepare", "wipe"]

_KEPT_ALWAYS = {resume_state.NAME, attempt_log.NAME}
_FRAGMENT = re.compile(r"(.+)\.part-Frag\d+$")


class PatchError(RuntimeError):
    """This yt-dlp is built differently from what the patch knows; nothing was changed."""


def prepare(folder: Path, job: Job) -> None:
    """Leave in `folder`, made if missing, only what this job can safely continue from; nothing after a change of plan.

    That is: half-fetched files whose origin is known, whole streams, and the attempt's log. Links are removed, never
    followed. Raises OSError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    state = resume_state.load(folder)
    plan = _plan(job)
    if state.plan != plan:
        wipe(folder)
        resume_state.save(folder, State(plan=plan))
        return
    for entry in list(folder.iterdir()):
        if not _is_kept(entry, state):
            _remove(entry)


def chosen(folder: Path, info: Mapping[str, Any]) -> None:
    """Say which formats yt-dlp chose: the info dict as a post-processor at `before_dl` gets it.

    When they are others than in the attempt before, its files are removed. Raises OSError.
    """
    formats = [_format(stream) for stream in info.get("requested_formats") or [info]]
    with resume_state.lock:
        state = resume_state.load(folder)
        if state.formats == formats:
            return
        wipe(folder)
        resume_state.save(folder, State(plan=state.plan, formats=formats))


def wipe(folder: Path) -> None:
    """Remove everything but the attempt's log. Raises OSError."""
    for entry in list(folder.iterdir()):
        if entry.name != attempt_log.NAME or entry.is_symlink():
            _remove(entry)


def patch(yt_dlp_module: Any) -> list[str]:
    """Mend yt-dlp's downloaders in place and name what was replaced. A second call changes nothing.

    Every name and its parameters are looked at first. Raises PatchError, and then nothing was changed.
    """
    changes = _changes(yt_dlp_module)
    for owner, name, parameters, _ in changes:
        _check(owner, name, parameters)
    for owner, name, _, replace in changes:
        original = getattr(owner, name)
        mark = f"{owner.__name__}.{name}"  # what a class inherits may have been replaced already, in the other class
        if getattr(original, "mended", "") != mark:
            replacement = replace(original)
            replacement.mended = mark  # type: ignore[attr-defined]  # a mark on a function
            setattr(owner, name, replacement)
    return [f"{owner.__name__}.{name}" for owner, name, _, _ in changes]


Replace = Callable[[Callable[..., Any]], Callable[..., Any]]


def _changes(yt_dlp_module: Any) -> list[tuple[Any, str, tuple[str, ...], Replace]]:
    try:
        downloader = yt_dlp_module.downloader
        fragment, hls, http = downloader.fragment.FragmentFD, downloader.hls.HlsFD, downloader.http.HttpFD
    except AttributeError as error:
        raise PatchError(f"yt-dlp has no {error.name} any more") from error
    for name in ("ytdl_filename", "temp_name"):
        _check(fragment, name, ())
    return [
        (fragment, "_write_ytdl_file", ("ctx",), resume_fragments.writing_notes),
        (fragment, "_append_fragment", ("ctx", "frag_content"), resume_fragments.appending),
        (fragment, "_prepare_frag_download", ("ctx",), resume_fragments.preparing),
        (fragment, "_prepare_and_start_frag_download", ("ctx", "info_dict"), resume_fragments.naming),
        (fragment, "_finish_frag_download", ("ctx", "info_dict"), resume_fragments.finishing),
        (hls, "_prepare_and_start_frag_download", ("ctx", "info_dict"), resume_fragments.listing_all),
        (hls, "download_and_append_fragments", ("ctx", "fragments", "info_dict"), resume_fragments.skipping_done),
        (http, "real_download", ("filename", "info_dict"), resume_http.with_origin),
    ]


def _check(owner: Any, name: str, parameters: tuple[str, ...]) -> None:
    method = getattr(owner, name, None)
    if not callable(method):
        raise PatchError(f"yt-dlp's {owner.__name__} has no {name} any more")
    found = tuple(inspect.signature(getattr(method, "__wrapped__", method)).parameters)[1:]
    if found[: len(parameters)] != parameters:
        raise PatchError(f"yt-dlp's {owner.__name__}.{name} takes {', '.join(found)} now")


def _plan(job: Job) -> str:
    """Changes with everything that decides which bytes are fetched."""
    decisive = (job.url, job.format, job.audio_codec, job.best_quality, job.max_height, job.live)
    return hashlib.sha256(json.dumps(decisive).encode()).hexdigest()


def _format(stream: Mapping[str, Any]) -> list[Any]:
    names = ("extractor", "id", "format_id", "ext", "protocol", "vcodec", "acodec", "width", "height", "filesize")
    return [value if isinstance(value := stream.get(name), str | int | None) else str(value) for name in names]


def _is_kept(entry: Path, state: State) -> bool:
    name = entry.name
    if entry.is_symlink() or not entry.is_file():
        return False
    fragment = _FRAGMENT.fullmatch(name)
    if fragment:
        return (entry.parent / f"{fragment[1]}.ytdl").is_file()
    if name.endswith(".ytdl"):
        return (entry.parent / f"{name.removesuffix('.ytdl')}.part").is_file()
    if name.endswith(".part"):
        origin = state.parts.get(name)
        return bool(origin and origin.validator) or (entry.parent / f"{name.removesuffix('.part')}.ytdl").is_file()
    return name in _KEPT_ALWAYS or _is_whole(entry, state)


def _is_whole(entry: Path, state: State) -> bool:
    """A stream noted as whole, or killed between its last rename and that note."""
    size = entry.stat().st_size
    origin = state.parts.get(f"{entry.name}.part")
    return size in (state.done.get(entry.name), origin.total if origin else None)


def _remove(entry: Path) -> None:
    if entry.is_dir() and not entry.is_symlink():
        shutil.rmtree(entry)
    else:
        entry.unlink(missing_ok=True)
