"""Files with ranges and validators (RFC 9110), and the playlists made from them on the fly."""

import hashlib
import re
import threading
from collections.abc import Callable
from email.utils import formatdate
from functools import cache
from pathlib import Path

from Cryptodome.Cipher import AES
from Cryptodome.Util.Padding import pad

from tests.site import media
from tests.site.exchange import Exchange

TYPES = {
    ".mp4": "video/mp4", ".webm": "video/webm", ".m4a": "audio/mp4", ".opus": "audio/ogg", ".mp3": "audio/mpeg",
    ".ts": "video/mp2t", ".m4s": "video/iso.segment", ".m3u8": "application/vnd.apple.mpegurl",
    ".mpd": "application/dash+xml", ".jpg": "image/jpeg", ".png": "image/png", ".webp": "image/webp",
    ".key": "application/octet-stream",
}  # fmt: skip
LAST_MODIFIED = 1_700_000_000
PIECE = 1 << 16


def serve(exchange: Exchange) -> None:
    """A basic clip by its name: `/clip.mp4`, `/hls/master.m3u8`; anything else is a 404."""
    path = media.folder() / exchange.address.lstrip("/")
    if ".." in exchange.address or not path.is_file():
        exchange.send("<h1>Not here</h1>", status=404)
        return
    send_file(exchange, path)


def changing(exchange: Exchange) -> None:
    """`/changing/NAME`: one clip, and after `site.change(NAME)` another of the same length. `each=1`: at every GET."""
    name = exchange.address.removeprefix("/changing/")
    version = exchange.site.version(name)
    if "each" in exchange.query and exchange.command == "GET":
        exchange.site.change(name)
    send_file(exchange, media.folder() / ("clip.mp4", "other.mp4")[version % 2])


def small(exchange: Exchange) -> None:
    """`/small/N.mp4`: a file of exactly 1 MiB under as many addresses as wanted."""
    send_file(exchange, media.folder() / "small.mp4")


def big(exchange: Exchange) -> None:
    """`/big/M.mp4`: a playable file of about M MB, made when first asked for."""
    send_file(exchange, media.big(int(Path(exchange.address).stem)))


def long_hls(exchange: Exchange) -> None:
    """`/long/N/index.m3u8`: a list of about N segments, made when first asked for."""
    _, _, count, name = exchange.address.split("/")
    send_file(exchange, media.long_hls(int(count)) / name)


def made_playlist(exchange: Exchange) -> None:
    """`/made/NAME.m3u8`, a media playlist of `/hls/` changed by the query.

    missing=N: segment N is a 404; held=N with by=GATE: segment N waits for that gate; rate=N: slow segments;
    swap=720.m3u8: after `site.change("720.m3u8")` it is that list; key=URL: that key is named for all;
    elsewhere=URL: segments lie under that address.
    """
    query = exchange.query
    where = query.get("elsewhere", "/hls/")
    swapped = query.get("swap", "") if exchange.site.version(query.get("swap", "")) else ""
    text = (media.folder() / "hls" / (swapped or Path(exchange.address).name)).read_text()
    lines = text.replace('URI="', 'URI="/hls/').splitlines()
    segment = -1
    for number, line in enumerate(lines):
        if line.startswith("#") or not line:
            continue
        segment += 1
        lines[number] = f"{where}{line}?{_segment_query(query, segment)}".rstrip("?")
    if "key" in query:
        lines.insert(1, f'#EXT-X-KEY:METHOD=AES-128,URI="{query["key"]}"')
    exchange.send("\n".join(lines) + "\n", TYPES[".m3u8"])


def sealed(exchange: Exchange) -> None:
    """`/sealed/index.m3u8`: segments enciphered with their number as initialisation vector, which the list leaves out.
    held=N with by=GATE as above."""
    name = Path(exchange.address).stem
    if name == "index":
        lines = ["#EXTM3U", "#EXT-X-TARGETDURATION:2", '#EXT-X-KEY:METHOD=AES-128,URI="/hls/secret.key"']
        for number in range(6):
            lines += ["#EXTINF:2.0,", f"/sealed/{number}.ts?{_segment_query(exchange.query, number)}".rstrip("?")]
        exchange.send("\n".join([*lines, "#EXT-X-ENDLIST"]), TYPES[".m3u8"])
        return
    key = (media.folder() / "hls" / "secret.key").read_bytes()
    cipher = AES.new(key, AES.MODE_CBC, int(name).to_bytes(16, "big"))
    plain = (media.folder() / "hls" / f"360-{int(name):03}.ts").read_bytes()
    exchange.send(cipher.encrypt(pad(plain, 16)), TYPES[".ts"])


def spliced(exchange: Exchange) -> None:
    """`/spliced/index.m3u8`: all segments are ranges of one file, each beginning where the one before ended.
    held=N with by=GATE as above; a segment is told from the others by its query."""
    segments = [path.read_bytes() for path in sorted((media.folder() / "hls").glob("360-*.ts"))]
    if exchange.address.endswith(".ts"):
        whole = b"".join(segments)
        start, stop = _asked_part(exchange, len(whole), {}) or (0, len(whole))
        exchange.send(whole[start:stop], TYPES[".ts"], 206, Content_Range=f"bytes {start}-{stop - 1}/{len(whole)}")
        return
    lines = ["#EXTM3U", "#EXT-X-VERSION:4", "#EXT-X-TARGETDURATION:2"]
    for number, segment in enumerate(segments):
        offset = "" if number else "@0"
        held = _segment_query(exchange.query, number)
        lines += ["#EXTINF:2.0,", f"#EXT-X-BYTERANGE:{len(segment)}{offset}", f"/spliced/all.ts?n={number}&{held}"]
    exchange.send("\n".join([*lines, "#EXT-X-ENDLIST"]), TYPES[".m3u8"])


def _segment_query(query: dict[str, str], segment: int) -> str:
    if query.get("missing") == str(segment):
        return "gone=1"
    if "by" in query and query.get("held") == str(segment):
        return f"gate={query['by']}"
    return "&".join(f"{name}={query[name]}" for name in ("rate", "t") if name in query)


def send_file(exchange: Exchange, path: Path) -> None:
    """The file or the asked part of it, under the parameters that `tests.site.server` lists."""
    query = exchange.query
    if "gone" in query:
        exchange.send("<h1>Not here</h1>", status=404)
        return
    size = path.stat().st_size
    headers = {"Content-Type": TYPES[path.suffix], "Accept-Ranges": "bytes", **_validators(exchange, path)}
    try:
        part = _asked_part(exchange, size, headers)
    except ValueError:
        exchange.head(416, {**headers, "Content-Range": f"bytes */{size}", "Content-Length": "0"})
        return
    start, stop = part or (0, size)
    if part:
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
    headers["Content-Length"] = str(stop - start)
    exchange.head(206 if part else 200, headers)
    if exchange.command != "HEAD":
        send_part(exchange, path, start, stop)


def _validators(exchange: Exchange, path: Path) -> dict[str, str]:
    headers = {"ETag": _etag(path), "Last-Modified": formatdate(LAST_MODIFIED, usegmt=True)}
    kind = exchange.query.get("etag")
    if kind == "weak":
        headers["ETag"] = "W/" + headers["ETag"]
    if kind == "none":
        del headers["ETag"]
    if exchange.query.get("modified") == "none":
        del headers["Last-Modified"]
    return headers


@cache
def _etag(path: Path) -> str:
    return f'"{hashlib.sha256(path.read_bytes()).hexdigest()[:16]}"'


def _asked_part(exchange: Exchange, size: int, headers: dict[str, str]) -> tuple[int, int] | None:
    """Start and stop of the wanted single range, None for the whole. Raises ValueError when it cannot be had."""
    asked = re.fullmatch(r"bytes=(\d*)-(\d*)", exchange.headers.get("Range", ""))
    if not asked or exchange.query.get("ranges") == "0" or not _still_the_same(exchange, headers):
        return None
    first, last = asked.groups()
    if not first:
        start, stop = size - min(size, int(last)), size
    else:
        start, stop = int(first), min(size, int(last) + 1 if last else size)
    if start >= stop:
        raise ValueError(asked.group())
    return start, stop


def _still_the_same(exchange: Exchange, headers: dict[str, str]) -> bool:
    condition = exchange.headers.get("If-Range")
    if condition is None or exchange.query.get("ifrange") == "0":
        return True
    return condition in (headers.get("ETag"), headers.get("Last-Modified")) and not condition.startswith("W/")


def send_part(exchange: Exchange, path: Path, start: int, stop: int) -> None:
    """The body: those bytes, with the pauses and cuts the query asks for."""
    query = exchange.query
    end = min(stop, start + int(query["cut"])) if "cut" in query else stop
    pause_at = start + int(query["after"]) if "after" in query else None
    with path.open("rb") as stream:
        if pause_at is not None and pause_at < end:
            exchange.connection.sendfile(stream, start, pause_at - start)
            exchange.site.gate(query.get("gate", "stall")).pass_through()
            start = pause_at
        if "rate" in query:
            _drip(exchange, stream.seek(start), end, stream.read, int(query["rate"]))
        else:
            exchange.connection.sendfile(stream, start, end - start)
    if end < stop:
        exchange.drop()


def _drip(exchange: Exchange, start: int, end: int, read: Callable[[int], bytes], rate: int) -> None:
    tick = threading.Event()
    piece = max(1, rate // 50)
    while start < end:
        exchange.wfile.write(read(min(piece, end - start)))
        start += piece
        tick.wait(0.02)


ROUTES: dict[str, Callable[[Exchange], None]] = {
    "changing": changing, "small": small, "big": big, "long": long_hls, "made": made_playlist, "sealed": sealed,
    "spliced": spliced,
}  # fmt: skip
