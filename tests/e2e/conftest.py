"""A real ViddlWS, and Debian's Chromium to look at it with."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.e2e.browsing import ARGUMENTS
from tests.ops.running import PASSWORD, Up, up, viddlws


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("there is no Chromium here (Debian: apt install chromium)")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """A server without an administrator, in which bob has an account."""
    data = tmp_path_factory.mktemp("e2e") / "data"
    assert viddlws(data, "user", "add", "bob", "--password-file", "-", said=f"{PASSWORD}\n").returncode == 0
    with up(data, VIDDLWS_DISK_RESERVE="1000000", VIDDLWS_STALL_TIMEOUT="3600") as group:
        yield group
