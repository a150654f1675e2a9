"""Finding videos by words: PostgreSQL full text, SQLite FTS5. The database keeps the index (migration 0002).

All words must occur in title, channel, tags or description; a word may be the beginning of one, so that it works as
one types. The order is the caller's: newest first pages by key and never shifts under a reader, which ranks do not.
Accents do not matter on SQLite; on PostgreSQL they do (its extension for that cannot be counted on).
"""

import re

from django.db import connections
from django.db.models import BooleanField, QuerySet
from django.db.models.expressions import RawSQL

from viddlws.library.models import Video

LONGEST = 200  # characters of a search that count
MOST_WORDS = 10
_PUNCTUATION = re.compile(r"[\x00-\x20!-/:-@\[-`{-\x7f\s]+")  # as in migration 0002
_WORDLESS = re.compile(r"[\W_]+")


def matching(videos: QuerySet[Video], text: str) -> QuerySet[Video]:
    """Those of `videos` in which all words of `text` occur. Blank text leaves all; text without a word finds none."""
    words = _words(text)
    if not words:
        return videos.none() if text.strip() else videos
    if connections[videos.db].vendor == "sqlite":
        found = RawSQL(
            "SELECT entry.video_id FROM library_search_row entry WHERE entry.id IN"
            " (SELECT rowid FROM library_search WHERE library_search MATCH %s)",
            [" ".join(f'"{word}"{_star(word)}' for word in words)],
        )
        return videos.filter(id__in=found)
    query = " & ".join(f"'{word}'{':*' if _star(word) else ''}" for word in words)
    return videos.filter(RawSQL('"library_video"."search" @@ to_tsquery(\'simple\', %s)', [query], BooleanField()))


def _words(text: str) -> list[str]:
    """The words, without any character that means something to either database."""
    text = text[:LONGEST].encode("utf-8", "ignore").decode()
    return [word for word in _PUNCTUATION.split(text) if _WORDLESS.sub("", word)][:MOST_WORDS]


def _star(word: str) -> str:
    """One Latin letter begins too many words to be a help."""
    return "" if len(word) == 1 and word.isascii() else "*"
