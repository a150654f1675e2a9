"""Feeds from the shell."""

import json

import pytest
from click.testing import CliRunner, Result

from viddlws.accounts.models import User
from viddlws.feeds.models import Feed
from viddlws.ops.cli import main


def feed(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["feed", *arguments])


@pytest.mark.django_db
def test_a_feed_is_added_listed_rotated_and_closed(alice: User) -> None:
    made = feed("add", "--tag", "Music", "--name", "My\x1b music")
    address = made.output.strip()
    assert address.endswith(f"/podcast/{Feed.objects.get().key}/feed.xml")
    assert feed("add", "--tag", "music").output.strip() == address

    [listed] = json.loads(feed("list", "--json").output)
    assert (listed["address"], listed["tag"], listed["kind"], listed["items"]) == (address, "Music", "audio", 0)
    assert "\x1b" not in feed("list").output
    rotated = feed("rotate", listed["id"][:8]).output.strip()
    assert rotated.endswith("/feed.xml")
    assert rotated != address
    assert rotated in feed("opml").output
    assert feed("revoke", listed["id"]).exit_code == 0
    assert json.loads(feed("list", "--json").output)[0]["address"] is None
    assert rotated not in feed("opml").output


def test_what_cannot_be_is_said_in_words(alice: User, bob: User) -> None:
    assert "say whose" in feed("add").output
    both = feed("add", "--user", "alice", "--tag", "a", "--search", "b")
    assert (both.exit_code, "not of both" in both.output) == (1, True)
    assert "There is no feed 12345678" in feed("revoke", "12345678").output
    video = json.loads(feed("add", "--user", "bob", "--kind", "video", "--order", "published", "--json").output)
    assert (video["kind"], video["order"], video["tag"], video["search"]) == ("video", "published", None, None)
