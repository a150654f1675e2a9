"""Words find videos, whatever somebody types."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.library.test_overview import titles, video
from viddlws.accounts.models import User
from viddlws.library import services
from viddlws.library.models import Video
from viddlws.library.overview import Filter, page
from viddlws.library.search import matching


def found(user: User, text: str) -> list[str]:
    return sorted(matching(Video.objects.visible_to(user), text).values_list("title", flat=True))


@pytest.fixture
def walk(alice: User) -> Video:
    return video(
        alice,
        "Node.js für Anfänger (2024)",
        channel="O'Reilly & Söhne",
        description="Über die Hügel — C3PO’s 日本語 हिन्दी 100% user@example.org",
        tags=("lang lernen", "Привет"),
    )


FOUND_BY = (
    *("node", "js", "node.js", "NODE", "nod", "anfänger node", "2024", "(2024)", "o'reilly", "reilly söhne"),
    *("lernen", "lern", "привет", "hügel", "日本語", "日本", "हिन्दी", "c3po", "100%", "user@example.org", "example"),
    *('"node"', "node 🎉", "node & | ! ( ) : * <-> ' \\", "node\0", "node " * 5000, "", "   \n"),
)
NOT_FOUND_BY = (
    *("python", "node python", "ode", "🎉", "???", "x" * 10_000, "'; DROP TABLE library_video"),
    *("NEAR(node)", "title:node", "node OR python", "!python"),
)


@pytest.mark.parametrize("text", FOUND_BY)
def test_found_by(walk: Video, alice: User, text: str) -> None:
    assert found(alice, text) == [walk.title]


@pytest.mark.parametrize("text", NOT_FOUND_BY)
def test_not_found_by(walk: Video, alice: User, text: str) -> None:
    assert found(alice, text) == []


def test_nobody_finds_what_another_has(walk: Video, bob: User) -> None:
    assert found(bob, "node") == []


def test_the_index_follows_every_change(walk: Video, alice: User) -> None:
    services.edit(alice, walk.id, title="Rust", tags=["metal", "Oxide"])
    assert found(alice, "rust metal oxide") == ["Rust"]
    assert found(alice, "node") == found(alice, "lernen") == []
    tag = alice.tags.get(name="metal")
    services.rename_tag(alice, tag.pk, "Steel")
    assert (found(alice, "steel"), found(alice, "metal")) == (["Rust"], [])
    services.delete_tag(alice, tag.pk)
    assert found(alice, "steel") == []
    walk.delete()
    assert found(alice, "rust") == []


def test_a_row_saved_from_an_old_copy_does_not_undo_its_tags(walk: Video, alice: User) -> None:
    old = Video.objects.get(id=walk.id)
    walk.tags.set(services.tags_named(alice, ["private"]))
    old.save()
    assert found(alice, "private") == [walk.title]
    assert page(alice, Filter()).items == []


def test_searching_pages_newest_first(alice: User) -> None:
    for number in range(5):
        video(alice, f"walk {number}")
    video(alice, "swim")
    assert titles(alice, Filter(q="walk"), 2) == [f"walk {number}" for number in (4, 3, 2, 1, 0)]


ANYTHING = st.text(max_size=300) | st.text(alphabet="\"'\\&|!()<->:*^{}+-~ \0aNEAROT\u0301é日🎉", max_size=40)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=ANYTHING)
def test_any_text_is_a_search(walk: Video, alice: User, text: str) -> None:
    assert found(alice, text) in ([], [walk.title])


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(title=st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=60))
def test_every_title_is_found_by_itself(walk: Video, alice: User, title: str) -> None:
    Video.objects.filter(id=walk.id).update(title=title)
    words = [word for word in title.split() if word.isalpha() and word.isascii()]
    for word in words:
        assert found(alice, word) == [title]
