"""From what the engine delivered to what is kept: a finished job into the library, a list into the queue."""

from collections.abc import Iterable
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from viddlws.downloads import folders, moves, pulse, rows
from viddlws.downloads.models import SMUGGLED, Download, State
from viddlws.downloads.paste import Link, NotALink, key_of, read
from viddlws.engine.messages import Entry, ErrorClass, Failed, Finished, Playlist
from viddlws.engine.wire import WireError, decode, encode
from viddlws.lib import bell
from viddlws.library import durable, storage
from viddlws.library import services as library

DEEPEST = 2  # lists around a list: a channel has tabs, a tab has playlists
RECORD = "finished.json"  # what the engine delivered; from then on nothing is fetched a second time


def delivered(folder: Path) -> Finished | None:
    """What an attempt before this one was delivered and could not file any more."""
    try:
        record = decode((folder / RECORD).read_bytes())
    except (OSError, WireError):
        return None
    return record if isinstance(record, Finished) else None


def forget(folder: Path) -> None:
    """What was delivered cannot be filed: undo the beginnings, so that it is fetched again."""
    storage.unplace(folder)
    (folder / RECORD).unlink(missing_ok=True)


def keep(download: Download, folder: Path, finished: Finished) -> None:
    """File the result, then let the folder go. Raises moves.Fenced, OSError. A kill at any point loses nothing."""
    durable.write(folder / RECORD, encode(finished).decode())
    title = download.title if download.title_given else finished.info.title or download.title
    with pulse.kept(download):
        placed = storage.place(download.pk, download.owner, finished.info, title, folder, finished.files)
    with transaction.atomic():
        shown = title[: rows.LONGEST_TITLE]
        moves.finish(download, folders.log_tail(folder), title=shown, video_id=download.pk, expected_size=None)
        library.add(
            video_id=download.pk,
            owner=download.owner,
            url=download.plain_url,
            title=title,
            info=finished.info,
            placed=placed,
            tags=list(download.tags.all()),
            added_at=timezone.now(),
        )
    folders.clear(folder)


def spread(download: Download, folder: Path, listed: Playlist) -> Failed | None:
    """Queue each entry of a list as a download of its own; a Failed when the owner must be asked first."""
    if not listed.taken:
        return _ask_first(listed)
    if _depth(download) > DEEPEST:
        return Failed(ErrorClass.UNSUPPORTED, "This is a list in a list in a list.", "Paste the links you want of it.")
    if not listed.entries:
        return Failed(ErrorClass.UNSUPPORTED, "The list is empty.", "Paste the link of a single video.")
    with transaction.atomic():
        title = download.title if download.title_given else listed.title or download.title
        count = len(listed.entries)
        moves.finish(
            download, folders.log_tail(folder), title=title[: rows.LONGEST_TITLE], entry_count=count, video_id=None
        )
        rows.insert(list(_entries(download, listed.entries)), list(download.tags.all()))
        bell.ring("downloads.dispatch")
    folders.clear(folder)
    return None


def _depth(download: Download) -> int:
    """In how many lists this one was found; a site can make up lists without end."""
    depth, outer = 0, download.playlist
    while outer and depth <= DEEPEST:
        depth, outer = depth + 1, outer.playlist
    return depth


def _ask_first(listed: Playlist) -> Failed:
    most = settings.OPTIONS.playlist_limit
    count = f"{listed.total:,}" if listed.total else "very many"
    few = listed.total is not None and listed.total <= most and not listed.at_least
    advice = f"Add all {listed.total}?" if few else f"Add the first {most}?"
    words = f"The list has {'at least ' if listed.at_least and listed.total else ''}{count} entries."
    return Failed(ErrorClass.TOO_LARGE, words, advice)


def _entries(playlist: Download, entries: Iterable[Entry]) -> Iterable[Download]:
    keys: set[str] = set()
    for position, entry in enumerate(entries):
        link = _link(entry.url)
        row = Download(
            owner=playlist.owner,
            format=playlist.format,
            playlist=playlist,
            title=entry.title[: rows.LONGEST_TITLE],
            rank=playlist.rank,
            requested_at=rows.in_order(playlist.requested_at, position),
        )
        if isinstance(link, NotALink):
            row.state, row.ended_at = State.FAILED, timezone.now()
            row.error_class, row.error_message, row.error_advice = ErrorClass.BLOCKED, link.message, link.advice
            link = Link(entry.url)
        row.url, row.url_key, row.site = link.url, link.key, link.site
        if row.url_key in keys:  # several media of one page differ only in what yt-dlp wrote behind the link
            row.url_key = key_of(link.url)
        keys.add(row.url_key)
        yield row


def _link(url: str) -> Link | NotALink:
    """The entry's link. What yt-dlp wrote behind it for itself is kept: we put it there, nobody pasted it."""
    bare, mark, smuggled = url.partition(SMUGGLED)
    link = read(bare, settings.OPTIONS.allowed_networks)
    return link if isinstance(link, NotALink) else Link(link.url + mark + smuggled)
