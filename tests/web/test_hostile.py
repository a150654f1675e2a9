"""Titles, names and texts from outside, on every page: shown as text, never as anything else."""

import re
from html.parser import HTMLParser

import pytest
from django.test import Client
from django.urls import reverse

from tests.conftest import signed_in
from tests.library.material import video_of
from tests.web.pages import NASTY, download_of, text
from viddlws.accounts.models import User
from viddlws.downloads.models import Download, State
from viddlws.engine.messages import Chapter, MediaInfo
from viddlws.library.models import Video

pytestmark = pytest.mark.usefixtures("media")


class Suspicious(HTMLParser):
    """Collects what a page of ours never has: handlers, inline styles and scripts, addresses that run."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.found += [f"{tag} {name}" for name in given if name.startswith("on") or name == "style"]
        if tag in {"style", "iframe", "object"} or (tag == "script" and not given.get("src")):
            self.found.append(tag)
        for name in ("href", "src", "action", "formaction", "poster"):
            if (given.get(name) or "").strip().lower().startswith(("javascript:", "data:", "vbscript:")):
                self.found.append(f"{tag} {name}={given[name]}")
        if tag == "img" and given.get("src") == "x":
            self.found.append("img")


def suspicious(page: str) -> list[str]:
    parser = Suspicious()
    parser.feed(page)
    return parser.found


@pytest.mark.parametrize("nasty", NASTY)
def test_no_page_is_broken_by_what_comes_from_outside(alice: User, nasty: str) -> None:
    info = MediaInfo(
        title=nasty, description=f"{nasty} https://x.org/{nasty}", channel=nasty[:190], channel_url=nasty,
        extractor=nasty[:90], webpage_url=nasty, duration=50, chapters=(Chapter(0, 9, nasty),), language=nasty[:30],
    )  # fmt: skip
    video = video_of(alice, nasty, tags=(nasty[:90],), info=info)
    Video.objects.update(url=f"javascript:{nasty}")
    failed = download_of(alice, state=State.FAILED, title=nasty, error_message=nasty, error_advice=nasty)
    Download.objects.filter(pk=failed.pk).update(url=f"javascript:{nasty}", site=nasty[:200])
    failed.attempts.update(message=nasty, detail=nasty, log=nasty, engine_version=nasty[:40])
    download_of(alice, state=State.RUNNING, title=nasty)
    client = signed_in(alice)
    pages = [reverse(name) for name in ("library", "downloads", "tags", "account")]
    pages += [reverse("watch", args=[each.pk]) for each in (video, failed)]
    pages += [reverse("delete", args=[video.pk]), reverse("changes") + "?since=2020-01-01T00:00:00%2B00:00"]

    for address in pages:
        answer = client.get(address)
        assert answer.status_code == 200, address
        assert suspicious(text(answer)) == [], address


@pytest.mark.parametrize("nasty", NASTY[:4])
def test_what_is_typed_comes_back_as_text(alice: User, nasty: str) -> None:
    client = signed_in(alice)

    for page in (
        client.post(reverse("add"), {"links": nasty, "tags": nasty, "format": nasty}, follow=True),
        client.post(reverse("add"), {"links": f"{nasty}\nhttps://x.org/", "tags": nasty}, follow=True),
        client.get(reverse("library"), dict.fromkeys(("q", "tag", "channel", "kind", "sort", "after"), nasty)),
        client.post(reverse("account_login"), {"login": nasty, "password": nasty}),
        Client().get(reverse("account_login"), {"next": f"javascript:{nasty}"}),
    ):
        assert suspicious(text(page)) == []


def test_every_page_forbids_what_is_not_ours_by_its_policy(alice: User) -> None:
    policy = signed_in(alice).get(reverse("library"))["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"https?:", policy)
