"""Any text whatsoever comes out of the serialiser as well-formed XML that says the same."""

import re
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import feedparser
import podcastparser
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import etree

from tests.feeds.reading import items_of, text_of
from viddlws.feeds import rss, text

NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
ANY = st.text(alphabet=st.characters(exclude_categories=()), max_size=200)  # controls and lone surrogates, too
HARD = "]]>&<\x00\x1b\ud800\ufffe\r\n\t\"'\U0001f600\x85\u2028&amp;<![CDATA["
CHANGED = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def channel(**values: str) -> rss.Channel:
    given = {"title": "T", "link": "https://h/", "self_url": "https://h/feed.xml", "guid": "g", "medium": "podcast"}
    return rss.Channel(**{**given, "image": "https://h/c.jpg", **values}, changed=CHANGED)  # type: ignore[arg-type]


def item(**values: Any) -> rss.Item:
    enclosure = rss.Enclosure("https://h/a.m4a", 7, "audio/x-m4a")
    return rss.Item(**{"guid": "g1", "title": "T", **values}, published=CHANGED, enclosure=enclosure)


def written(channel: rss.Channel, *items: rss.Item) -> bytes:
    return "".join(rss.write(channel, items)).encode()


def scrubbed(value: str) -> str:
    return NOT_XML.sub("", value)


def line(value: str) -> str:
    """What a title is allowed to become: scrubbed, in one line, with ‹ › for < >."""
    return " ".join(scrubbed(value).replace("<", "‹").replace(">", "›").split())


@settings(deadline=None)  # machines are busy
@given(ANY, ANY, ANY, ANY)
@example(HARD, HARD, HARD, HARD)
def test_any_text_is_well_formed_and_parses_back(title: str, notes: str, person: str, tag: str) -> None:
    document = written(channel(title=tag, description=notes), item(title=title, notes=text.notes(notes), person=person))

    root = etree.fromstring(document)
    [entry] = items_of(root)
    assert text_of(root, "channel/title") == (line(tag) or "ViddlWS")
    assert text_of(entry, "title") == (line(title) or "Untitled")
    assert text_of(entry, "podcast:person") == line(person)
    description = re.sub("\r\n?", "\n", scrubbed(notes).strip())
    assert text_of(root, "channel/description") == (description or text_of(root, "channel/title"))


@settings(deadline=None)  # machines are busy
@given(ANY)
@example(HARD)
@example("a\n\nb\n \nc")
def test_notes_read_as_html_say_what_the_text_said(notes: str) -> None:
    html = text.notes(notes)

    plain = "".join(etree.fromstring(f"<div>{html.replace('<br>', ' ')}</div>").itertext()) if html else ""
    assert re.sub(r"\s", "", plain) == re.sub(r"\s", "", scrubbed(notes).replace("\r", "\n"))


@settings(deadline=None)  # machines are busy
@given(ANY, st.integers(min_value=0, max_value=60))
@example("&" * 100, 33)
@example("<>\n\n" * 20, 41)
def test_cut_notes_are_whole_html_of_at_most_that_many_bytes(notes: str, limit: int) -> None:
    html = text.notes(notes, limit)

    assert len(html.encode()) <= limit
    etree.fromstring(f"<div>{html.replace('<br>', '')}</div>")


@settings(deadline=None)  # machines are busy
@given(ANY)
@example(HARD)
def test_addresses_survive_as_attributes(address: str) -> None:
    root = etree.fromstring(written(channel(self_url=address)))

    assert root.find("channel/{http://www.w3.org/2005/Atom}link").get("href") == scrubbed(address)


@pytest.mark.parametrize("title", ["", "   ", "\x00", "\ud800"])
def test_no_title_is_ever_empty(title: str) -> None:
    """One empty title ends the feed in AntennaPod."""
    root = etree.fromstring(written(channel(title=title), item(title=title)))

    assert text_of(root, "channel/title") == "ViddlWS"
    assert text_of(items_of(root)[0], "title") == "Untitled"


def test_a_description_is_cut_between_characters() -> None:
    root = etree.fromstring(written(channel(description="é" * 3000)))

    assert text_of(root, "channel/description") == "é" * 2000


def test_readers_agree_on_the_fields() -> None:
    document = written(channel(title="A & B"), item(title="One <1>", notes=text.notes("Hello\n\nthere")))

    parsed = feedparser.parse(document)
    assert parsed.bozo is False
    assert (parsed.feed.title, parsed.entries[0].title) == ("A & B", "One ‹1›")
    other = podcastparser.parse("https://h/feed.xml", BytesIO(document))
    assert (other["title"], other["episodes"][0]["title"]) == ("A & B", "One ‹1›")
    assert other["episodes"][0]["enclosures"] == [
        {"url": "https://h/a.m4a", "file_size": 7, "mime_type": "audio/x-m4a"}
    ]
