"""yt-dlp's fragment downloader (HLS, DASH), made to survive a kill at any instant.

Stock yt-dlp appends each fragment to `x.part` and then notes its number in `x.ytdl`, in place. A kill between the two
appends it twice; an empty, broken or missing note starts at fragment 0 behind the old bytes. Here the note is replaced
as a whole and holds the length that `x.part` has with it, and before a start `x.part` is cut to that length.
"""

import functools
import hashlib
import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from viddlws.engine.resume_http import remember_whole

SIZE, NAMES = "part_size", "names"
_BEFORE, _ADDING = "_part_size_before", "_bytes_adding"


def has_note(downloader: Any, ctx: dict[str, Any]) -> bool:
    """Does yt-dlp keep an `x.ytdl` for this download? The same conditions as its own."""
    return ctx.get("live") is not True and ctx["filename"] != "-" and not downloader.params.get("_no_ytdl_file")


def write_note(downloader: Any, ctx: dict[str, Any]) -> None:
    """Stands in for `_write_ytdl_file`. Does nothing when a fragment was appended only in part."""
    size = _size_with_fragment(ctx)
    if size is None:
        return
    note: dict[str, Any] = {"current_fragment": {"index": ctx["fragment_index"] if size else 0}, SIZE: size}
    if "extra_state" in ctx:
        note["extra_state"] = ctx["extra_state"]
    note["fragment_count"] = ctx.get("total_frags")
    note[NAMES] = ctx.get(NAMES, "")
    path = Path(downloader.ytdl_filename(ctx["filename"]))
    aside = path.with_name(path.name + ".new")
    aside.write_text(json.dumps({"downloader": note}), encoding="utf-8")
    aside.replace(path)


def note_fragment(ctx: dict[str, Any], content: bytes) -> None:
    """Called before a fragment is appended: from which length to which."""
    ctx["dest_stream"].flush()
    ctx[_BEFORE], ctx[_ADDING] = os.fstat(ctx["dest_stream"].fileno()).st_size, len(content)


def _size_with_fragment(ctx: dict[str, Any]) -> int | None:
    """The length of `x.part` now, 0 before it is opened, None when it is not what the last append should have made."""
    stream = ctx.get("dest_stream")
    if stream is None:
        return 0
    size = os.fstat(stream.fileno()).st_size
    return size if size == ctx.get(_BEFORE, size) + ctx.get(_ADDING, 0) else None


def names_of(fragments: object) -> str:
    """A hash of the last parts of the fragments' addresses, which stay when servers and signatures change."""
    if not isinstance(fragments, list):
        return ""
    addresses = (str(each.get("url") or each.get("path") or "") for each in fragments)
    names = [urlsplit(address).path.rpartition("/")[2] for address in addresses]
    return hashlib.sha256("\n".join(names).encode("utf-8", "replace")).hexdigest()


def cut_to_note(part: Path, note: Path, total: object, names: str = "") -> None:
    """Before a start: leave `part` as long as `note` says, with the fragments fetched ahead; or nothing of it at all.

    `total` and `names` are of the fragments now, names where known; a note of others is of another film.
    """
    index, size, noted = read_note(note, total)
    if names and noted != names:
        index = 0
    if index > 0 and part.is_file() and not part.is_symlink() and part.stat().st_size >= size:
        os.truncate(part, size)
    else:
        index = 0
        part.unlink(missing_ok=True)
        note.unlink(missing_ok=True)
    for fragment in part.parent.glob("*-Frag*"):
        number = _fragment_number(part, fragment)
        if number is not None and (index == 0 or number <= index):
            fragment.unlink(missing_ok=True)


def read_note(note: Path, total: object) -> tuple[int, int, str]:
    """Number of the last whole fragment, the length with it, the names; (0, 0, "") when it is not to be believed."""
    try:
        record = json.loads(note.read_bytes())["downloader"]
        index, size, names = record["current_fragment"]["index"], record[SIZE], record[NAMES]
        believed = type(index) is int and type(size) is int and size > 0 and record["fragment_count"] == total
    except (OSError, ValueError, KeyError, TypeError):
        return 0, 0, ""
    return (index, size, str(names)) if believed else (0, 0, "")


def _fragment_number(part: Path, fragment: Path) -> int | None:
    found = re.fullmatch(re.escape(part.name) + r"-Frag(\d+)(?:\.part)?", fragment.name)
    return int(found[1]) if found else None


# What stands in for yt-dlp's own methods. Each is given the original and returns its replacement.

Method = Callable[..., Any]
_SKIP, _NOTED = "_fragments_to_skip", "_noted_names"


def writing_notes(_original: Method) -> Method:
    def _write_ytdl_file(self: Any, ctx: dict[str, Any]) -> None:
        write_note(self, ctx)

    return _write_ytdl_file


def appending(original: Method) -> Method:
    @functools.wraps(original)
    def _append_fragment(self: Any, ctx: dict[str, Any], frag_content: bytes) -> None:
        note_fragment(ctx, frag_content)
        original(self, ctx, frag_content)

    return _append_fragment


def naming(original: Method) -> Method:
    """DASH lists its fragments in the info dict, before anything is opened."""

    @functools.wraps(original)
    def _prepare_and_start_frag_download(self: Any, ctx: dict[str, Any], info_dict: dict[str, Any]) -> None:
        ctx[NAMES] = names_of(info_dict.get("fragments"))
        original(self, ctx, info_dict)

    return _prepare_and_start_frag_download


def preparing(original: Method) -> Method:
    @functools.wraps(original)
    def _prepare_frag_download(self: Any, ctx: dict[str, Any]) -> None:
        if has_note(self, ctx):
            part, note = (Path(name(ctx["filename"])) for name in (self.temp_name, self.ytdl_filename))
            cut_to_note(part, note, ctx.get("total_frags"), ctx.get(NAMES, ""))
            ctx[_NOTED] = read_note(note, ctx.get("total_frags"))[2]
        original(self, ctx)

    return _prepare_frag_download


def finishing(original: Method) -> Method:
    @functools.wraps(original)
    def _finish_frag_download(self: Any, ctx: dict[str, Any], info_dict: dict[str, Any]) -> Any:
        done = original(self, ctx, info_dict)
        if done and has_note(self, ctx):
            remember_whole(Path(ctx["filename"]))
        return done

    return _finish_frag_download


def listing_all(original: Method) -> Method:
    """yt-dlp counts neither sequence numbers nor byte offsets of the fragments that it leaves out of its list, so that
    the rest is deciphered or cut wrongly. Here all are listed, and `skipping_done` leaves the done ones out."""

    @functools.wraps(original)
    def _prepare_and_start_frag_download(self: Any, ctx: dict[str, Any], info_dict: dict[str, Any]) -> None:
        original(self, ctx, info_dict)
        ctx[_SKIP], ctx["fragment_index"] = ctx["fragment_index"], 0

    return _prepare_and_start_frag_download


def skipping_done(original: Method) -> Method:
    """HLS knows its fragments only now, after the file was opened."""

    @functools.wraps(original)
    def download_and_append_fragments(
        self: Any, ctx: dict[str, Any], fragments: list[Any], info_dict: dict[str, Any], **more: Any
    ) -> Any:
        ctx[NAMES] = names_of(fragments)
        if ctx.get(_SKIP) and ctx.get(_NOTED) != ctx[NAMES]:
            _begin_anew(ctx)
        done = ctx["fragment_index"] = ctx.get(_SKIP, 0)
        rest = [fragment for fragment in fragments if fragment["frag_index"] > done]
        return original(self, ctx, rest, info_dict, **more)

    return download_and_append_fragments


def _begin_anew(ctx: dict[str, Any]) -> None:
    ctx["dest_stream"].truncate(0)
    ctx[_SKIP] = 0
    part = Path(ctx["tmpfilename"])
    for fragment in part.parent.glob("*-Frag*"):
        if _fragment_number(part, fragment) is not None:
            fragment.unlink(missing_ok=True)
