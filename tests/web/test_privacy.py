"""Bob sees nothing of Alice's, by no address; strangers see nothing at all."""

import uuid
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse

from tests.conftest import signed_in
from tests.library.material import video_of
from tests.web.pages import addresses, download_of, text
from viddlws.accounts.models import User
from viddlws.downloads.models import Download, State
from viddlws.feeds import services
from viddlws.feeds.models import Feed
from viddlws.library.models import MediaFile, Tag, Video
from viddlws.web.templatetags.address import file_name

pytestmark = pytest.mark.usefixtures("media")
SECRET = "Alices-secret"
OPEN_NAMES = {"account_login", "account_logout", "account_signup", "first-run"}


@pytest.fixture
def hers(alice: User) -> dict[str, uuid.UUID | int]:
    """Something of Alice's for every kind of address: what is kept, what failed, what runs, a tag and a file."""
    video = video_of(alice, SECRET, tags=(SECRET,))
    download_of(alice, f"https://example.org/{SECRET}", State.DONE, id=video.pk, video=video, title=SECRET)
    failed = download_of(alice, f"https://example.org/{SECRET}/2", State.FAILED, title=SECRET)
    running = download_of(alice, f"https://example.org/{SECRET}/3", State.RUNNING, title=SECRET)
    feed = services.subscribe(alice, tag=SECRET, name=SECRET)
    return {
        "feed": feed.pk,
        "video": video.pk,
        "failed": failed.pk,
        "running": running.pk,
        "tag": Tag.objects.get(name=SECRET).pk,
    }


def targets(hers: dict[str, uuid.UUID | int]) -> Iterator[str]:
    """Every address with an id of Alice's in it, found in the table."""
    for pattern in addresses():
        if pattern.name is None or pattern.name in OPEN_NAMES:
            continue
        wanted = set(pattern.pattern.converters)
        if wanted == {"id", "name"}:
            for file in MediaFile.objects.all():
                yield reverse(pattern.name, args=[file.pk, file_name(file)])
        elif wanted == {"id"}:
            kinds = [kind for kind in ("tag", "feed") if kind in pattern.name] or ["video", "failed", "running"]
            yield from (reverse(pattern.name, args=[hers[kind]]) for kind in kinds)


def everything() -> list[object]:
    """All that Alice has, to see whether it is still as it was."""
    return [
        sorted(Download.objects.values_list("id", "state", "url", "title")),
        sorted(Video.objects.values_list("id", "title")),
        sorted(Tag.objects.filter(owner__username="alice").values_list("id", "name", "hidden")),
        sorted(Feed.objects.values_list("id", "name", "key_hash")),
        sorted(MediaFile.objects.values_list("id", "path")),
    ]


def test_every_address_of_hers_is_not_found_for_another_user(hers: dict[str, uuid.UUID | int], bob: User) -> None:
    client, before, found = signed_in(bob), everything(), list(targets(hers))

    assert len(found) > 25
    for address in found:
        for answer in (client.get(address), client.post(address, {"name": "x", "title": "x", "url": "https://x.org/"})):
            assert answer.status_code in {404, 405}, address
            assert SECRET not in text(answer), address
    assert everything() == before


def test_the_same_addresses_do_work_for_her(hers: dict[str, uuid.UUID | int], alice: User) -> None:
    client = signed_in(alice)
    watch = [reverse("watch", args=[hers[kind]]) for kind in ("video", "failed", "running")]

    assert [client.get(address).status_code for address in watch] == [200, 200, 200]


def test_no_list_of_another_user_shows_anything_of_hers(hers: dict[str, uuid.UUID | int], bob: User) -> None:
    client = signed_in(bob)
    queries = ("", "?q=Alices", f"?tag={SECRET}", "?hidden=1", "?state=failed", "?since=2020-01-01T00:00:00%2B00:00")

    for name in ("library", "downloads", "tags", "feeds", "feeds-opml", "account", "changes"):
        for query in queries:
            answer = client.get(reverse(name) + query)
            shown = text(answer).replace(f"?tag={SECRET}", "").replace(f"tag={SECRET}", "")
            assert "example.org/" not in shown, name + query
            assert str(hers["video"]) not in shown, name + query


def test_a_stranger_is_sent_to_sign_in_from_every_address(hers: dict[str, uuid.UUID | int]) -> None:
    client = Client()
    plain = [p.name for p in addresses() if p.name and p.name not in OPEN_NAMES and not p.pattern.converters]

    for address in [*targets(hers), *(reverse(name) for name in plain)]:
        for answer in (client.get(address), client.post(address)):
            assert answer.status_code in {302, 405}, address
            if answer.status_code == 302:
                assert answer["Location"].startswith(reverse("account_login")), address


def test_the_list_of_addresses_open_to_strangers_is_exactly_this() -> None:
    found = {pattern.name for pattern in addresses() if not getattr(pattern.callback, "login_required", True)}

    assert found == OPEN_NAMES
