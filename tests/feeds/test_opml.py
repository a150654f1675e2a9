"""The list of all feeds, for importing into an app."""

from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from tests.feeds.test_text import line
from viddlws.feeds import opml

WHEN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@settings(deadline=None)  # machines are busy
@given(st.lists(st.text(alphabet=st.characters(exclude_categories=())), max_size=5))
def test_any_names_are_listed_an_outline_a_line(names: list[str]) -> None:
    text = "".join(opml.write("Alice & co", WHEN, [(name, f"https://h/{n}?a&b") for n, name in enumerate(names)]))

    root = etree.fromstring(text.encode())
    outlines = root.findall("body/outline")
    assert [each.get("text") for each in outlines] == [line(name) or "Untitled" for name in names]
    assert [each.get("xmlUrl") for each in outlines] == [f"https://h/{n}?a&b" for n in range(len(names))]
    assert sum(each.startswith("<outline ") and each.endswith("/>") for each in text.split("\n")) == len(names)
