"""A tag becomes a podcast in a browser: subscribe, copy, scan, fetch and play; close it again."""

import re

import pytest
import requests
import segno
from playwright.sync_api import Browser, Page, expect

from tests.e2e.browsing import Visit, visit
from tests.ops.running import Up, viddlws
from tests.site.server import Site

pytestmark = pytest.mark.browser
MODULES = """svg => {
    const path = new Path2D(svg.querySelector("path").getAttribute("d"));
    const pen = document.createElement("canvas").getContext("2d");
    const side = svg.viewBox.baseVal.width - 8;
    return Array.from({length: side}, (_, y) =>
        Array.from({length: side}, (_, x) => pen.isPointInPath(path, x + 0.5, y + 0.5) ? 1 : 0));
}"""


@pytest.fixture(scope="module")
def kept(running: Up, site: Site) -> Up:
    link = site.url("/titled?title=A+walk+in+the+hills")
    done = viddlws(running.data, "add", "--user", "bob", "--tag", "outdoors", "--format", "audio", "--wait", link)
    assert done.returncode == 0, done.stderr
    return running


def test_from_a_tag_to_the_bytes_of_an_episode(browser: Browser, kept: Up) -> None:
    with visit(browser, kept.address, permissions=["clipboard-read", "clipboard-write"]) as bob:
        bob.sign_in("bob")
        page = bob.page
        page.get_by_role("group", name="Tags").get_by_role("link", name="outdoors").click()
        page.get_by_role("link", name="Subscribe in a podcast app to outdoors").click()
        page.get_by_label("Name in the app").fill("Out and about")
        page.get_by_role("button", name="Subscribe").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Out and about")
        assert bob.violations() == []

        address = copied(page)
        assert address.startswith(f"{kept.address}/podcast/")
        drawn = page.locator("#qr").evaluate(MODULES)
        assert drawn == [list(row) for row in segno.make_qr(address, error="m").matrix]

        feed = requests.get(address, headers={"User-Agent": "AntennaPod/3.5.0"}, timeout=60)
        assert feed.status_code == 200
        [enclosure] = re.findall(r'<enclosure url="([^"]+)" length="(\d+)" type="audio/x-m4a"', feed.text)
        media = requests.get(enclosure[0], timeout=60)
        assert (media.status_code, len(media.content)) == (200, int(enclosure[1]))
        assert media.content[4:8] == b"ftyp"

        page.get_by_role("button", name="Test this feed").click()
        findings = page.locator("#findings")
        expect(findings).to_contain_text("apps can jump")
        expect(findings).not_to_contain_text("does not work")
        assert bob.violations() == []

        page.get_by_role("link", name="Feeds").first.click()
        expect(page.get_by_text("by AntennaPod")).to_be_visible()
        assert bob.violations() == []
        assert bob.faults == []


def copied(page: Page) -> str:
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    text: str = page.evaluate("navigator.clipboard.readText()")
    assert text == page.get_by_label("Address of the feed").input_value()
    return text


def test_all_of_it_without_a_script(browser: Browser, kept: Up) -> None:
    with visit(browser, kept.address, "phone", java_script_enabled=False) as bob:
        bob.sign_in("bob")
        page = bob.page
        bob.open("/tags/")
        page.get_by_role("link", name="Subscribe to outdoors").click()
        page.get_by_label("Published").check()
        page.get_by_role("button", name="Subscribe").click()
        old = page.get_by_label("Address of the feed").input_value()
        expect(page.get_by_role("button", name="Copy")).to_have_count(0)
        expect(page.get_by_text("is this machine itself")).to_be_visible()

        page.get_by_role("button", name="Test this feed").click()
        expect(page.locator("#findings")).to_contain_text("apps can jump")

        act(bob, "New address", "Make a new address")
        new = page.get_by_label("Address of the feed").input_value()
        assert [requests.get(each, timeout=60).status_code for each in (old, new)] == [404, 200]

        act(bob, "Revoke", "Revoke the feed")
        expect(page.get_by_text("This feed is revoked")).to_be_visible()
        assert requests.get(new, timeout=60).status_code == 404

        act(bob, "Remove", "Remove the feed")
        expect(page.get_by_text("The feed is removed.")).to_be_visible()
        assert bob.faults == []


def act(visitor: Visit, menu: str, button: str) -> None:
    visitor.page.locator("summary", has_text=menu).first.click()
    visitor.page.get_by_role("button", name=button).first.click()
