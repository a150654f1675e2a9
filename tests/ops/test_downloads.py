"""Downloads from the shell, while nothing else runs."""

import json
import threading
from uuid import UUID

import pytest
from django.db import connection

from tests.ops.shell import viddlws
from viddlws.accounts.models import User
from viddlws.downloads.models import Download, State
from viddlws.ops import printing

pytestmark = pytest.mark.django_db

LINK = "https://video.example.org/watch?v=1"


def added(user: str = "alice", link: str = LINK) -> Download:
    assert viddlws("add", link, "--user", user).exit_code == 0
    return Download.objects.get(url=link)


def test_a_link_is_kept_for_the_only_account_there_is(alice: User) -> None:
    answer = viddlws("add", LINK, "--format", "audio", "--tag", "a", "--tag", "b", "--title", "Mine", "--json")

    assert answer.exit_code == 0
    (item,) = json.loads(answer.stdout)
    row = Download.objects.get()
    assert (row.owner, str(row.pk)) == (alice, item["id"])
    assert (item["state"], item["title"], item["format"], item["tags"]) == ("queued", "Mine", "audio", ["a", "b"])
    assert (item["url"], item["attempts"], item["files"]) == (LINK, 0, [])
    assert (item["progress"], item["error"]) == (None, None)
    assert json.loads(viddlws("list", "--json").stdout) == [item]


def test_whose_it_is_must_be_said_when_there_are_several(alice: User, bob: User) -> None:
    answer = viddlws("add", LINK)

    assert answer.exit_code == 1
    assert "--user" in answer.stderr
    assert not Download.objects.exists()


def test_without_an_account_it_says_how_to_make_one() -> None:
    answer = viddlws("list")

    assert answer.exit_code == 1
    assert "viddlws user add" in answer.stderr


def test_an_unknown_account_is_named(alice: User) -> None:
    answer = viddlws("add", LINK, "--user", "zoe")

    assert (answer.exit_code, "no account zoe" in answer.stderr) == (1, True)


def test_what_is_no_link_is_refused_and_the_others_are_kept(alice: User) -> None:
    answer = viddlws("add", "nonsense", LINK, "file:///etc/passwd")

    assert answer.exit_code == 1
    assert "nonsense: " in answer.stderr
    assert "file:///etc/passwd: " in answer.stderr
    assert [row.url for row in Download.objects.all()] == [LINK]


def test_others_things_are_not_listed(alice: User, bob: User) -> None:
    added("alice")

    assert json.loads(viddlws("list", "--user", "bob", "--json").stdout) == []


def test_the_list_can_be_narrowed(alice: User) -> None:
    viddlws("add", LINK, "--tag", "Hills")
    viddlws("add", f"{LINK}2")

    assert len(json.loads(viddlws("list", "--json").stdout)) == 2
    assert [item["url"] for item in json.loads(viddlws("list", "--tag", "hills", "--json").stdout)] == [LINK]
    assert json.loads(viddlws("list", "--state", "failed", "--json").stdout) == []
    assert viddlws("list", "--state", "asleep").exit_code == 2


def test_the_beginning_of_an_id_is_enough_while_it_is_clear(alice: User) -> None:
    row = added()
    beginning = str(row.pk)[:6]

    assert viddlws("cancel", beginning.upper()).exit_code == 0
    row.refresh_from_db()
    assert row.state == State.CANCELLED
    assert viddlws("retry", beginning).exit_code == 0
    row.refresh_from_db()
    assert row.state == State.QUEUED
    assert viddlws("remove", str(row.pk)).exit_code == 0
    assert not Download.objects.exists()


@pytest.mark.parametrize("bad", ["abc", "zzzz", "", "0" * 33, "' OR 1=1"])
def test_what_is_no_id_is_refused(alice: User, bad: str) -> None:
    answer = viddlws("remove", bad)

    assert (answer.exit_code, "is no id" in answer.stderr) == (1, True)


def test_an_unclear_or_unknown_beginning_is_refused(alice: User) -> None:
    for last in "12":
        row = Download(owner=alice, url=f"{LINK}{last}", url_key=last, site="video.example.org")
        row.pk = UUID("abcd" + "0" * 27 + last)
        row.save(force_insert=True)

    assert "More than one download begins with abcd" in viddlws("cancel", "abcd").stderr
    assert "There is no download eeee" in viddlws("cancel", "eeee").stderr


def test_everything_that_failed_is_tried_again(alice: User, bob: User) -> None:
    rows = [added("alice"), added("bob", f"{LINK}2"), added("bob", f"{LINK}3")]
    Download.objects.filter(pk__in=[row.pk for row in rows[:2]]).update(state=State.FAILED, error_class="gone")

    assert viddlws("retry", "--failed").stdout == "2 are in the queue again.\n"
    assert set(Download.objects.values_list("state", flat=True)) == {State.QUEUED}
    assert viddlws("retry").exit_code == viddlws("retry", "abcd", "--failed").exit_code == 2


def test_what_is_over_cannot_be_cancelled_and_the_reason_is_said(alice: User) -> None:
    row = added()
    Download.objects.filter(pk=row.pk).update(state=State.FAILED)

    answer = viddlws("cancel", str(row.pk))

    assert (answer.exit_code, answer.stderr.startswith("Error: This download is failed.")) == (1, True)


@pytest.mark.django_db(transaction=True)
def test_waiting_says_when_no_worker_runs_and_ends_when_the_row_is_over(alice: User) -> None:
    row = added()
    said = threading.Event()

    def fail_it_once_said() -> None:
        said.wait(30)
        Download.objects.filter(pk=row.pk).update(
            state=State.FAILED, error_class="gone", error_message="It is gone.", error_advice="Look elsewhere."
        )
        connection.close()

    def listen(text: str, **_: object) -> None:
        heard.append(text)
        if "No worker is running" in text:
            said.set()

    heard: list[str] = []
    other = threading.Thread(target=fail_it_once_said)
    other.start()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("viddlws.ops.waiting.click.echo", listen)
        answer = viddlws("add", LINK, "--wait")
    other.join()

    assert answer.exit_code == 1
    assert sum("No worker is running" in text for text in heard) == 1
    assert f"{LINK}: It is gone. Look elsewhere." in heard


def test_text_from_strangers_cannot_command_a_terminal() -> None:
    assert printing.one_line("a\x1b[2Jb\r\nc\u202e🎬é") == "a [2Jb  c 🎬é"
