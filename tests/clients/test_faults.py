"""Every fault that took a feed down somewhere: each parser reads a feed that has them all, and reads the same."""

import subprocess
from datetime import UTC, datetime

import pytest

from tests.clients.parsers import PARSERS, PARTYTIME, Read, is_well_formed
from viddlws.feeds import rss
from viddlws.feeds.text import notes

FAULTS = {
    "untitled": "",
    "blank": " \n\t ",
    "controls": "bell\x07 null\x00 escape\x1b[31m vertical\x0b",
    "end of CDATA": "before ]]> after",
    "HTML": "<b>bold</b> & <script>alert(1)</script>",
    "entities": "&lt;b&gt; &amp;amp; &nbsp; &#0;",
    "half a pair": "half \ud83d of \udc00 a pair",
    "not characters": "\ufffe and \uffff",
    "right to left": "\u202eevil\u202c \U0001f600\U0001f469\u200d\U0001f680",
    "lines": "one\r\ntwo\u2028three\u0085four",
    "XML": '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e "e">]>&e;',
    "quotes": "\"double\" 'single' `back`",
    "long": "long " * 2000,
}
SHOWN = {
    "untitled": "Untitled",
    "blank": "Untitled",
    "controls": "bell null escape[31m vertical",
    "end of CDATA": "before ]]> after".replace(">", "›"),
    "HTML": "‹b›bold‹/b› & ‹script›alert(1)‹/script›",
    "half a pair": "half of a pair",
    "not characters": "and",
    "quotes": "\"double\" 'single' `back`",
}


def faulty() -> bytes:
    place = "http://localhost/podcast/key/"
    channel = rss.Channel(
        title=FAULTS["HTML"] + FAULTS["controls"] + FAULTS["half a pair"],
        link="http://localhost/",
        self_url=place + "feed.xml",
        guid="917393e3-1b1e-5cef-ace4-edaa54e1f810",
        medium="podcast",
        image=place + "cover-00000000.jpg",
        changed=datetime(2026, 1, 1, tzinfo=UTC),
        description=" ".join(FAULTS.values()),
    )
    items = [
        rss.Item(
            guid=f"guid-{number}",
            title=text,
            published=datetime(2026, 1, 1, 0, 59 - number, tzinfo=UTC),
            enclosure=rss.Enclosure(f"{place}{number}.m4a", 1000 + number, "audio/x-m4a"),
            notes=notes(text),
            duration=60 + number,
            person=text,
        )
        for number, text in enumerate(FAULTS.values())
    ]
    return "".join(rss.write(channel, items)).encode()


@pytest.fixture(params=PARSERS)
def read(request: pytest.FixtureRequest) -> Read:
    if request.param == "partytime" and not PARTYTIME.is_dir():
        pytest.skip("podcast-partytime is not installed")
    return PARSERS[request.param](faulty())


def test_every_parser_reads_every_item(read: Read) -> None:
    numbers = range(len(FAULTS))
    assert [episode.guid for episode in read.episodes] == [f"guid-{number}" for number in numbers]
    assert [episode.size for episode in read.episodes] == [1000 + number for number in numbers]
    assert [episode.duration for episode in read.episodes] == [60 + number for number in numbers]
    assert all(episode.title for episode in read.episodes)
    assert read.title.startswith("‹b›bold‹/b›")


def test_every_parser_reads_the_same_titles(read: Read) -> None:
    titles = dict(zip(FAULTS, (episode.title for episode in read.episodes), strict=True))

    assert {name: titles[name] for name in SHOWN} == SHOWN


def test_it_is_well_formed() -> None:
    assert is_well_formed(faulty())
    assert not is_well_formed(faulty().replace(b"</channel>", b"\x01")) or not _has_xmllint()


def _has_xmllint() -> bool:
    try:
        return subprocess.run(["xmllint", "--version"], capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False
