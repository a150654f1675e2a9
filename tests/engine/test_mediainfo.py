"""What is kept of yt-dlp's record of a medium."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from viddlws.engine.mediainfo import LONGEST_TITLE, describe
from viddlws.engine.messages import Chapter, MediaInfo


def test_the_fields_find_their_places() -> None:
    info = describe(
        {
            "title": "A film 2026-01-01 10:00",
            "fulltitle": "A film",
            "uploader": "Dana",
            "uploader_url": "https://example.org/dana",
            "extractor_key": "Example",
            "id": "x1",
            "webpage_url": "https://example.org/x1#__youtubedl_smuggle=%7B%7D",
            "duration": 61,
            "timestamp": 1_715_000_000,
            "language": "de",
            "chapters": [{"start_time": 0, "end_time": 5, "title": "One"}, {"start_time": 5, "title": "Two"}],
        }
    )

    assert info == MediaInfo(
        title="A film",
        channel="Dana",
        channel_url="https://example.org/dana",
        extractor="Example",
        extractor_id="x1",
        webpage_url="https://example.org/x1",
        duration=61.0,
        published="2024-05-06T12:53:20+00:00",
        language="de",
        chapters=(Chapter(0, 5, "One"), Chapter(5, 61, "Two")),
    )


def test_a_day_alone_is_its_first_moment() -> None:
    assert describe({"upload_date": "20240506"}).published == "2024-05-06T00:00:00+00:00"


def test_addresses_that_are_none_are_left_out() -> None:
    info = describe({"webpage_url": "javascript:alert(1)", "channel_url": "file:///etc/passwd"})

    assert (info.webpage_url, info.channel_url) == ("", "")


def test_the_only_player_of_a_page_bears_no_number() -> None:
    lone = {"title": "A walk (1)", "extractor": "html5", "id": "walk-1"}

    assert describe(lone).title == "A walk"
    assert describe({**lone, "n_entries": 2}).title == "A walk (1)"
    assert describe({**lone, "extractor": "vimeo"}).title == "A walk (1)"


def test_a_title_of_a_million_characters_is_cut() -> None:
    assert len(describe({"title": "a\0\ud800" * 10**6}).title) <= LONGEST_TITLE


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(), lambda inner: st.lists(inner, max_size=3)
)
names = ["title", "duration", "timestamp", "upload_date", "chapters", "channel", "webpage_url", "is_live", "id"]


@given(st.dictionaries(st.sampled_from(names), anything))
def test_whatever_a_site_says_there_is_a_record(info: dict[str, object]) -> None:
    assert isinstance(describe(info), MediaInfo)


@pytest.mark.parametrize("chapters", [[None], ["x"], [{"start_time": "0"}], [{"start_time": 5, "end_time": 5}]])
def test_chapters_that_are_none_are_left_out(chapters: list[object]) -> None:
    assert describe({"chapters": chapters, "duration": 10}).chapters == ()
