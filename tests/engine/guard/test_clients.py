"""Every client a job has, inside the real sandbox: the open site works, the secret is out of reach."""

from pathlib import Path

import pytest

from tests.engine.guard import inmate
from tests.engine.guard.servers import CountingServer, redirect_to, send
from viddlws.engine.guard import sandbox
from viddlws.engine.guard.proxy import GuardProxy

pytestmark = pytest.mark.skipif(sandbox.level() != "full", reason="This kernel cannot shut a job in fully.")

SPELLINGS = (
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0x7f.1",
    "0177.0.0.1",
    "0",
    "localhost",
    "[::ffff:127.0.0.1]",
    "[::1]",
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "job"
    made.mkdir()
    return made


@pytest.fixture
def sample(open_site: CountingServer, secret: CountingServer, folder: Path, job: str) -> str:
    """A short video on the open site, with a playlist of its own and one that leads to the secret."""
    inmate.run(folder, job, [("ffmpeg_converts", "sample.ts")])
    video = (folder / "sample.ts").read_bytes()
    open_site.pages["/sample.ts"] = lambda handler: send(handler, video, Content_Type="video/mp2t")
    open_site.pages["/go"] = redirect_to(f"{secret.url}/sample.ts")
    for name, segment in (("good", "sample.ts"), ("bad", f"{secret.url}/sample.ts")):
        text = f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{segment}\n#EXT-X-ENDLIST\n".encode()
        open_site.pages[f"/{name}.m3u8"] = lambda handler, text=text: send(  # type: ignore[misc]
            handler, text, Content_Type="application/vnd.apple.mpegurl"
        )
    return f"{open_site.url}/sample.ts"


def test_every_client_reaches_the_open_site(folder: Path, job: str, open_site: CountingServer, sample: str) -> None:
    acts = [
        ("by_requests", sample),
        ("by_urllib", sample),
        ("by_curl", sample),
        ("by_ffmpeg", sample),
        ("by_ffmpeg", f"{open_site.url}/good.m3u8"),
        ("by_deno", sample),
    ]
    assert inmate.run(folder, job, acts)["results"] == ["200", "200", "200", "ok", "ok", "ok"]


@pytest.mark.parametrize("client", ["by_requests", "by_urllib"])
def test_no_client_reaches_the_secret_in_any_spelling(
    folder: Path, job: str, secret: CountingServer, client: str
) -> None:
    acts = [(client, f"http://{host}:{secret.server_port}/") for host in SPELLINGS]
    assert inmate.run(folder, job, acts)["results"] == ["470"] * len(SPELLINGS)


def test_curl_reaches_the_secret_in_no_spelling(folder: Path, job: str, secret: CountingServer) -> None:
    acts = [("by_curl", f"http://{host}:{secret.server_port}/") for host in SPELLINGS]
    results = inmate.run(folder, job, acts)["results"]
    # This curl cannot ask a proxy for an IPv6 literal at all and says it is out of memory.
    assert set(results) <= {"470", "RequestException"}
    assert results[0] == "470"


@pytest.mark.parametrize("client", ["by_requests", "by_urllib", "by_curl", "by_ffmpeg", "by_deno"])
def test_no_client_follows_a_redirect_to_the_secret(
    folder: Path,
    job: str,
    proxy: GuardProxy,
    open_site: CountingServer,
    sample: str,
    secret: CountingServer,
    client: str,
) -> None:
    (result,) = inmate.run(folder, job, [(client, f"{open_site.url}/go")])["results"]
    assert result in ("470", "CalledProcessError")
    assert proxy.traffic("job-1").denied == (f"127.0.0.1:{secret.server_port}",)


def test_ffmpeg_does_not_fetch_a_segment_from_the_secret(
    folder: Path, job: str, proxy: GuardProxy, open_site: CountingServer, sample: str, secret: CountingServer
) -> None:
    inmate.run(folder, job, [("by_ffmpeg", f"{open_site.url}/bad.m3u8")])
    assert proxy.traffic("job-1").denied == (f"127.0.0.1:{secret.server_port}",)


def test_ffmpeg_going_its_own_way_gets_nowhere(folder: Path, job: str, secret: CountingServer) -> None:
    schemes = ("rtmp", "tcp", "ftp", "http", "gopher", "udp", "rtp", "srt")
    acts = [("by_ffmpeg_directly", f"{scheme}://127.0.0.1:{secret.server_port}/live") for scheme in schemes]
    assert inmate.run(folder, job, acts)["results"] == ["CalledProcessError"] * len(schemes)


def test_no_client_reaches_the_secret_without_the_proxy(folder: Path, job: str, secret: CountingServer) -> None:
    acts = [
        ("by_requests_directly", f"{secret.url}/"),
        ("by_curl_directly", f"{secret.url}/"),
        ("by_deno_directly", f"{secret.url}/"),
        ("python_connect", "127.0.0.1", secret.server_port),
        ("native_connect", "127.0.0.1", secret.server_port),
        ("native_connect", "127.0.0.1", 5432),
    ]
    results = inmate.run(folder, job, acts)["results"]
    assert "ok" not in results
    assert "200" not in results
