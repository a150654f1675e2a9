"""Testing a feed: what its own address says is told line by line, and nobody else is asked."""

import http.server
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from tests.conftest import signed_in
from tests.feeds.material import episode
from tests.web.pages import text
from viddlws.accounts.models import User
from viddlws.feeds import addresses, check, services
from viddlws.feeds.check import Level
from viddlws.feeds.models import Feed

Answers = dict[str, tuple[int, dict[str, str], bytes]]


@contextmanager
def other_server(answers: Answers, certificate: Path | None = None) -> Iterator[tuple[str, list[str]]]:
    """A program that is not ours: its address, and the paths it was asked for."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            status, headers, content = answers.get(self.path, (404, {}, b""))
            self.send_response(status)
            for name, value in {"Content-Length": str(len(content)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *parts: Any) -> None: ...

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"{'https' if certificate else 'http'}://127.0.0.1:{server.server_address[1]}", asked
        finally:
            server.shutdown()
            thread.join()


def checked(address: str) -> dict[str, check.Line]:
    return {line.what: line for line in check.check(address)}


def test_a_feed_that_works_is_said_to_work(alice: User, media: Path, live_server: LiveServer) -> None:
    episode(alice, media, "A walk", tags=("jazz",))
    address = addresses.address(services.subscribe(alice, tag="jazz"), live_server.url)

    lines, size = checked(address), len(b"audio of A walk" * 100)

    assert [what for what, line in lines.items() if line.level != Level.GOOD] == ["Certificate"]  # http
    assert list(lines) == ["Address", "Redirects", "Certificate", "Type", "Episodes", "Media", "Jumping", "Artwork"]
    assert lines["Episodes"].said.startswith("1 ")
    assert lines["Media"].said.startswith(f"audio/x-m4a, {size} bytes")


def test_a_file_that_lies_cut_on_the_disk_is_said(alice: User, media: Path, live_server: LiveServer) -> None:
    video = episode(alice, media, "A walk", tags=("jazz",))
    (media / f"{video.pk}.m4a").write_bytes(b"short")

    lines = checked(addresses.address(services.subscribe(alice, tag="jazz"), live_server.url))

    assert lines["Media"].level == lines["Jumping"].level == Level.BAD


def test_an_empty_feed_is_nothing_bad(alice: User, media: Path, live_server: LiveServer) -> None:
    lines = checked(addresses.address(services.subscribe(alice, tag="jazz"), live_server.url))

    assert lines["Media"].level == Level.NOTE
    assert lines["Artwork"].level == Level.GOOD


@pytest.mark.parametrize(
    ("answer", "what", "said"),
    [
        ((404, {}, b""), "Address", "404 Not Found"),
        ((200, {"Content-Type": "text/html"}, b"<html>Welcome"), "Feed", "no feed"),
        ((200, {"Content-Type": "application/rss+xml"}, b"<rss><channel/></rss>"), "Feed", "another address"),
        ((200, {"Content-Type": "application/rss+xml"}, b"x" * 6_100_000), "Address", "longer"),
        ((302, {"Location": "/feed.xml"}, b""), "Address", "more than 3 times"),
        ((302, {"Location": "file:///etc/passwd"}, b""), "Address", "another place: file://"),
    ],
)
def test_what_another_program_answers_is_told(answer: tuple[int, dict[str, str], bytes], what: str, said: str) -> None:
    with other_server({"/feed.xml": answer}) as (url, _):
        line = checked(f"{url}/feed.xml")[what]

    assert line.level == Level.BAD
    assert said in line.said
    assert line.advice


def test_a_redirect_to_another_host_or_port_is_told_and_not_followed() -> None:
    with other_server({}) as (elsewhere, asked):
        for target in (f"{elsewhere}/secret", elsewhere.replace("127.0.0.1", "localhost")):
            with other_server({"/feed.xml": (302, {"Location": target}, b"")}) as (url, _):
                line = checked(f"{url}/feed.xml")["Address"]
            assert line.level == Level.BAD
            assert target.removesuffix("/secret") in line.said
    assert asked == []


def test_addresses_in_a_feed_that_are_not_beside_it_are_not_asked_for() -> None:
    with other_server({}) as (elsewhere, asked), other_server(answers := {}) as (url, _):
        item = f'<item><enclosure url="{elsewhere}/x.m4a" length="9" type="audio/mpeg"/></item>'
        own = f'<link xmlns="http://www.w3.org/2005/Atom" rel="self" href="{url}/feed.xml"/>'
        text_of = f"<rss><channel>{own}{item}</channel></rss>".encode()
        answers["/feed.xml"] = (200, {"Content-Type": "application/rss+xml"}, text_of)

        assert checked(f"{url}/feed.xml")["Feed"].said == "It names addresses that are not ours."
    assert asked == []


def test_a_certificate_made_by_oneself_is_not_accepted(tmp_path: Path) -> None:
    pem = tmp_path / "own.pem"
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=127.0.0.1", "-days", "2"]
    subprocess.run(
        [*made, "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", pem, "-out", tmp_path / "cert.pem"],
        check=True,
        capture_output=True,
    )
    pem.write_text(pem.read_text() + (tmp_path / "cert.pem").read_text())

    with other_server({}, pem) as (url, asked):
        line = checked(f"{url}/feed.xml")["Certificate"]

    assert line.level == Level.BAD
    assert asked == []


def test_nobody_there_is_told() -> None:
    with other_server({}) as (url, _):
        pass

    assert checked(f"{url}/feed.xml")["Address"].said == "It cannot be reached."


def test_the_button_tells_it_on_the_page_and_leaves_no_trace(
    alice: User, media: Path, live_server: LiveServer, settings: Settings
) -> None:
    settings.PUBLIC_URL = live_server.url
    episode(alice, media, "A walk", tags=("jazz",))
    feed = services.subscribe(alice, tag="jazz")
    client = signed_in(alice)

    whole = text(client.post(reverse("test-feed", args=[feed.pk])))
    part = text(client.post(reverse("test-feed", args=[feed.pk]), headers={"HX-Request": "true"}))

    for page in (whole, part):
        assert "apps can jump" in page
        assert "(does not work)" not in page
    assert "<html" in whole
    assert "<html" not in part
    assert Feed.objects.get().fetched_at is None


def test_without_a_public_address_no_port_that_somebody_names_is_asked(alice: User, media: Path) -> None:
    feed = services.subscribe(alice, tag="jazz")
    with other_server({}) as (elsewhere, asked):
        host = elsewhere.removeprefix("http://")
        answer = signed_in(alice).post(reverse("test-feed", args=[feed.pk]), headers={"Host": host})

    assert "does not know its public address" in text(answer)
    assert asked == []
