"""A real browser, and a record of everything in it that must not happen."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Request, expect

from tests.ops.running import PASSWORD

ROOT = Path(__file__).parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
SIZES = {"desk": (1440, 900), "phone": (390, 844)}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
ARGUMENTS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
PLAYED_UNTIL = """(seconds) => new Promise((done, late) => {
    const player = document.querySelector("video");
    const look = () => { if (player.currentTime >= seconds) done(); };
    for (const event of ["timeupdate", "seeked", "loadedmetadata"]) player.addEventListener(event, look);
    setTimeout(() => late(new Error(`the player stands at ${player.currentTime}`)), 60000);
    look();
})"""
PATIENCE = 60_000  # milliseconds; a busy machine is no failure
expect.set_options(timeout=PATIENCE)


class Visit:
    """One person's browser on one server. `faults` collects console errors, exceptions and requests to other hosts."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.address = address
        self.context = context
        self.faults: list[str] = []
        context.set_default_timeout(PATIENCE)
        context.on("console", self._console)
        context.on("request", self._request)
        context.on("weberror", lambda error: self.faults.append(str(error.error)))
        self.page: Page = context.new_page()

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.faults.append(f"console: {message.text}")

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in {"data", "blob"} and parts.netloc != urlsplit(self.address).netloc:
            self.faults.append(f"request to another host: {request.url}")

    def open(self, path: str) -> Page:
        self.page.goto(self.address + path)
        return self.page

    def sign_in(self, name: str) -> None:
        page = self.open("/account/sign-in/")
        page.get_by_label("Username").or_(page.get_by_label("Login")).first.fill(name)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("link", name="Library").first).to_be_visible()

    def paste(self, links: str, form: str = "video") -> None:
        self.page.get_by_label("Links to keep").fill(links)
        self.page.get_by_label("Keep as").select_option(form)
        self.page.get_by_role("button", name="Get").click()

    def card(self, title: str, where: str = "grid") -> Locator:
        """The card with that title in that list."""
        return self.page.locator(f'article[data-list="{where}"]').filter(has_text=title)

    def played_until(self, seconds: float) -> None:
        """Return when the player stands there or later; the page's own policy forbids `wait_for_function`."""
        self.page.evaluate(PLAYED_UNTIL, seconds)

    def violations(self) -> list[str]:
        """What axe finds wrong with the page as it is now."""
        self.page.evaluate(AXE.read_text() + ";0")
        found = self.page.evaluate(f"axe.run({{runOnly: {RULES}}}).then((result) => result.violations)")
        return [f"{each['id']}: {each['help']}: {each['nodes'][0]['html'][:200]}" for each in found]


@contextmanager
def visit(browser: Browser, address: str, size: str = "desk", **options: object) -> Iterator[Visit]:
    width, height = SIZES[size]
    context = browser.new_context(viewport={"width": width, "height": height}, **options)  # type: ignore[arg-type]
    try:
        yield Visit(context, address)
    finally:
        context.close()
