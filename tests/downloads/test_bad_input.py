"""Everything that can be wrong with a link ends in plain words, and the queue goes on."""

from pathlib import Path

import pytest
from pytest_django import Settings

from tests.downloads.acts import asked, files_in, last_attempt, no_job_folders, option, performed
from tests.site import Site
from tests.site.pages import EVIL_TITLES
from viddlws.accounts.models import User
from viddlws.downloads.models import State
from viddlws.engine.supervisor import Engine

HOPELESS = {
    "/status/404": "gone",
    "/status/410": "gone",
    "/status/451": "geo-blocked",
    "/private": "needs-login",
    "/private?status=401": "needs-login",
    "/nomedia": "unsupported",
    "/loop": None,  # which class is the engine's to say
    "/yt/private": "needs-login",
    "/yt/members": "needs-login",
    "/yt/age": "needs-login",
    "/yt/bot": "needs-login",
    "/yt/geo": "geo-blocked",
    "/yt/removed": "gone",
    "/yt/drm": "unsupported",
    "/yt/live": "live",
    "/yt/offline": "live",
    "/yt/filefmt": None,
    "/yt/elsewhere?to=http%3A%2F%2F10.0.0.1%2Fsecret.mp4": "blocked",
}
PASSING = {
    "/status/503": "network",
    "/status/429": "rate-limited",
}


@pytest.mark.parametrize("path", HOPELESS)
def test_what_cannot_be_had_fails_with_words(site: Site, alice: User, works: Engine, media: Path, path: str) -> None:
    row = performed(asked(alice, site.url(path)))

    assert row.state == State.FAILED, (row.error_class, row.error_message)
    assert row.error_class == (HOPELESS[path] or row.error_class)
    assert row.error_message
    assert row.error_advice
    assert last_attempt(row).message == row.error_message
    assert files_in(media) == []
    assert no_job_folders(media)


@pytest.mark.parametrize("path", PASSING)
def test_what_may_pass_waits_with_words(site: Site, alice: User, works: Engine, path: str) -> None:
    row = performed(asked(alice, site.url(path)))

    assert (row.state, row.error_class) == (State.QUEUED, PASSING[path]), row.error_message
    assert row.error_message
    assert row.error_advice


def test_a_stall_is_given_up(site: Site, alice: User, works: Engine, settings: Settings) -> None:
    option(settings, stall_timeout=1)
    row = performed(asked(alice, site.url("/big/4.mp4?gate=never-opened&after=3000000")))

    assert (row.state, row.error_class) == (State.QUEUED, "stalled")


def test_a_file_without_end_is_given_up(site: Site, alice: User, works: Engine, settings: Settings) -> None:
    option(settings, max_size=3_000_000)
    row = performed(asked(alice, site.url("/inf")))

    assert (row.state, row.error_class) == (State.FAILED, "too-large")


@pytest.mark.parametrize("evil", EVIL_TITLES)
def test_titles_of_all_sorts_are_kept_and_harmless(
    site: Site, alice: User, works: Engine, media: Path, evil: str
) -> None:
    row = performed(asked(alice, site.url(f"/titled?evil={evil}")))

    assert row.state == State.DONE, row.error_message
    assert row.video
    assert row.video.title
    for file in row.video.files.all():
        path = (media / file.path).resolve()
        assert path.is_relative_to(media.resolve() / "alice")
        assert path.is_file()
        assert len(path.name.encode()) <= 255


def test_the_queue_works_after_all_of_it(site: Site, alice: User, works: Engine) -> None:
    for path in ("/status/404", "/yt/bug", "/nomedia"):
        performed(asked(alice, site.url(path)))

    assert performed(asked(alice, site.url("/clip.mp4?t=after-all"))).state == State.DONE
