"""Names in a feed's folder: each for one thing, and nothing else is one."""

from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from viddlws.feeds.names import Thing, What, read, sayable

ID = UUID("83e817f0-3aaa-4d65-87cb-03999715de5b")


@pytest.mark.parametrize(
    "thing",
    [
        Thing(What.FEED, number=1),
        Thing(What.FEED, number=12),
        Thing(What.COVER, mark="0123abcd"),
        Thing(What.PICTURE, ID, mark="0123abcd"),
        Thing(What.CHAPTERS, ID),
        Thing(What.CAPTIONS, ID, mark="pt-BR"),
        Thing(What.ALTERNATE, ID, 5, "webm"),
        Thing(What.MEDIA, ID, mark="m4a"),
    ],
)
def test_every_name_is_read_back(thing: Thing) -> None:
    assert read(thing.name) == thing


@pytest.mark.parametrize(
    "name",
    [
        *("", "feed-0.xml", "feed-1.xml", "feed-01.xml", "FEED.xml", "feed.xml/", "cover-0123ABCD.jpg"),
        *(f"{ID}", f"{str(ID).upper()}.m4a", f"..{ID}.m4a", f"{ID}.m4a\n", f"{ID}.en..vtt"),
        *(f"{ID}-chapters.json.m4a", f"{ID}-٣.webm"),
    ],
)
def test_what_we_would_not_write_is_no_name(name: str) -> None:
    assert read(name) is None


@settings(deadline=None)  # machines are busy
@given(st.text(max_size=80))
def test_any_text_is_read_without_harm(name: str) -> None:
    thing = read(name)
    assert thing is None or thing.name == name


def test_languages_that_would_break_a_name_are_left_out() -> None:
    assert sayable("zh-Hans")
    assert not any(map(sayable, ["", "../en", "en vtt", "é", "a/b"]))
