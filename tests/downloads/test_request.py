"""Asking for links: what becomes of every line that somebody pastes."""

import time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.downloads.acts import asked, fresh
from viddlws.accounts.models import User
from viddlws.downloads import services
from viddlws.downloads.errors import TooManyLinks
from viddlws.downloads.models import Download, State
from viddlws.library.models import Tag, Video

LINK = "https://videos.example.org/walk"


def outcomes(user: User, text: str, **more: object) -> list[str]:
    return [answer.outcome for answer in services.request(user, text, **more)]  # type: ignore[arg-type]


def test_a_link_is_queued(alice: User) -> None:
    (answer,) = services.request(alice, f"  {LINK} \n", tags=["Hills", "private"])

    assert answer.outcome == "new"
    assert answer.download
    row = fresh(answer.download)
    assert (row.state, row.url, row.site, row.format) == (State.QUEUED, LINK, "videos.example.org", "video")
    assert sorted(row.tags.values_list("name", flat=True)) == ["Hills", "private"]


def test_each_line_is_a_link_and_blank_lines_are_none(alice: User) -> None:
    assert outcomes(alice, f"\n {LINK}/1\r\n\n\t{LINK}/2  {LINK}/3\n \n") == ["new", "new", "new"]


def test_what_is_no_link_is_handed_back_and_the_rest_is_taken(alice: User) -> None:
    lines = ["cats on a piano", LINK, "ftp://example.org/x", "file:///etc/passwd", "http://10.0.0.1/", "javascript:1"]
    answers = services.request(alice, "\n".join(lines))

    assert [answer.url for answer in answers] == lines
    assert [answer.outcome for answer in answers] == ["refused", "new", *["refused"] * 4]
    assert all(answer.message and answer.advice for answer in answers if answer.outcome == "refused")
    assert Download.objects.count() == 1


def test_the_same_link_twice_in_one_paste_is_one_download(alice: User) -> None:
    assert outcomes(alice, f"{LINK}\n{LINK.replace('https', 'HTTPS')}\n{LINK}") == ["new"]


def test_the_same_link_again_names_the_old_one(alice: User) -> None:
    old = asked(alice, LINK)
    (answer,) = services.request(alice, LINK)

    assert answer.outcome == "known"
    assert answer.download == old
    assert "queue" in answer.message


def test_the_same_link_again_when_it_is_done(alice: User) -> None:
    old = asked(alice, LINK)
    video = Video.objects.create(pk=old.pk, owner=alice, title="A walk", url=LINK)
    Download.objects.filter(pk=old.pk).update(state=State.DONE, video=video)

    (answer,) = services.request(alice, LINK)

    assert (answer.outcome, answer.download) == ("known", old)
    assert "already" in answer.message


def test_another_format_of_it_is_another_download(alice: User) -> None:
    asked(alice, LINK)
    assert outcomes(alice, LINK, format="audio") == ["new"]


def test_the_same_link_of_somebody_else_is_not_known(alice: User, bob: User) -> None:
    asked(alice, LINK)
    assert outcomes(bob, LINK) == ["new"]


@pytest.mark.parametrize("state", [State.FAILED, State.CANCELLED])
def test_what_failed_or_was_cancelled_is_tried_again(alice: User, state: State) -> None:
    old = asked(alice, LINK)
    Download.objects.filter(pk=old.pk).update(state=state, attempts_made=5, error_class="network", error_message="x")

    (answer,) = services.request(alice, LINK, title="A new title", tags=["new"], confirmed=True)

    assert answer.outcome == "again"
    row = fresh(old)
    assert (row.state, row.attempts_made, row.error_class, row.error_message) == (State.QUEUED, 0, "", "")
    assert (row.title, row.title_given, row.confirmed) == ("A new title", True, True)
    assert [tag.name for tag in row.tags.all()] == ["new"]


def test_a_running_one_is_left_alone(alice: User) -> None:
    from viddlws.downloads import moves

    old = asked(alice, LINK)
    taken = moves.claim(old.pk)
    assert taken

    assert outcomes(alice, LINK) == ["known"]
    assert fresh(old).token == taken.token


def test_5000_links_are_taken_in_one_go(alice: User) -> None:
    text = "\n".join(f"{LINK}/{number}" for number in range(5000))
    began = time.process_time()
    answers = services.request(alice, text, tags=["many", "links"])
    took = time.process_time() - began

    assert {answer.outcome for answer in answers} == {"new"}
    assert Download.objects.count() == 5000
    assert Tag.objects.get(name="many").downloads.count() == 5000
    assert took < 6  # seconds of the processor; one to two where nothing else runs
    order = Download.objects.order_by("rank", "requested_at", "id").values_list("url", flat=True)
    assert list(order) == text.split()


def test_rows_are_written_many_at_a_time(alice: User) -> None:
    def queries(count: int) -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            services.request(alice, "\n".join(f"{LINK}/{count}/{number}" for number in range(count)), tags=["x"])
        return len(captured)

    queries(1)
    few, many = queries(10), queries(1000)
    assert many - few <= 1000 / 30  # SQLite takes about 30 rows a statement, PostgreSQL takes them all at once
    again = "\n".join(f"{LINK}/1000/{number}" for number in range(1000))
    with CaptureQueriesContext(connection) as captured:
        services.request(alice, again)
    assert len(captured) < 10


def test_more_than_10000_links_are_too_many_and_none_is_taken(alice: User) -> None:
    with pytest.raises(TooManyLinks) as refusal:
        services.request(alice, "\n".join(f"{LINK}/{number}" for number in range(10_001)))

    assert "10,001" in refusal.value.message
    assert "10,000" in refusal.value.advice
    assert not Download.objects.exists()


def test_a_title_of_any_characters_is_kept_as_one_line(alice: User) -> None:
    row = asked(alice, LINK, title="a\x00b\n</script>\ud800 \U0001f600" + "x" * 10_000)

    title = fresh(row).title
    assert title.startswith("ab </script>")
    assert len(title) <= 1000


def test_two_who_ask_at_once_for_one_link_get_one_row(alice: User) -> None:
    """As when two windows paste the same: the row that lost the race is not there, and not missed."""
    from viddlws.downloads import paste, rows

    link = paste.Link(LINK)
    twins = [Download(owner=alice, url=link.url, url_key=link.key, site=link.site, format="video") for _ in range(2)]
    assert rows.insert(twins[:1], []) == {twins[0].pk}
    assert rows.insert(twins[1:], []) == set()
    assert Download.objects.get() == twins[0]
