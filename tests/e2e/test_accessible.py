"""Every page in light and dark, on a laptop and a phone: nothing that axe objects to, nothing too wide, no fault.

With VIDDLWS_SCREENSHOTS set, this run also makes the pictures in `docs/pictures`.
"""

import os
import re
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.browsing import ROOT, Visit, visit
from tests.ops.running import Up, viddlws
from tests.site.server import Site

pytestmark = pytest.mark.browser
PICTURES = ROOT / "docs" / "pictures"
TITLES = (
    "Morning over the harbour", "How a lighthouse works", "Songs from the kitchen, part two",
    "A long title that does not end: everything about the night train from Vienna to Rome, with all of its stops",
    "Pottery for beginners", "</script><b>bold</b>",
)  # fmt: skip


@pytest.fixture(scope="module")
def filled(running: Up, site: Site) -> Iterator[Up]:
    """A library with something of every kind: kept, running, waiting and failed."""
    links = [site.url(f"/titled?title={quote(title)}&picture={number}") for number, title in enumerate(TITLES)]
    add = ("add", "--user", "bob", "--tag", "travel")
    done = viddlws(running.data, *add, "--wait", *links, "--tag", "quiet evenings")
    assert done.returncode == 0, done.stderr
    both = site.url("/titled?title=Harbour+tour,+to+watch+or+to+hear&picture=7")
    assert viddlws(running.data, *add, "--wait", "--format", "both", both).returncode == 0
    assert viddlws(running.data, *add, "--wait", site.url("/status/404")).returncode == 1
    for choice in ("--tag", "travel"), ("--search", "night train", "--kind", "video"), ():
        assert viddlws(running.data, "feed", "add", "--user", "bob", *choice).returncode == 0
    held = site.url("/stall?gate=held-for-pictures&after=400000")
    viddlws(running.data, *add, held, site.url("/status/429?retry_after=3000"))
    yield running
    site.gate("held-for-pictures").open()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", ["desk", "phone"])
def test_no_page_has_a_barrier_or_a_fault(browser: Browser, filled: Up, size: str, scheme: str) -> None:
    with visit(browser, filled.address, size, color_scheme=scheme) as stranger:
        look(stranger, "/account/sign-in/", "sign-in", size, scheme)
        stranger.open(filled.first_run.removeprefix(filled.address))
        check(stranger, "first-run", size, scheme)
        assert stranger.faults == []
    with visit(browser, filled.address, size, color_scheme=scheme) as bob:
        bob.sign_in("bob")
        page = bob.page
        expect(page.locator('article[data-list="running"] progress')).to_have_attribute("value", re.compile("^[1-9]"))
        expect(page.locator('article[data-list="waiting"]').get_by_text("Tried again in")).to_be_visible()
        for name, path in {
            "library": "/", "filtered": "/?tag=travel&kind=audio", "nothing": "/?q=zzz", "downloads": "/downloads/",
            "tags": "/tags/", "subscribe": "/feeds/new/?tag=travel", "feeds": "/feeds/",
            "account": "/account/", "password": "/account/password/",
        }.items():  # fmt: skip
            look(bob, path, name, size, scheme)
        for where, name in (("grid", "watch"), ("failed", "failed"), ("waiting", "waiting"), ("running", "running")):
            bob.open("/")
            follow = page.locator(f'article[data-list="{where}"] h3 a')
            page.goto(filled.address + str(follow.first.get_attribute("href")))
            check(bob, name, size, scheme)
            if name == "watch":
                page.get_by_role("link", name="Delete").click()
                check(bob, "delete", size, scheme)
        bob.open("/feeds/")
        page.get_by_role("link", name="travel", exact=True).click()
        page.get_by_role("button", name="Test this feed").click()
        expect(page.locator("#findings li")).to_have_count(8)
        page.evaluate("scrollTo(0, 0)")
        check(bob, "feed", size, scheme)
        page.goto(f"{filled.address}/")
        page.locator("summary", has_text="Any length").click()
        page.locator("summary", has_text="Title and tags").click()
        check(bob, "menus", size, scheme)
        assert bob.faults == []


def look(visitor: Visit, path: str, name: str, size: str, scheme: str) -> None:
    visitor.open(path)
    check(visitor, name, size, scheme)


def check(visitor: Visit, name: str, size: str, scheme: str) -> None:
    page = visitor.page
    page.wait_for_load_state("load")
    picture(visitor, name, size, scheme)
    assert visitor.violations() == [], f"{name} {size} {scheme}"
    too_wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert too_wide <= 0, f"{name} {size} {scheme}"


def picture(visitor: Visit, name: str, size: str, scheme: str) -> None:
    """For the documentation: the laptop in light, the phone in dark."""
    wanted = name in {"library", "watch", "downloads", "feeds", "feed"} and (size, scheme) in {
        ("desk", "light"),
        ("phone", "dark"),
    }
    if not os.environ.get("VIDDLWS_SCREENSHOTS") or not wanted:
        return
    visitor.page.locator("img").evaluate_all(
        "pictures => Promise.all(pictures.filter(picture => picture.getBoundingClientRect().top < innerHeight)"
        ".map(picture => picture.decode().catch(() => undefined)))"
    )
    PICTURES.mkdir(parents=True, exist_ok=True)
    visitor.page.screenshot(path=PICTURES / f"{name}-{size}.png")
