"""Everything works with JavaScript switched off."""

import re

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.e2e.browsing import Visit, visit
from tests.ops.running import Up
from tests.site.server import Site

pytestmark = pytest.mark.browser


def test_paste_watch_edit_search_and_delete_without_a_script(browser: Browser, running: Up, site: Site) -> None:
    with visit(browser, running.address, java_script_enabled=False) as bob:
        bob.sign_in("bob")
        page = bob.page
        bob.paste(site.url("/titled?title=A+walk"))
        load_until_there(bob, bob.card("A walk"))
        bob.card("A walk").get_by_role("link", name="A walk").click()
        expect(page.locator("video[controls] source")).to_have_attribute("src", re.compile(r"^/media/\d+/"))

        page.get_by_text("Edit title and tags").click()
        form = page.locator("form[action$='/edit/']")
        form.get_by_label("Title").fill("A long walk")
        form.get_by_label("Tags").fill("outdoors")
        form.get_by_role("button", name="Save").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("A long walk")

        page.get_by_role("link", name="Library").first.click()
        page.get_by_label("Search title").fill("long")
        page.get_by_role("button", name="Search").click()
        expect(bob.card("A long walk")).to_have_count(1)
        page.locator("summary", has_text="All kinds").click()
        page.get_by_role("link", name="Audio").click()
        expect(page.get_by_text("Nothing fits")).to_be_visible()

        page.get_by_role("link", name="Tags").first.click()
        page.get_by_role("button", name="Hide outdoors").click()
        expect(page.get_by_text("hidden", exact=True)).to_be_visible()
        page.get_by_role("link", name="outdoors").first.click()
        bob.card("A long walk").get_by_role("link", name="A long walk").click()
        page.get_by_role("link", name="Delete").click()
        page.get_by_role("button", name="Delete").click()
        expect(page.get_by_text("Nothing here yet")).to_be_visible()
        assert bob.faults == []


def test_cancel_and_retry_without_a_script(browser: Browser, running: Up, fresh_site: Site) -> None:
    with visit(browser, running.address, java_script_enabled=False) as bob:
        bob.sign_in("bob")
        bob.paste(fresh_site.url("/hang?name=held"))
        fresh_site.gate("held").wait_for_request()
        bob.page.get_by_role("link", name="Downloads").first.click()
        bob.page.get_by_role("button", name="Cancel").click()
        expect(bob.page.locator('article[data-list="ended"]')).to_contain_text("Cancelled")
        fresh_site.gate("held").open()
        bob.page.get_by_role("button", name="Retry").click()
        load_until_there(bob, bob.page.locator('article[data-list="ended"]').filter(has_text="Done"))
        assert bob.faults == []


def load_until_there(visitor: Visit, card: Locator) -> None:
    """What a person without a script does: load the page again and again."""
    for _ in range(300):
        if card.count():
            return
        visitor.page.reload()
    expect(card).to_have_count(1)
