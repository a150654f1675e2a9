"""The whole engine against a hostile site: whatever a link, page or playlist says, the secret is not asked."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.guard import hostile
from tests.engine.guard.servers import OPEN_HOST, CountingServer
from tests.site import server as site_server
from viddlws.engine.guard import sandbox
from viddlws.engine.messages import Event, Failed, Finished, Job, Limits, Playlist
from viddlws.engine.supervisor import Engine, EngineSettings

PLUGINS = Path(site_server.__file__).parent / "plugins"
LIMITS = Limits(reading=30, stall=4, total=20)

LINKS = [
    "http://127.0.0.1:{port}/clip.mp4",
    "http://127.1:{port}/clip.mp4",
    "http://2130706433:{port}/clip.mp4",
    "http://017700000001:{port}/clip.mp4",
    "http://0x7f000001:{port}/clip.mp4",
    "http://0:{port}/clip.mp4",
    "http://localhost:{port}/clip.mp4",
    "http://[::ffff:127.0.0.1]:{port}/clip.mp4",
    "http://[::1]:{port}/clip.mp4",
    "http://127.0.0.2@127.0.0.1:{port}/clip.mp4",
    "https://127.0.0.1:{port}/clip.mp4",
    "http://169.254.169.254/latest/meta-data/",
]
PATHS = [
    "/redirect/plain",
    "/redirect/decimal",
    "/redirect/mapped",
    "/redirect/userinfo",
    "/redirect/relative",
    "/redirect/chain",
    "/redirect/tls",
    "/redirect/metadata",
    "/hls/segment.m3u8",
    "/hls/redirected.m3u8",
    "/hls/key.m3u8",
    "/hls/map.m3u8",
    "/hls/variant.m3u8",
    "/hls/audio.m3u8",
    "/hls/ffmpeg.m3u8",
    "/dash.mpd",
    "/page/video",
    "/page/source",
    "/page/opengraph",
    "/page/twitter",
    "/page/jsonld",
    "/yt/elsewhere?to=http://127.0.0.1:{port}/clip.mp4",
]
# Refused for another reason as well, which the engine may notice first.
OTHERWISE = [
    "/redirect/file",
    "/redirect/ftp",
    "/hls/file.m3u8",
    "/hls/rtmp.m3u8",
    "/hls/live.m3u8",
    "/page/hls",
    "/page/refresh",
    "/page/iframe",
    "/yt/elsewhere?to=rtmp://127.0.0.1:{port}/live",
    "/yt/elsewhere?to=ftp://127.0.0.1:{port}/clip.mp4",
    "/yt/elsewhere?to=file:///etc/passwd",
    "rtmp://127.0.0.1:{port}/live",
    "ftp://127.0.0.1:{port}/clip.mp4",
    "file:///etc/passwd",
]


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    base = tmp_path_factory.mktemp("engine")
    running = Engine(EngineSettings(base / "home", base / "jobs", (f"{OPEN_HOST}/32",), plugins=PLUGINS))
    yield running
    running.close()


@pytest.fixture
def site(open_site: CountingServer, secret: CountingServer) -> CountingServer:
    hostile.open_up(open_site, secret.url)
    return open_site


def fetch(
    engine: Engine, site: CountingServer, secret: CountingServer, link: str, limits: Limits = LIMITS, live: bool = False
) -> Event:
    """The last event of a job for a link, or for a path of the site."""
    link = link.format(port=secret.server_port)
    url = site.url + link if link.startswith("/") else link
    folder = engine._settings.jobs / "job-1"
    *_, last = engine.run(Job("job-1", url, str(folder), limits=limits, live=live))
    return last


@pytest.mark.parametrize("path", ["/clip.mp4", "/redirect/good", "/hls/good.m3u8"])
def test_an_open_site_is_fetched(engine: Engine, site: CountingServer, secret: CountingServer, path: str) -> None:
    assert isinstance(fetch(engine, site, secret, path), Finished)


@pytest.mark.parametrize("link", LINKS + PATHS)
def test_the_secret_is_not_asked_and_the_person_is_told(
    engine: Engine, site: CountingServer, secret: CountingServer, link: str
) -> None:
    last = fetch(engine, site, secret, link)
    assert isinstance(last, Failed)
    assert last.error.value == "blocked", last


@pytest.mark.parametrize("link", OTHERWISE)
def test_the_secret_is_not_asked(engine: Engine, site: CountingServer, secret: CountingServer, link: str) -> None:
    assert isinstance(fetch(engine, site, secret, link), Failed)


def test_a_format_cannot_choose_its_own_proxy(engine: Engine, site: CountingServer, secret: CountingServer) -> None:
    last = fetch(engine, site, secret, "/yt/header-proxy?to=http://127.0.0.1:{port}")
    assert isinstance(last, Failed) or "GET /clip.mp4" in site.requests  # refused, or fetched through ours


def test_ffmpeg_recording_a_live_stream_does_not_ask_the_secret(
    engine: Engine, site: CountingServer, secret: CountingServer
) -> None:
    assert isinstance(fetch(engine, site, secret, "/hls/live.m3u8", Limits(total=4), live=True), Failed)


def test_a_picture_in_our_network_is_left_out(engine: Engine, site: CountingServer, secret: CountingServer) -> None:
    assert isinstance(fetch(engine, site, secret, "/page/thumbnail"), Finished)


def test_a_list_may_name_the_secret_but_its_entries_are_refused(
    engine: Engine, site: CountingServer, secret: CountingServer
) -> None:
    listed = fetch(engine, site, secret, "/rss")
    assert isinstance(listed, Playlist)
    assert len(listed.entries) == 2
    for entry in listed.entries:
        last = fetch(engine, site, secret, entry.url)
        assert isinstance(last, Failed)
        assert last.error.value == "blocked"


def test_this_was_tried_with_the_strongest_guard_there_is(engine: Engine) -> None:
    assert engine.guard_level == sandbox.level()
