"""Podcast apps live with a feed: they subscribe, fetch everything, poll, and see keys come and go.

All live at the same time, each through a relay of its own; what happened to each is looked at afterwards.
"""

import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.clients.apps import APPS, App, YtDlp
from tests.clients.conftest import Library, Subscription, sha256
from tests.clients.relay import Asked, Relay

pytestmark = pytest.mark.stack
NAMES = [app.name for app in APPS]


class Life:
    """What an app did, act by act: its requests, its files with their sums, what it printed."""

    def __init__(self, app: App, relay: Relay) -> None:
        self.app, self.relay = app, relay
        self.asked: dict[str, list[Asked]] = {}
        self.sums: dict[str, Counter[str]] = {}
        self.files: dict[str, dict[str, tuple[int, int]]] = {}
        self.said = ""

    def act(self, name: str, do: Callable[[App, str], None] | None = None, feed: Subscription | None = None) -> None:
        """Subscribe or move to that feed, then fetch."""

        def both() -> None:
            if do and feed:
                do(self.app, self.relay.address + feed.path)
            self.said = self.app.fetch()

        self.asked[name] = self.relay.during(both)
        found = self.app.files()
        self.sums[name] = Counter(map(sha256, found))
        self.files[name] = {str(path): (path.stat().st_ino, path.stat().st_mtime_ns) for path in found}

    def statuses(self, name: str) -> set[int]:
        return {each.status for each in self.asked[name]}

    def media(self, name: str) -> list[str]:
        return [each.path.rpartition("/")[2] for each in self.asked[name] if each.is_media]


@pytest.fixture(scope="module")
def relays(library: Library) -> Iterator[Callable[[], Relay]]:
    with ExitStack() as stack:
        yield lambda: stack.enter_context(Relay(library.group.address))


@pytest.fixture(scope="module")
def lives(library: Library, relays: Callable[[], Relay], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Life]:
    home = tmp_path_factory.mktemp("apps")
    lives = [Life(app(home / app.name), relays()) for app in APPS if not app.missing()]
    audio = library.feed("--tag", "walk")
    video = library.feed("--tag", "walk", "--kind", "video")
    with ThreadPoolExecutor(2) as pool:

        def all_do(act: Callable[[Life], None]) -> None:
            list(pool.map(act, lives))

        all_do(lambda life: life.act("subscribed", type(life.app).subscribe, audio))
        all_do(lambda life: life.act("polled"))
        rotated = library.rotate(audio)
        all_do(lambda life: life.act("refused"))
        all_do(lambda life: life.act("moved", type(life.app).move, rotated))
        library.revoke(rotated)
        all_do(lambda life: life.act("revoked"))
        fresh = [Life(app(home / f"{app.name}-video"), relays()) for app in APPS if not app.missing()]
        list(pool.map(lambda life: life.act("video", type(life.app).subscribe, video), fresh))
    for life, other in zip(lives, fresh, strict=True):
        life.sums["video"], life.said = other.sums["video"], other.said
    return {life.app.name: life for life in lives}


@pytest.fixture(params=APPS, ids=NAMES)
def app(request: pytest.FixtureRequest, tmp_path: Path) -> App:
    kind: type[App] = request.param
    if missing := kind.missing():
        pytest.skip(f"{' and '.join(missing)} not installed")
    return kind(tmp_path / "home")


@pytest.fixture
def life(app: App, lives: dict[str, Life]) -> Life:
    return lives[app.name]


def test_every_byte_of_sound_is_fetched(life: Life, library: Library) -> None:
    assert life.sums["subscribed"] == library.sums("walk", "audio"), life.said


def test_every_byte_of_video_is_fetched(life: Life, library: Library) -> None:
    assert life.sums["video"] == library.sums("walk", "video"), life.said


def test_a_poll_fetches_nothing_twice(life: Life) -> None:
    assert life.files["polled"] == life.files["subscribed"]
    assert life.statuses("polled") <= {200, 304}
    assert life.asked["polled"]
    assert life.app.peeks or life.media("polled") == []


def test_the_old_address_is_closed_at_once_and_what_was_fetched_stays(life: Life) -> None:
    assert life.statuses("refused") == {404}
    assert life.files["refused"] == life.files["subscribed"]


def test_under_the_new_address_it_goes_on(life: Life) -> None:
    assert life.statuses("moved") <= {200, 206, 304, 416}
    assert 200 in life.statuses("moved")
    assert set(life.sums["moved"]) == set(life.sums["subscribed"])


def test_apps_that_know_guids_fetch_nothing_again_under_the_new_address(life: Life) -> None:
    if not life.app.knows_by_guid:
        pytest.skip(f"{life.app.name} knows episodes by their address")
    assert life.files["moved"] == life.files["subscribed"]
    assert life.app.peeks or life.media("moved") == []


def test_a_revoked_feed_is_closed_at_once(life: Life) -> None:
    assert life.statuses("revoked") == {404}
    assert set(life.sums["revoked"]) == set(life.sums["subscribed"])


def test_episodes_of_equal_titles_are_files_of_their_own(
    app: App, library: Library, relays: Callable[[], Relay]
) -> None:
    app.subscribe(relays().address + library.feed("--tag", "same").path)
    said = app.fetch()

    assert Counter(map(sha256, app.files())) == library.sums("same", "audio"), said
    assert len(app.files()) == 3


def test_an_empty_feed_is_read_and_gives_nothing(app: App, library: Library, relays: Callable[[], Relay]) -> None:
    relay = relays()
    app.subscribe(relay.address + library.feed("--tag", "nothing yet").path)

    asked = relay.during(app.fetch)
    assert {each.status for each in asked} <= {200, 304}
    assert asked
    assert app.files() == []


def test_what_broke_off_is_had_in_the_end(app: App, library: Library, relays: Callable[[], Relay]) -> None:
    relay = relays()
    whole = library.sums("large", "video")
    app.subscribe(relay.address + library.feed("--tag", "large", "--kind", "video").path)
    relay.break_off(1_000_000, after=int(app.peeks))
    asked = relay.during(app.fetch)
    assert relay.broken.is_set()
    if Counter(map(sha256, app.files())) != whole:
        asked += relay.during(app.fetch)

    assert Counter(map(sha256, app.files())) == whole
    assert any(each.is_media and each.status == 206 for each in asked) or not app.resumes


def test_an_app_killed_half_way_goes_on_where_it_was(
    library: Library, relays: Callable[[], Relay], tmp_path: Path
) -> None:
    app, relay = YtDlp(tmp_path / "home"), relays()
    app.subscribe(relay.address + library.feed("--tag", "large", "--kind", "video").path)
    relay.break_off(3_000_000, after=1, silently=True)
    with subprocess.Popen(app.command(), env=app.environment({}), cwd=app.home) as running:
        assert relay.broken.wait(60)
        running.kill()
    [part] = app.downloads.glob("*.part")
    had = part.stat().st_size
    assert 0 < had <= 3_000_000

    asked = relay.during(app.fetch)
    assert [each.range for each in asked if each.status == 206] == [f"bytes={had}-"]
    assert Counter(map(sha256, app.files())) == library.sums("large", "video")
