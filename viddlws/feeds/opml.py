"""Feeds as a list that apps import: OPML 2.0, one `outline` a line, because some readers go by lines."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from viddlws.feeds.rss import date
from viddlws.feeds.text import escape, one_line


def write(title: str, made: datetime, feeds: Iterable[tuple[str, str]]) -> Iterator[str]:
    """`feeds`: name and address of each."""
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<opml version="2.0">\n<head>\n'
    yield f"<title>{escape(one_line(title))}</title>\n<dateCreated>{date(made)}</dateCreated>\n</head>\n<body>\n"
    for name, address in feeds:
        shown = escape(one_line(name, "Untitled"))
        yield f'<outline type="rss" text="{shown}" title="{shown}" xmlUrl="{escape(address)}"/>\n'
    yield "</body>\n</opml>\n"
