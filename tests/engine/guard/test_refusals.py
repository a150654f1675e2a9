"""What the proxy does not let a job do; the secret server fails the test when anything reaches it."""

import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest
import requests

from tests.engine.guard import raw
from tests.engine.guard.servers import OPEN_HOST, CountingServer, redirect_to
from viddlws.engine.guard.outward import Answer
from viddlws.engine.guard.proxy import GuardProxy

V4 = socket.AF_INET


@contextmanager
def proxy_resolving(answers: Sequence[Sequence[Answer]]) -> Iterator[tuple[GuardProxy, str]]:
    """A proxy whose resolver gives one answer after the other, the last for ever."""
    left = list(answers)
    guard = GuardProxy((f"{OPEN_HOST}/32",), resolve=lambda host, port: left.pop(0) if len(left) > 1 else left[0])
    guard.start()
    try:
        yield guard, guard.open_job("job-1")
    finally:
        guard.close()


def get(job: str, url: str) -> requests.Response:
    return requests.get(url, proxies={"http": job, "https": job}, timeout=20)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "0",
        "0.0.0.0",
        "2130706433",
        "017700000001",
        "0177.0.0.1",
        "0x7f000001",
        "0x7f.1",
        "localhost",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "169.254.169.254",
        "168.63.129.16",
        "[fd00:ec2::254]",
        "[64:ff9b::7f00:1]",
    ],
)
def test_every_spelling_of_a_private_address_is_refused(proxy: GuardProxy, secret: CountingServer, host: str) -> None:
    job = proxy.open_job("odd")
    target = f"{host}:{secret.server_port}"
    for start in (f"GET http://{target}/", f"CONNECT {target}"):
        answer = raw.exchange(job, raw.request(job, start))
        assert answer.startswith(b"HTTP/1.1 470 Blocked-By-Policy\r\n")
        assert b"private network of this server" in answer
    assert proxy.close_job("odd").denied == (f"{host.strip('[]')}:{secret.server_port}",)


def test_the_machines_own_network_address_is_refused(proxy: GuardProxy, job: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("203.0.113.1", 9))
        except OSError:
            pytest.skip("This machine has no network address of its own.")
        own = probe.getsockname()[0]
    assert raw.status(raw.exchange(job, raw.request(job, f"GET http://{own}/"))) == 470


def test_a_name_that_resolves_to_a_private_address_is_refused(secret: CountingServer) -> None:
    with proxy_resolving([[(V4, ("127.0.0.1", secret.server_port))]]) as (guard, job):
        assert get(job, f"http://innocent.example:{secret.server_port}/").status_code == 470
        assert guard.traffic("job-1").denied == (f"innocent.example:{secret.server_port}",)


def test_one_private_address_among_the_answers_refuses_the_name(
    secret: CountingServer, open_site: CountingServer
) -> None:
    mixed = [(V4, (OPEN_HOST, open_site.server_port)), (V4, ("127.0.0.1", secret.server_port))]
    with proxy_resolving([mixed]) as (_, job):
        assert get(job, "http://mixed.example:8080/").status_code == 470
    assert open_site.connections == 0


def test_a_name_that_changes_its_mind_gets_nowhere(secret: CountingServer, open_site: CountingServer) -> None:
    good = [(V4, (OPEN_HOST, open_site.server_port))]
    bad = [(V4, ("127.0.0.1", secret.server_port))]
    with proxy_resolving([good, bad]) as (_, job):
        assert get(job, "http://rebinding.example:8080/").text == "hello"
        assert get(job, "http://rebinding.example:8080/").status_code == 470


def test_a_redirect_to_a_private_address_is_refused(
    proxy: GuardProxy, job: str, open_site: CountingServer, secret: CountingServer
) -> None:
    open_site.pages["/go"] = redirect_to(f"{secret.url}/")
    assert get(job, f"{open_site.url}/go").status_code == 470
    assert proxy.traffic("job-1").denied == (f"127.0.0.1:{secret.server_port}",)


def test_an_unusual_port_of_a_public_address_is_refused(job: str) -> None:
    answer = raw.exchange(job, raw.request(job, "CONNECT 8.8.8.8:25"))
    assert raw.status(answer) == 470
    assert b"port number" in answer


@pytest.mark.parametrize("name", ["nobody", "job-1", ""])
def test_without_the_jobs_password_nothing_is_served(job: str, open_site: CountingServer, name: str) -> None:
    stranger = job.replace(job[7 : job.index("@")], f"{name}:wrong")
    answer = raw.exchange(stranger, raw.request(stranger, f"GET {open_site.url}/"))
    assert raw.status(answer) == 407
    assert b"Proxy-Authenticate: Basic" in answer
    assert open_site.connections == 0


def test_the_password_is_not_passed_on_to_sites(job: str, open_site: CountingServer) -> None:
    seen: list[str] = []
    open_site.pages["/"] = lambda handler: seen.extend(handler.headers.keys())
    raw.exchange(job, raw.request(job, f"GET {open_site.url}/", b"Keep-Alive: 5\r\nX-A: 1\r\nConnection: x-a\r\n"))
    assert sorted(seen) == ["Connection", "Host"]


def test_a_closed_jobs_password_is_worth_nothing(proxy: GuardProxy, job: str, open_site: CountingServer) -> None:
    proxy.close_job("job-1")
    assert raw.status(raw.exchange(job, raw.request(job, f"GET {open_site.url}/"))) == 407


@pytest.mark.parametrize(
    "start",
    [
        "GET https://{host}/",
        "GET ftp://{host}/",
        "GET file:///etc/passwd",
        "GET /",
        "GET http://user@{host}/",
        "GET http://{host}\\@127.0.0.1/",
        "GET http://{host}/#a",
        "GET http://%31%32%37.0.0.1/",
        "GET http:///",
        "GET http://{host}:0/",
        "CONNECT {host}",
        "CONNECT http://{host}/",
        "CONNECT {name}:99999",
        "get http://{host}/",
        "GET  http://{host}/",
    ],
)
def test_other_forms_of_request_are_refused(job: str, open_site: CountingServer, start: str) -> None:
    host = f"{OPEN_HOST}:{open_site.server_port}"
    start = start.replace("CONNECT {host}", f"CONNECT {OPEN_HOST}").format(host=host, name=OPEN_HOST)
    assert raw.status(raw.exchange(job, raw.request(job, start))) == 400
    assert open_site.connections == 0


@pytest.mark.parametrize(
    "headers",
    [
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        b"Content-Length: 5\r\nContent-Length: 6\r\n",
        b"Content-Length: 5, 5\r\n",
        b"Content-Length: +5\r\n",
        b"Content-Length: -5\r\n",
        b"Transfer-Encoding: gzip, chunked\r\n",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: xchunked\r\n",
        b"Transfer-Encoding : chunked\r\n",
        b"X: 1\r\n folded: 2\r\n",
        b"X: 1\nY: 2\r\n",
        b"X: 1\rY: 2\r\n",
        b"X: a\x00b\r\n",
        b"No colon\r\n",
        b": empty\r\n",
    ],
)
def test_a_request_two_readers_could_read_differently_is_refused(
    job: str, open_site: CountingServer, headers: bytes
) -> None:
    answer = raw.exchange(job, raw.request(job, f"POST {open_site.url}/", headers, b"hello"))
    assert raw.status(answer) == 400
    assert open_site.requests == []


def test_a_second_request_behind_the_first_is_dropped(job: str, open_site: CountingServer) -> None:
    hidden = raw.request(job, f"GET {open_site.url}/hidden")
    raw.exchange(job, raw.request(job, f"POST {open_site.url}/", b"Content-Length: 3\r\n", b"abc" + hidden))
    chunks = b"3\r\nabc\r\n0\r\n\r\n"
    raw.exchange(job, raw.request(job, f"POST {open_site.url}/", b"Transfer-Encoding: chunked\r\n", chunks + hidden))
    assert open_site.requests == ["POST /", "POST /"]


@pytest.mark.parametrize(
    "body", [b"3\nabc\r\n", b"x\r\n", b"-1\r\n", b"3\r\nabcd\r\n", b"3" * 5000, b"fffffffffffff\r\n"]
)
def test_a_malformed_chunk_is_refused(job: str, open_site: CountingServer, body: bytes) -> None:
    open_site.pages["/"] = lambda handler: print(handler.rfile.read())  # listens to the end before it answers
    answer = raw.exchange(job, raw.request(job, f"POST {open_site.url}/", b"Transfer-Encoding: chunked\r\n", body))
    assert raw.status(answer) == 400


def test_an_endless_head_is_refused(job: str) -> None:
    answer = raw.exchange(job, b"GET http://example.com/ HTTP/1.1\r\n" + b"X: " + b"a" * 70_000)
    assert raw.status(answer) == 431
