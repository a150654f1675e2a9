"""Which bytes a request asks for: RFC 9110, sections 13 and 14. Pure."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

_ONE_RANGE = re.compile(r"bytes\s*=\s*(?P<first>\d*)\s*-\s*(?P<last>\d*)", re.IGNORECASE | re.ASCII)
_TAG = re.compile(r'(?P<weak>W/)?(?P<tag>"[^"]*")')
_LONGEST = 18  # digits; more bytes than any file has


@dataclass(frozen=True)
class Range:
    """Bytes `first` to `last` of a file, both included."""

    first: int
    last: int

    @property
    def length(self) -> int:
        return self.last - self.first + 1


class Unsatisfiable(Exception):  # noqa: N818 - the RFC's word
    """The range begins behind the end of the file: 416."""


def asked(header: str, size: int) -> Range | None:
    """The range of a Range header; None for the whole file.

    That is also the answer to what we do not know and to several ranges at once, which a server may always ignore
    (section 14.2): no player asks for several. Raises Unsatisfiable.
    """
    match = _ONE_RANGE.fullmatch(header.strip())
    if not match or max(len(match["first"]), len(match["last"])) > _LONGEST:
        return None
    if not match["first"]:
        return _suffix(int(match["last"]), size) if match["last"] else None
    first = int(match["first"])
    last = int(match["last"]) if match["last"] else size - 1
    if match["last"] and last < first:
        return None
    if first >= size:
        raise Unsatisfiable
    return Range(first, min(last, size - 1))


def _suffix(length: int, size: int) -> Range:
    if not length or not size:
        raise Unsatisfiable
    return Range(max(0, size - length), size - 1)


def still_the_same(if_range: str, etag: str, modified: datetime) -> bool:
    """Whether a Range counts given this If-Range: a strong tag that is ours, or exactly our date."""
    condition = if_range.strip()
    if not condition:
        return True
    if condition.startswith(('"', "W/")):
        return condition == etag
    return _date(condition) == modified.replace(microsecond=0)


def unchanged(if_none_match: str | None, if_modified_since: str | None, etag: str, modified: datetime) -> bool:
    """Whether the asker has it already: 304. The date counts only where no tag was sent."""
    if if_none_match is not None:
        return if_none_match.strip() == "*" or etag in (match["tag"] for match in _TAG.finditer(if_none_match))
    since = _date(if_modified_since or "")
    return since is not None and modified.replace(microsecond=0) <= since


def refused(if_match: str | None, if_unmodified_since: str | None, etag: str, modified: datetime) -> bool:
    """Whether the asker wants the answer only from a file we no longer have: 412."""
    if if_match is not None:
        strong = [match["tag"] for match in _TAG.finditer(if_match) if not match["weak"]]
        return if_match.strip() != "*" and etag not in strong
    since = _date(if_unmodified_since or "")
    return since is not None and modified.replace(microsecond=0) > since


def date(moment: datetime) -> str:
    return format_datetime(moment.astimezone(UTC), usegmt=True)


def _date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError, IndexError, TypeError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
