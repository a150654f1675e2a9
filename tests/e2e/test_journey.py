"""From the first run to playing, failing, retrying and deleting, as a person does it in a browser."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.browsing import Visit, visit
from tests.ops.running import PASSWORD, Up
from tests.site.server import Site

pytestmark = pytest.mark.browser
PROGRESSED = re.compile(r"^[1-9]\d*\.\d$")


def test_the_whole_journey(browser: Browser, running: Up, fresh_site: Site) -> None:
    with visit(browser, running.address) as alice:
        make_the_administrator(alice, running.first_run)
        keep_a_video_and_see_it_come(alice, fresh_site)
        keep_as_audio_and_as_both(alice, fresh_site)
        play_and_seek(alice)
        tag_it_and_find_it(alice)
        cancel_half_way(alice, fresh_site)
        see_a_failure_and_retry(alice, fresh_site)
        another_sees_none_of_it(browser, running.address, alice.page)
        delete_one(alice)
        assert alice.faults == []


def make_the_administrator(alice: Visit, address: str) -> None:
    page = alice.page
    page.goto(address)
    page.get_by_label("Name").fill("alice")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("The same password again").fill(PASSWORD)
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_text("Nothing here yet")).to_be_visible()


def keep_a_video_and_see_it_come(alice: Visit, site: Site) -> None:
    """Its progress moves and it comes into the grid without the page being loaded again."""
    page = alice.page
    alice.paste(site.url("/stall?after=300000&gate=film"))
    expect(page).to_have_url(f"{alice.address}/")
    page.evaluate("window.stillTheSamePage = true")
    card = page.locator('article[data-list="running"]')
    expect(card.locator("progress")).to_have_attribute("value", PROGRESSED)
    expect(card).to_contain_text("Fetching")
    site.gate("film").open()
    expect(alice.card("stall")).to_be_visible()
    expect(card).to_have_count(0)
    assert page.evaluate("window.stillTheSamePage")
    expect(page.locator("#active-top")).to_be_hidden()


def keep_as_audio_and_as_both(alice: Visit, site: Site) -> None:
    alice.paste(site.url("/titled?title=A+song"), "audio")
    expect(alice.card("A song")).to_contain_text("Audio")
    expect(alice.page.get_by_label("Keep as")).to_have_value("audio")
    alice.paste(site.url("/jsonld?thumb=png"), "both")
    both = alice.card("Told by JSON-LD")
    expect(both).to_contain_text("Video")
    expect(both).to_contain_text("Audio")
    expect(both.locator("img")).to_have_js_property("complete", True)


def play_and_seek(alice: Visit) -> None:
    page = alice.page
    alice.card("Told by JSON-LD").get_by_role("link", name="Told by JSON-LD").click()
    page.get_by_role("button", name="Play Video").click()
    alice.played_until(0.3)
    page.evaluate("document.querySelector('video').currentTime = 9")
    alice.played_until(9.1)
    page.goto(page.url + "?t=5")
    alice.played_until(5)
    page.get_by_role("link", name="Listen").click()
    page.get_by_role("button", name="Play").first.click()
    alice.played_until(0.3)
    with page.expect_download() as saved:
        page.get_by_role("link", name="Download", exact=True).click()
    assert saved.value.suggested_filename.endswith(".m4a")


def tag_it_and_find_it(alice: Visit) -> None:
    page = alice.page
    page.get_by_text("Edit title and tags").click()
    form = page.locator("form[action$='/edit/']")
    form.get_by_label("Title").fill("A concert in the hills")
    form.get_by_label("Tags").fill("jazz, outdoors")
    form.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("A concert in the hills")
    page.goto(alice.address)
    page.get_by_role("group", name="Tags").get_by_role("link", name="jazz").click()
    expect(page.locator('article[data-list="grid"]')).to_have_count(1)
    expect(page).to_have_url(f"{alice.address}/?tag=jazz")
    page.get_by_role("link", name="Show everything").click()
    expect(page.locator('article[data-list="grid"]')).to_have_count(3)
    page.keyboard.press("/")
    page.keyboard.type("conc hil")
    expect(page.locator('article[data-list="grid"]')).to_have_count(1)
    expect(page).to_have_url(re.compile(r"/\?q=conc(\+|%20)hil$"))
    page.go_back()
    expect(page.locator('article[data-list="grid"]')).to_have_count(3)


def cancel_half_way(alice: Visit, site: Site) -> None:
    page = alice.page
    page.goto(alice.address)
    alice.paste(site.url("/stall?after=200000&gate=never&t=2"))
    card = page.locator('article[data-list="running"]')
    expect(card.locator("progress")).to_have_attribute("value", PROGRESSED)
    card.get_by_role("button", name="Cancel").click()
    expect(card).to_have_count(0)
    page.get_by_role("link", name="Downloads").first.click()
    expect(page.locator('article[data-list="ended"]').filter(has_text="Cancelled")).to_have_count(1)
    site.gate("never").open()


def see_a_failure_and_retry(alice: Visit, site: Site) -> None:
    page = alice.page
    alice.paste(f"{site.url('/flaky?status=404')}\nnonsense")
    expect(page.get_by_text("Line 2: This is not a link.")).to_be_visible()
    expect(page.get_by_label("Links to keep")).to_have_value("nonsense")
    failed = page.locator('article[data-list="failed"]')
    expect(failed).to_contain_text("no longer has it")
    expect(failed).to_contain_text("Check the link")
    failed.get_by_role("link", name="Details").click()
    page.locator("summary", has_text="Details").click()
    expect(page.get_by_text("Attempt 1")).to_be_visible()
    expect(page.get_by_text("with yt-dlp 20")).to_be_visible()
    page.get_by_role("button", name="Retry").click()
    expect(page.locator("video")).to_be_visible()


def another_sees_none_of_it(browser: Browser, address: str, hers: Page) -> None:
    hers.goto(address)
    links = hers.locator("a[href*='/watch/']").evaluate_all("links => links.map(link => link.href)")
    media = hers.locator("img[src*='/media/']").evaluate_all("pictures => pictures.map(picture => picture.src)")
    assert links
    assert media
    with visit(browser, address) as bob:
        bob.sign_in("bob")
        expect(bob.page.get_by_text("Nothing here yet")).to_be_visible()
        statuses = {bob.context.request.get(each).status for each in [*links, *media]}
        assert statuses == {404}
        assert bob.faults == []


def delete_one(alice: Visit) -> None:
    page = alice.page
    page.goto(alice.address)
    alice.card("A concert in the hills").get_by_role("link", name="A concert in the hills").click()
    page.get_by_role("link", name="Delete").click()
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("Deleted.")).to_be_visible()
    expect(alice.card("A concert in the hills")).to_have_count(0)
