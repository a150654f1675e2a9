"""The site itself: what the other tests lean on must be right."""

import http.client
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.request import Request, urlopen

import pytest

from tests.site import PLUGINS, Site, media


def fetch(url: str, **headers: str) -> tuple[int, bytes, dict[str, str]]:
    with urlopen(Request(url, headers=headers), timeout=10) as answer:
        return answer.status, answer.read(), {name.lower(): value for name, value in answer.headers.items()}


def test_a_range_is_the_asked_part_of_the_file(site: Site) -> None:
    whole = (media.folder() / "clip.mp4").read_bytes()
    assert fetch(site.url("/clip.mp4"))[:2] == (200, whole)
    status, part, headers = fetch(site.url("/clip.mp4"), Range="bytes=1000-1999")
    assert (status, part, headers["content-range"]) == (206, whole[1000:2000], f"bytes 1000-1999/{len(whole)}")
    assert fetch(site.url("/clip.mp4"), Range="bytes=-5")[1] == whole[-5:]


def test_if_range_with_an_old_validator_gets_the_whole_new_file(fresh_site: Site) -> None:
    address = fresh_site.url("/changing/film.mp4")
    old = fetch(address)[2]["etag"]
    assert fetch(address, **{"Range": "bytes=9-", "If-Range": old})[0] == 206
    fresh_site.change("film.mp4")
    status, body, headers = fetch(address, **{"Range": "bytes=9-", "If-Range": old})
    assert (status, body) == (200, (media.folder() / "other.mp4").read_bytes())
    assert headers["etag"] != old


def test_a_gate_holds_the_answer_until_the_test_opens_it(fresh_site: Site) -> None:
    gate = fresh_site.gate("here")
    with ThreadPoolExecutor() as pool:
        answer = pool.submit(fetch, fresh_site.url("/clip.mp4?gate=here&after=1000"))
        gate.wait_for_request()
        assert not answer.done()
        gate.open()
        assert len(answer.result(10)[1]) == media.ONE_MB
    assert fresh_site.hits("/clip.mp4") == 1


def test_a_truncated_body_breaks_off_where_it_was_told_to(site: Site) -> None:
    with pytest.raises(http.client.IncompleteRead) as caught:
        fetch(site.url("/trunc?cut=12345"))
    assert len(caught.value.partial) == 12345


def test_a_list_of_a_hundred_thousand_is_written_as_it_is_read(site: Site) -> None:
    with urlopen(site.url("/playlist/100000"), timeout=10) as answer:
        assert b"<item><title>Item 1</title>" in answer.read(2000)


def test_closing_the_site_lets_waiting_answers_go() -> None:
    with Site() as own, ThreadPoolExecutor() as pool:
        answer = pool.submit(fetch, own.url("/hang"))
        own.gate("hang").wait_for_request()
        own.close()
        assert answer.result(10)[0] == 200


def test_it_runs_by_hand_and_ends_when_told_to() -> None:
    command = [sys.executable, "-m", "tests.site", "--delay", "0.01"]
    with subprocess.Popen(command, cwd=PLUGINS.parents[2], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        assert b"/hls/master.m3u8" in fetch(address)[1]
        process.terminate()
        assert process.wait(10) == 0


def test_it_can_stand_at_another_loopback_address() -> None:
    with Site("127.0.0.2") as own:
        assert fetch(own.url("/small/1.mp4"))[2]["content-length"] == str(media.ONE_MB)
        assert [hit.method for hit in own.requests("/small/1.mp4")] == ["GET"]


def test_slow_answers_are_slow(site: Site) -> None:
    began = time.monotonic()
    fetch(site.url("/nomedia?delay=0.2"))
    assert time.monotonic() - began >= 0.2
