"""What people are told when a download fails: every case is raised by real yt-dlp against the site."""

import dataclasses
import os
import re
import resource
import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import HTTPServer, SimpleHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.engine import warm
from tests.engine.fetching import OPTIONS
from tests.site import Site
from viddlws.engine.causes import CAUSES
from viddlws.engine.errors import classify, clean_detail, failure
from viddlws.engine.guard.proxy import GuardProxy
from viddlws.engine.messages import ErrorClass, Failed
from viddlws.engine.resume import IfRange

yt_dlp = warm.yt_dlp


class Downloader(IfRange, yt_dlp.YoutubeDL):  # type: ignore[misc,name-defined]  # untyped
    pass


@dataclasses.dataclass
class Attempt:
    """A download that failed."""

    error: BaseException
    refusal: BaseException | None


def attempt(url: str, **options: Any) -> Attempt:
    chosen = {"retries": 0, "fragment_retries": 0, "skip_unavailable_fragments": False, "socket_timeout": 5}
    with Downloader({**OPTIONS, **chosen, **options}) as ydl:
        try:
            ydl.extract_info(url)
        except Exception as error:
            return Attempt(error, ydl.refusal)
    raise AssertionError(f"{url} worked")


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


CASES = [
    # path, class, tried again, words of the message
    ("/status/404", ErrorClass.GONE, False, "127.0.0.1 no longer has it"),
    ("/status/410", ErrorClass.GONE, False, "127.0.0.1 no longer has it"),
    ("/status/401", ErrorClass.NEEDS_LOGIN, False, "127.0.0.1 shows this only to people who are signed in"),
    ("/status/403", ErrorClass.NEEDS_LOGIN, False, "127.0.0.1 does not let us in"),
    ("/private", ErrorClass.NEEDS_LOGIN, False, "may be private"),
    ("/private?status=401", ErrorClass.NEEDS_LOGIN, False, "signed in"),
    ("/status/429", ErrorClass.RATE_LIMITED, True, "127.0.0.1 says that we ask too often"),
    ("/status/451", ErrorClass.GEO_BLOCKED, False, "country"),
    ("/status/418", ErrorClass.UNKNOWN, False, "127.0.0.1 refused the request (status 418)"),
    ("/status/408", ErrorClass.NETWORK, True, "did not answer in time"),
    ("/status/500", ErrorClass.NETWORK, True, "127.0.0.1 has a fault of its own (status 500)"),
    ("/status/503", ErrorClass.NETWORK, True, "fault of its own (status 503)"),
    ("/status/470", ErrorClass.BLOCKED, False, "does not open"),
    ("/loop", ErrorClass.UNSUPPORTED, False, "without end"),
    ("/loop?grow=1", ErrorClass.UNSUPPORTED, False, "without end"),
    ("/nomedia", ErrorClass.UNSUPPORTED, False, "No video or sound was found on this page of 127.0.0.1"),
    ("/redir?to=/nomedia", ErrorClass.UNSUPPORTED, False, "No video or sound"),
    ("/redir?to=file:///etc/passwd", ErrorClass.UNSUPPORTED, False, "not a link"),
    ("/redir?to=/status/404", ErrorClass.GONE, False, "no longer has it"),
    ("/trunc?ranges=0", ErrorClass.NETWORK, True, "The connection to 127.0.0.1 broke off before the end"),
    ("/chunked?cut=300000", ErrorClass.NETWORK, True, "broke off"),
    ("/made/360.m3u8?missing=2", ErrorClass.GONE, False, "no longer has it"),
    ("/hang", ErrorClass.NETWORK, True, "127.0.0.1 did not answer in time"),
    ("/stall?gate=errors", ErrorClass.NETWORK, True, "did not answer in time"),
    ("/yt/elsewhere?to=/status/403", ErrorClass.NEEDS_LOGIN, True, "does not hand out the video"),
    ("/yt/elsewhere?to=/status/404", ErrorClass.GONE, False, "no longer has it"),
    ("/yt/elsewhere?to=/status/429", ErrorClass.RATE_LIMITED, True, "too often"),
    ("/yt/elsewhere?to=/status/503", ErrorClass.NETWORK, True, "status 503"),
    ("/yt/elsewhere?to=/loop", ErrorClass.UNSUPPORTED, False, "without end"),
    ("/yt/private", ErrorClass.NEEDS_LOGIN, False, "The video is private"),
    ("/yt/members", ErrorClass.NEEDS_LOGIN, False, "signed in"),
    ("/yt/login", ErrorClass.NEEDS_LOGIN, False, "signed in"),
    ("/yt/age", ErrorClass.NEEDS_LOGIN, False, "proof of age"),
    ("/yt/bot", ErrorClass.NEEDS_LOGIN, False, "takes this server for a robot"),
    ("/yt/geo", ErrorClass.GEO_BLOCKED, False, "country"),
    ("/yt/removed", ErrorClass.GONE, False, "Video unavailable. This video has been removed by the uploader"),
    ("/yt/drm", ErrorClass.UNSUPPORTED, False, "copy-protected"),
    ("/yt/upcoming", ErrorClass.LIVE, True, "not begun yet"),
    ("/yt/offline", ErrorClass.LIVE, False, "Nothing is being broadcast"),
    ("/yt/bug", ErrorClass.ENGINE_OUTDATED, False, "no longer understands"),
    ("/yt/regex", ErrorClass.ENGINE_OUTDATED, False, "no longer understands"),
    ("/yt/empty", ErrorClass.ENGINE_OUTDATED, False, "no longer understands"),
    ("/yt/evilext", ErrorClass.UNSUPPORTED, False, "neither video nor sound"),
    ("/yt/filefmt", ErrorClass.BLOCKED, False, "a file on this server"),
    ("http://127.0.0.1:1/film.mp4", ErrorClass.NETWORK, True, "127.0.0.1 could not be reached"),
    ("http://no-such-site.invalid/film.mp4", ErrorClass.NETWORK, True, "name no-such-site.invalid"),
    ("ftp://127.0.0.1:1/film.mp4", ErrorClass.NETWORK, True, "could not be reached"),
    ("rtmp://127.0.0.1:1/film", ErrorClass.UNSUPPORTED, False, "No video or sound"),
    ("not a link", ErrorClass.UNSUPPORTED, False, "not a link"),
]


@pytest.mark.parametrize(("path", "error", "passing", "words"), CASES, ids=[case[0] for case in CASES])
def test_each_failure_has_its_class_and_its_sentence(
    site: Site, path: str, error: ErrorClass, passing: bool, words: str
) -> None:
    impatient = {"socket_timeout": 0.5} if path.startswith(("/hang", "/stall")) else {}
    url = site.url(path) if path.startswith("/") else path
    failed = classify(attempt(url, **impatient).error, url=url)
    assert (failed.error, failed.passing) == (error, passing), failed
    assert words in failed.message
    assert failed.advice
    assert "github" not in failed.detail
    assert "?" not in failed.detail.replace("?...", "")


def test_a_full_disk_is_told_from_everything_else(site: Site, tmp_path: Path) -> None:
    (tmp_path / "media.mp4.part").symlink_to("/dev/full")
    failed = classify(attempt(site.url("/clip.mp4")).error)
    assert (failed.error, failed.passing) == (ErrorClass.DISK_FULL, True)


def test_a_full_disk_is_seen_in_segments_too(site: Site, tmp_path: Path) -> None:
    (tmp_path / "media.mp4.part").symlink_to("/dev/full")
    assert classify(attempt(site.url("/hls/360.m3u8")).error).error is ErrorClass.DISK_FULL


def test_our_own_limit_of_size_is_not_a_full_disk(site: Site) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, hard))
    try:
        error = attempt(site.url("/clip.mp4")).error
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert classify(error).error is ErrorClass.TOO_LARGE


def test_a_failed_conversion_may_be_tried_again(site: Site) -> None:
    conversion = {"postprocessors": [{"key": "FFmpegExtractAudio"}]}
    failed = classify(attempt(site.url("/yt/elsewhere?to=/thumb.jpg"), **conversion).error)
    assert (failed.error, failed.passing) == (ErrorClass.UNKNOWN, True)
    assert "put together" in failed.message


@pytest.mark.parametrize("value", ["7", "0", "date", "soon", "99999999999", "9999999"])
def test_retry_after_is_believed_within_reason(site: Site, value: str) -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(minutes=5), usegmt=True)
    url = site.url(f"/status/429?retry_after={quote(date if value == 'date' else value)}")
    wait = classify(attempt(url).error).retry_after
    if value == "date":
        assert wait is not None
        assert 290 < wait <= 300
    else:
        assert wait == {"7": 7, "0": 0, "9999999": 604_800}.get(value)


def test_retry_after_survives_the_engines_own_retries(site: Site) -> None:
    tried = attempt(site.url("/yt/elsewhere?to=" + quote("/status/503?retry_after=9")))
    assert classify(tried.error).retry_after is None
    assert classify(tried.error, refusal=tried.refusal).retry_after == 9


def test_a_premiere_tells_when_to_come_back(site: Site) -> None:
    assert classify(attempt(site.url("/yt/upcoming")).error).retry_after == 3 * 3600


@pytest.fixture
def guard() -> Iterator[GuardProxy]:
    proxy = GuardProxy(())
    proxy.start()
    yield proxy
    proxy.close()


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_what_the_guard_refuses_is_blocked(site: Site, guard: GuardProxy, scheme: str) -> None:
    url = site.url("/clip.mp4").replace("http:", f"{scheme}:")
    tried = attempt(url, proxy=guard.open_job("job1"))
    denied = guard.close_job("job1").denied
    for failed in (classify(tried.error), classify(tried.error, denied=denied)):
        assert (failed.error, failed.passing) == (ErrorClass.BLOCKED, False), failed
    assert "leads to 127.0.0.1," in classify(tried.error, denied=denied).message
    assert "job1" not in str(failed)


def test_a_refusal_by_the_guard_does_not_hide_another_cause(site: Site) -> None:
    tried = attempt(site.url("/status/404"))
    assert classify(tried.error, denied=["10.0.0.1:80"]).error is ErrorClass.GONE


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_name_the_guard_cannot_find_is_a_wrong_name(guard: GuardProxy, scheme: str) -> None:
    tried = attempt(f"{scheme}://no-such-site.invalid/film.mp4", proxy=guard.open_job("job1"))
    failed = classify(tried.error)
    assert failed.error is ErrorClass.NETWORK
    assert "No site with the name" in failed.message


@pytest.fixture
def self_signed(tmp_path: Path) -> Iterator[str]:
    openssl = shutil.which("openssl")
    if not openssl:
        pytest.skip("needs openssl to make a certificate")
    command = "req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=wrong.invalid"
    subprocess.run([openssl, *command.split()], cwd=tmp_path, check=True, capture_output=True)
    server = HTTPServer(("127.0.0.1", 0), SimpleHTTPRequestHandler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"https://127.0.0.1:{server.server_address[1]}/film.mp4"
    server.shutdown()
    server.server_close()


def test_a_wrong_certificate_is_not_tried_again(self_signed: str) -> None:
    failed = classify(attempt(self_signed).error, url=self_signed)
    assert (failed.error, failed.passing) == (ErrorClass.NETWORK, False)
    assert "certificate of 127.0.0.1 is not valid" in failed.message


def test_a_server_without_tls_is_told(site: Site) -> None:
    url = site.url("/clip.mp4").replace("http:", "https:")
    failed = classify(attempt(url).error, url=url)
    assert "No safe connection to 127.0.0.1" in failed.message


def test_what_has_been_decided_already_is_kept() -> None:
    decided = Failed(ErrorClass.TOO_LARGE, "Too large.", "Smaller.")

    class TooLarge(yt_dlp.utils.DownloadCancelled):  # type: ignore[misc,name-defined]  # untyped
        failed = decided

    assert classify(TooLarge()) is decided
    assert classify(yt_dlp.utils.DownloadCancelled()).message == "The download was stopped."


def test_nothing_secret_and_no_control_character_is_in_the_detail() -> None:
    text = (
        "ERROR: \x1b[0;31mgave\x07 up\x00 on https://bob:hunter2@cdn.example/v.mp4?Policy=abc&sig=s3cr3t#x via"
        " http://job1:t0ken@127.0.0.1:99; Cookie: session=c00kie\nAuthorization: Bearer b3arer \udcff"
    )
    failed = classify(RuntimeError(text))
    for secret in ("hunter2", "s3cr3t", "abc", "t0ken", "c00kie", "b3arer", "\x1b", "\x00", "\x07"):
        assert secret not in failed.detail
    assert "cdn.example/v.mp4" in failed.detail
    failed.detail.encode()
    assert failed.error is ErrorClass.UNKNOWN


def test_a_flood_of_words_is_cut() -> None:
    error = yt_dlp.utils.ExtractorError("{host} " + "<b>very</b> " * 100_000, expected=True)
    failed = classify(error)
    assert len(failed.message) < 500
    assert len(failed.detail) <= 2_000
    assert failed.message.startswith("The site says: {host} <b>very</b>")


def test_a_chain_that_bites_its_own_tail_ends() -> None:
    first, second = RuntimeError("one"), OSError(os.strerror(5))
    first.__cause__, second.__cause__ = second, first
    assert classify(first).error is ErrorClass.UNKNOWN


@pytest.mark.parametrize("cause", CAUSES)
def test_every_cause_is_one_whole_sentence_with_advice(cause: str) -> None:
    failed = failure(cause, host="cdn.example", reason="Removed by its owner.", retry_after=5)
    assert failed.message[0].isupper() or failed.message.startswith("cdn.example")
    assert failure(cause).message[0].isupper()
    assert failed.message.endswith(".")
    assert failed.advice.endswith(".")
    assert "{" not in failed.message + failed.advice
    assert failed.retry_after == (5 if failed.passing else None)


@given(st.text(max_size=300))
def test_no_words_break_the_detail(words: str) -> None:
    detail = clean_detail(words)
    detail.encode()
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", detail)
