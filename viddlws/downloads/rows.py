"""Many rows at once: new downloads with their tags."""

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from viddlws.downloads.models import Download
from viddlws.downloads.paste import Link
from viddlws.library.models import Tag

TOGETHER = 500  # tags of rows written by one statement
LONGEST_TITLE = 1_000  # characters


def known(owner_id: int, format: str, links: Collection[Link]) -> dict[str, Download]:  # noqa: A002 - the field's word
    """Those of the owner's rows that are for these links in this format, by key."""
    keys = [link.key for link in links]
    return {row.url_key: row for row in Download.objects.filter(owner_id=owner_id, format=format, url_key__in=keys)}


def insert(rows: Sequence[Download], tags: Sequence[Tag]) -> set[uuid.UUID]:
    """Write the rows; ids of those that are new. A row that somebody else wrote meanwhile is left as it is.

    Call it inside a transaction.
    """
    Download.objects.bulk_create(rows, ignore_conflicts=True)
    ids = {row.pk for row in rows}
    written = set(Download.objects.filter(pk__in=ids).values_list("pk", flat=True))
    tag([row.pk for row in rows if row.pk in written], tags)
    return written


def tag(ids: Sequence[uuid.UUID], tags: Sequence[Tag]) -> None:
    """Give all these downloads all these tags, besides those they have."""
    through = Download.tags.through
    pairs = [through(download_id=pk, tag_id=tag.pk) for pk in ids for tag in tags]
    through.objects.bulk_create(pairs, batch_size=TOGETHER, ignore_conflicts=True)


def in_order(start: datetime, position: int) -> datetime:
    """A time for the row at `position`, so that rows asked for together keep their order."""
    return start + timedelta(microseconds=position)
