"""Every way a server can go wrong. What waits, waits at a gate that the test opens."""

import zlib
from collections.abc import Callable, Iterable
from pathlib import Path

from tests.site import files, media
from tests.site.exchange import Exchange

MP4 = {"Content-Type": "video/mp4"}


def status(exchange: Exchange) -> None:
    """`/status/N`, with `retry_after=V` that header."""
    code = int(exchange.address.removeprefix("/status/"))
    _refuse(exchange, code, f"<h1>Status {code}</h1>")


def private(exchange: Exchange) -> None:
    """403, or `status=401`, and a page that says why."""
    code = int(exchange.query.get("status", 403))
    _refuse(exchange, code, "<title>Private video</title><p>This video is private. Sign in to watch it.</p>")


def flaky(exchange: Exchange) -> None:
    """Fails the first `n` times (1) with `status` (503), then is a clip. Counted per full address."""
    if exchange.site.count("flaky:" + exchange.path) < int(exchange.query.get("n", 1)):
        _refuse(exchange, int(exchange.query.get("status", 503)), "<h1>Not now</h1>")
    else:
        files.send_file(exchange, _clip())


def hang(exchange: Exchange) -> None:
    """No answer at all until the gate `hang` (or `name=`) opens."""
    exchange.site.gate(exchange.query.get("name", "hang")).pass_through()
    files.send_file(exchange, _clip())


def stall(exchange: Exchange) -> None:
    """A clip that stops after `after` bytes (200,000) until the gate `stall` (or `gate=`) opens."""
    exchange.query.setdefault("after", "200000")
    files.send_file(exchange, _clip())


def drip(exchange: Exchange) -> None:
    """A clip at `rate` bytes a second (200,000); ranges work."""
    exchange.query.setdefault("rate", "200000")
    files.send_file(exchange, _clip())


def trunc(exchange: Exchange) -> None:
    """A clip whose every answer breaks off after `cut` bytes (400,000); ranges work, so three answers make it whole."""
    exchange.query.setdefault("cut", "400000")
    files.send_file(exchange, _clip())


def short(exchange: Exchange) -> None:
    """Content-Length is too small by half, no ranges, then the connection ends: nobody can tell from the header."""
    size = _clip().stat().st_size
    exchange.head(200, {**MP4, "Content-Length": str(size // 2), "Connection": "close"})
    _body(exchange, size)


def nolen(exchange: Exchange) -> None:
    """No Content-Length; the end of the connection is the end of the clip, with `cut=N` too early."""
    exchange.head(200, {**MP4, "Connection": "close"})
    _body(exchange, int(exchange.query.get("cut", _clip().stat().st_size)))


def chunked(exchange: Exchange) -> None:
    """A clip in chunks, with `cut=N` broken off after N bytes without the last chunk."""
    content = _clip().read_bytes()
    cut = int(exchange.query.get("cut", len(content)))
    exchange.head(200, {**MP4, "Transfer-Encoding": "chunked"})
    if exchange.command == "HEAD":
        return
    _chunks(exchange, (content[start : min(cut, start + files.PIECE)] for start in range(0, cut, files.PIECE)))
    if cut < len(content):
        exchange.drop()
    else:
        exchange.wfile.write(b"0\r\n\r\n")


def endless(exchange: Exchange) -> None:
    """A body without an end, at full speed, until the client goes away."""
    exchange.head(200, {**MP4, "Transfer-Encoding": "chunked"})
    if exchange.command != "HEAD":
        content = _clip().read_bytes()
        _chunks(exchange, iter(lambda: content, None))


def gzip_bomb(exchange: Exchange) -> None:
    """`mb` MB (300) of zeros, sent as some hundred kB of gzip."""
    exchange.head(200, {**MP4, "Content-Encoding": "gzip", "Connection": "close"})
    exchange.close_connection = True
    if exchange.command == "HEAD":
        return
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    for _ in range(int(exchange.query.get("mb", 300))):
        exchange.wfile.write(packer.compress(bytes(1 << 20)))
    exchange.wfile.write(packer.flush())


def big_html(exchange: Exchange) -> None:
    """A page of `mb` MB (100)."""
    filling = b"<p>words <a href='/x'>and</a> links</p>" * 26886  # about one MB
    exchange.head(200, {"Content-Type": "text/html", "Transfer-Encoding": "chunked"})
    if exchange.command == "HEAD":
        return
    _chunks(exchange, (filling for _ in range(int(exchange.query.get("mb", 100)))))
    exchange.wfile.write(b"0\r\n\r\n")


def redirect(exchange: Exchange) -> None:
    """`/redir?to=URL`, with `status` (302)."""
    exchange.send("", status=int(exchange.query.get("status", 302)), Location=exchange.query["to"])


def loop(exchange: Exchange) -> None:
    """Redirects to itself, under ever new addresses with `grow=1`."""
    step = int(exchange.query.get("n", 0)) + 1
    exchange.send("", status=302, Location=f"/loop?grow=1&n={step}" if "grow" in exchange.query else exchange.path)


def live(exchange: Exchange) -> None:
    """A playlist without end: one segment more at every request, six in the window."""
    first = exchange.site.count("live")
    lines = ["#EXTM3U", "#EXT-X-VERSION:3", "#EXT-X-TARGETDURATION:2", f"#EXT-X-MEDIA-SEQUENCE:{first}"]
    for number in range(first, first + 6):
        lines += ["#EXT-X-DISCONTINUITY"] * (number % 6 == 0) + ["#EXTINF:2.0,", f"/hls/360-{number % 6:03}.ts"]
    exchange.send("\n".join(lines) + "\n", files.TYPES[".m3u8"])


def _clip() -> Path:
    return media.folder() / "clip.mp4"


def _refuse(exchange: Exchange, code: int, body: str) -> None:
    headers = {"Retry_After": exchange.query["retry_after"]} if "retry_after" in exchange.query else {}
    exchange.send(body if code != 204 else "", status=code, **headers)


def _body(exchange: Exchange, size: int) -> None:
    exchange.close_connection = True
    if exchange.command != "HEAD":
        exchange.wfile.write(_clip().read_bytes()[:size])


def _chunks(exchange: Exchange, pieces: Iterable[bytes]) -> None:
    for piece in pieces:
        exchange.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))


ROUTES: dict[str, Callable[[Exchange], None]] = {
    "status": status, "private": private, "flaky": flaky, "hang": hang, "stall": stall, "drip": drip, "trunc": trunc,
    "short": short, "nolen": nolen, "chunked": chunked, "inf": endless, "gzbomb": gzip_bomb, "bightml": big_html,
    "redir": redirect, "loop": loop, "live.m3u8": live,
}  # fmt: skip
