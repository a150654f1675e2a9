"""What the proxy carries, counts and cuts."""

import http.client
import os
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler

import pytest
import requests

from tests.engine.guard import raw
from tests.engine.guard.servers import OPEN_HOST, CountingServer, send
from viddlws.engine.guard import proxy as proxy_module
from viddlws.engine.guard import relay
from viddlws.engine.guard.outward import lookup
from viddlws.engine.guard.proxy import GuardProxy
from viddlws.engine.guard.traffic import MOST_CONNECTIONS

LARGE = 5_000_000


def via(job: str) -> dict[str, str]:
    return {"http": job, "https": job}


def endless(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    while True:
        handler.wfile.write(b"x" * 65536)


def echo(handler: BaseHTTPRequestHandler) -> None:
    if handler.headers["Transfer-Encoding"]:
        body = b""
        while size := int(handler.rfile.readline(), 16):
            body += handler.rfile.read(size)
            handler.rfile.readline()
    else:
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
    send(handler, body)


class Waiting:
    """A page that says when it was asked and answers when told to."""

    def __init__(self) -> None:
        self.asked, self.go = threading.Event(), threading.Event()

    def __call__(self, handler: BaseHTTPRequestHandler) -> None:
        self.asked.set()
        self.go.wait(30)
        send(handler, b"late")


@pytest.fixture
def waiting(open_site: CountingServer) -> Iterator[Waiting]:
    page = Waiting()
    open_site.pages["/wait"] = page
    yield page
    page.go.set()


@pytest.fixture(params=["spliced", "copied"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways of moving bytes; the second is for systems without splice."""
    if request.param == "copied":
        monkeypatch.delattr(os, "splice")


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("size", [0, 1, relay.SMALL_BUFFER, relay.SPLICED_FROM + 1, LARGE])
def test_an_answer_arrives_unchanged(proxy: GuardProxy, job: str, open_site: CountingServer, size: int) -> None:
    body = os.urandom(size)
    open_site.pages["/"] = lambda handler: send(handler, body)
    assert requests.get(open_site.url, proxies=via(job), timeout=20).content == body
    assert proxy.close_job("job-1").received == size


@pytest.mark.usefixtures("way")
def test_a_tunnel_carries_both_directions(proxy: GuardProxy, job: str, open_site: CountingServer) -> None:
    body = os.urandom(LARGE)
    open_site.pages["/"] = echo
    name, _, token = job[7 : job.index("@")].partition(":")
    connection = http.client.HTTPConnection("127.0.0.1", proxy.port, timeout=20)
    connection.set_tunnel(OPEN_HOST, open_site.server_port, requests_auth(name, token))
    connection.request("POST", "/", body)
    assert connection.getresponse().read() == body
    connection.close()
    traffic = proxy.close_job("job-1")
    assert traffic.received > LARGE
    assert traffic.sent > LARGE


def requests_auth(name: str, token: str) -> dict[str, str]:
    return {"Proxy-Authorization": requests.auth._basic_auth_str(name, token)}


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_is_passed_on(proxy: GuardProxy, job: str, open_site: CountingServer, chunked: bool) -> None:
    open_site.pages["/"] = echo
    body = os.urandom(300_000)
    data = iter([body[:100_000], body[100_000:]]) if chunked else body
    assert requests.post(open_site.url, data=data, proxies=via(job), timeout=20).content == body
    assert proxy.traffic("job-1").sent == len(body)


def test_a_job_that_waits_for_permission_to_send_gets_it(job: str, open_site: CountingServer) -> None:
    open_site.pages["/"] = echo
    with raw.connect(job) as used:
        headers = b"Content-Length: 3\r\nExpect: 100-continue\r\n"
        used.sendall(raw.request(job, f"POST {open_site.url}/", headers))
        assert used.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        used.sendall(b"abc")
        assert raw.read_all(used).endswith(b"\r\n\r\nabc")


def test_an_answer_without_a_length_ends_with_the_connection(job: str, open_site: CountingServer) -> None:
    def page(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(b"y" * 400_000)
        handler.close_connection = True

    open_site.pages["/"] = page
    assert len(requests.get(open_site.url, proxies=via(job), timeout=20).content) == 400_000


def test_a_chunked_answer_ends_though_the_site_keeps_the_connection(job: str, open_site: CountingServer) -> None:
    def page(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        handler.wfile.write(b"5\r\nhello\r\n0\r\n\r\n")
        handler.close_connection = False

    open_site.pages["/"] = page
    answer = requests.get(open_site.url, proxies=via(job), timeout=20)
    assert answer.text == "hello"
    assert answer.headers["Connection"] == "close"


def test_an_answer_to_head_has_no_body(job: str, open_site: CountingServer) -> None:
    answer = requests.head(open_site.url, proxies=via(job), timeout=20)
    assert answer.headers["Content-Length"] == "5"


def test_a_site_over_ipv6_is_reached(secret: CountingServer) -> None:
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as server:
        guard = GuardProxy(("::1/128",))
        guard.start()
        try:
            with raw.connect(guard.open_job("six")) as used:
                used.sendall(raw.request(job_address(guard), f"GET http://[::1]:{server.getsockname()[1]}/x"))
                site, _ = server.accept()
                with site:
                    assert site.recv(1000).startswith(b"GET /x HTTP/1.1\r\nHost: [::1]:")
        finally:
            guard.close()


def job_address(guard: GuardProxy) -> str:
    guard.close_job("six")
    return guard.open_job("six")


def test_when_the_first_address_is_dead_the_next_is_tried(open_site: CountingServer) -> None:
    with socket.create_server((OPEN_HOST, 0)) as taken:
        dead = taken.getsockname()[1]
    answers = [(socket.AF_INET, (OPEN_HOST, dead)), (socket.AF_INET, (OPEN_HOST, open_site.server_port))]
    guard = GuardProxy((f"{OPEN_HOST}/32",), resolve=lambda host, port: answers)
    guard.start()
    try:
        job = guard.open_job("job-1")
        assert requests.get("http://two.example/", proxies=via(job), timeout=20).text == "hello"
    finally:
        guard.close()


@pytest.mark.parametrize("start", ["GET http://{}/", "CONNECT {}"])
def test_a_site_that_is_not_there_is_a_fault_of_the_way(job: str, start: str) -> None:
    with socket.create_server((OPEN_HOST, 0)) as taken:
        dead = f"{OPEN_HOST}:{taken.getsockname()[1]}"
    assert raw.status(raw.exchange(job, raw.request(job, start.format(dead)))) == 502


def test_a_name_nobody_knows_is_said_to_be_unknown(job: str) -> None:
    answer = raw.exchange(job, raw.request(job, "GET http://no-such-site.invalid/"))
    assert raw.status(answer) == 502
    assert b"no site with the name no-such-site.invalid" in answer


@pytest.mark.parametrize(
    "answer", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 101 Switching Protocols\r\n\r\n", b"HTTP/1.1 2"]
)
def test_a_site_that_answers_nonsense_is_a_fault_of_the_way(job: str, open_site: CountingServer, answer: bytes) -> None:
    def page(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(answer)
        handler.close_connection = True

    open_site.pages["/"] = page
    assert requests.get(open_site.url, proxies=via(job), timeout=20).status_code == 502


def test_a_site_that_never_answers_is_given_up(
    job: str, open_site: CountingServer, waiting: Waiting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("viddlws.engine.guard.outward.IDLE_TIMEOUT", 0.2)
    assert requests.get(f"{open_site.url}/wait", proxies=via(job), timeout=20).status_code == 504


def test_a_request_that_comes_too_slowly_is_given_up(job: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proxy_module, "HEAD_TIMEOUT", 0.2)
    with raw.connect(job) as used:
        used.sendall(b"GET http://example.com/ HT")
        assert raw.status(raw.read_all(used)) == 408


def test_the_byte_budget_ends_an_endless_answer(proxy: GuardProxy, open_site: CountingServer) -> None:
    open_site.pages["/"] = endless
    job = proxy.open_job("greedy", byte_budget=3_000_000)
    with raw.connect(job) as used:
        used.sendall(raw.request(job, f"GET {open_site.url}/"))
        received = len(raw.read_all(used))
    assert received <= 3_000_000 + 500
    assert raw.status(raw.exchange(job, raw.request(job, f"GET {open_site.url}/"))) == 413
    traffic = proxy.close_job("greedy")
    assert traffic.over_budget
    assert traffic.received <= 3_000_000 + relay.LARGE_BUFFER


@pytest.mark.parametrize("start", ["GET {url}/", "CONNECT {host}"])
def test_closing_a_job_cuts_its_connections_at_once(
    proxy: GuardProxy, job: str, open_site: CountingServer, waiting: Waiting, start: str
) -> None:
    host = open_site.url.removeprefix("http://")
    with raw.connect(job) as used:
        if start.startswith("CONNECT"):
            used.sendall(raw.request(job, start.format(host=host)))
            assert raw.status(used.recv(1000)) == 200
            used.sendall(b"GET /wait HTTP/1.1\r\nHost: x\r\n\r\n")
        else:
            used.sendall(raw.request(job, f"GET {open_site.url}/wait"))
        assert waiting.asked.wait(20)
        proxy.close_job("job-1")
        assert ended(lambda: used.recv(1000))


def ended(read: Callable[[], bytes]) -> bool:
    try:
        return read() == b""
    except ConnectionResetError:
        return True


def test_closing_one_job_leaves_the_others_alone(
    proxy: GuardProxy, job: str, open_site: CountingServer, waiting: Waiting
) -> None:
    other = proxy.open_job("job-2")
    with raw.connect(other) as used:
        used.sendall(raw.request(other, f"GET {open_site.url}/wait"))
        assert waiting.asked.wait(20)
        proxy.close_job("job-1")
        waiting.go.set()
        assert raw.read_all(used).endswith(b"late")


def test_a_job_may_not_open_connections_without_end(job: str, open_site: CountingServer) -> None:
    held = []
    try:
        for _ in range(MOST_CONNECTIONS):
            used = raw.connect(job)
            held.append(used)
            used.sendall(raw.request(job, f"CONNECT {open_site.url.removeprefix('http://')}"))
            assert raw.status(used.recv(1000)) == 200
        assert raw.status(raw.exchange(job, raw.request(job, f"GET {open_site.url}/"))) == 503
    finally:
        for used in held:
            used.close()


def test_a_job_that_goes_away_frees_the_site(proxy: GuardProxy, job: str, open_site: CountingServer) -> None:
    with socket.create_server((OPEN_HOST, 0)) as site:
        used = raw.connect(job)
        used.sendall(raw.request(job, f"GET http://{OPEN_HOST}:{site.getsockname()[1]}/"))
        accepted, _ = site.accept()
        with accepted:
            accepted.settimeout(20)
            accepted.recv(1000)
            used.close()
            assert ended(lambda: accepted.recv(1000))


def test_a_job_is_opened_once(proxy: GuardProxy, job: str) -> None:
    with pytest.raises(ValueError, match="open already"):
        proxy.open_job("job-1")
    with pytest.raises(ValueError, match="letters, digits"):
        proxy.open_job("a:b")


def test_after_closing_nobody_is_served() -> None:
    guard = GuardProxy(())
    guard.start()
    guard.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", guard.port), timeout=5)


def test_the_systems_resolver_is_asked_for_every_address() -> None:
    assert (socket.AF_INET, ("127.0.0.1", 80)) in lookup("localhost", 80)
