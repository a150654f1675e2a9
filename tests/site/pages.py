"""Pages as sites have them: players, lists, records for search engines. yt-dlp's generic extractor reads them all."""

import json
from collections.abc import Callable, Iterable
from html import escape
from xml.sax.saxutils import escape as xml_escape

from tests.site.exchange import Exchange

VTT = "WEBVTT\n\n00:00.000 --> 00:02.000\n{}\n\n00:02.000 --> 00:04.000\n<b>two</b> &amp; more\n"
SRT = "1\n00:00:00,000 --> 00:00:02,000\n{}\n\n2\n00:00:02,000 --> 00:00:04,000\nzwei\n"
EVIL_TITLES = {
    "long": "long " * 2000,
    "control": "bell\x07 escape\x1b[31m tab\t line\nend\x7f",
    "emoji": "\U0001f600\U0001f469\u200d\U0001f680 \u202eright to left",
    "script": "</script><script>alert(1)</script>",
    "path": "../../../etc/passwd",
    "windows": "CON",
    "shell": "$(id) `id` ; rm -rf / | %(id)s {0}",
    "formula": "=1+1",
}


def page(title: str, body: str = "", head: str = "") -> str:
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>{head}</head>'
        f"<body><h1>{escape(title)}</h1>{body}</body></html>"
    )


def index(exchange: Exchange) -> None:
    """Every address there is to try."""
    links = "".join(f'<li><a href="{escape(path)}">{escape(path)}</a>' for path in EXAMPLES)
    exchange.send(page("Test site", f"<ul>{links}</ul>"))


def video(exchange: Exchange) -> None:
    exchange.send(page("A page with a player", '<video controls><source src="/clip.mp4" type="video/mp4"></video>'))


def two(exchange: Exchange) -> None:
    players = '<video src="/clip.mp4"></video><video src="/other.mp4"></video>'
    exchange.send(page("Two players", players))


def opengraph(exchange: Exchange) -> None:
    base = _base(exchange)
    tags = {"og:title": "Told by Open Graph", "og:video": base + "/clip.mp4", "og:image": base + "/thumb.jpg"}
    exchange.send(page("Open Graph", head="".join(f'<meta property="{k}" content="{v}">' for k, v in tags.items())))


def jsonld(exchange: Exchange) -> None:
    """`/jsonld`, optionally `thumb=webp|png`: a record with everything a VideoObject can tell."""
    base = _base(exchange)
    record = {
        "@context": "https://schema.org", "@type": "VideoObject", "name": "Told by JSON-LD",
        "description": "First line\nSecond line with \u00fcml\u00e4uts", "duration": "PT12S",
        "uploadDate": "2024-05-06T07:08:09+00:00", "contentUrl": base + "/clip.mp4",
        "thumbnailUrl": f"{base}/thumb.{exchange.query.get('thumb', 'jpg')}",
        "author": {"@type": "Person", "name": "Dana Uploader"},
    }  # fmt: skip
    exchange.send(page("JSON-LD", head=f'<script type="application/ld+json">{json.dumps(record)}</script>'))


def titled(exchange: Exchange) -> None:
    """`/titled?title=T` or `/titled?evil=NAME` of EVIL_TITLES: a page with a video and just that title.

    With `picture=N` also with a picture of its own, with `captions=LANGUAGE` with captions.
    """
    title = exchange.query.get("title") or EVIL_TITLES[exchange.query["evil"]]
    head = f'<meta property="og:title" content="{escape(title)}">'
    if "picture" in exchange.query:
        head += (
            f'<meta property="og:image" content="{_base(exchange)}/painted/{escape(exchange.query["picture"])}.jpg">'
        )
    language = escape(exchange.query.get("captions", ""))
    track = f'<track kind="captions" srclang="{language}" src="/subs/{language}.vtt">' if language else ""
    exchange.send(page(title, f'<video src="/clip.mp4">{track}</video>', head))


def item(exchange: Exchange) -> None:
    """`/item/N`: the page of one entry of a list."""
    number = exchange.address.removeprefix("/item/")
    exchange.send(page(f"Item {number}", f'<video src="/small/{escape(number)}.mp4"></video>'))


def playlist(exchange: Exchange) -> None:
    """`/playlist/N`: an RSS list of N pages, written as it is sent, so N may be 100,000."""
    count = int(exchange.address.removeprefix("/playlist/"))
    exchange.head(200, {"Content-Type": "application/rss+xml", "Transfer-Encoding": "chunked"})
    if exchange.command == "HEAD":
        return
    for text in _rss(count, _base(exchange)):
        data = text.encode()
        exchange.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
    exchange.wfile.write(b"0\r\n\r\n")


def _rss(count: int, base: str) -> Iterable[str]:
    yield f'<?xml version="1.0"?><rss version="2.0"><channel><title>A list of {count}</title><link>{base}/</link>'
    for start in range(1, count + 1, 500):
        numbers = range(start, min(start + 500, count + 1))
        yield "".join(
            f"<item><title>Item {n}</title><link>{xml_escape(base)}/item/{n}</link><guid>{n}</guid></item>"
            for n in numbers
        )
    yield "</channel></rss>"


def podcast(exchange: Exchange) -> None:
    """An RSS list whose entries name files, as podcasts do."""
    base = _base(exchange)
    items = "".join(
        f'<item><title>Episode {n}</title><enclosure url="{base}/audio.m4a?e={n}" type="audio/mp4" length="1"/></item>'
        for n in (1, 2, 3)
    )
    rss = f'<?xml version="1.0"?><rss version="2.0"><channel><title>A podcast</title>{items}</channel></rss>'
    exchange.send(rss, "application/rss+xml")


def nomedia(exchange: Exchange) -> None:
    exchange.send(page("Only words", "<p>There is nothing to see here.</p>"))


def subtitles(exchange: Exchange) -> None:
    """`/subs/LANGUAGE.vtt` or `.srt`."""
    language, _, kind = exchange.address.removeprefix("/subs/").partition(".")
    exchange.send((SRT if kind == "srt" else VTT).format(f"Words in {language}"), "text/plain; charset=utf-8")


def plugin_page(exchange: Exchange) -> None:
    """`/yt/KIND`: what a browser would see of the addresses that the extractor plugin knows."""
    exchange.send(page(exchange.address, "<p>Only the extractor plugin of the tests can read this.</p>"))


def _base(exchange: Exchange) -> str:
    return exchange.site.url("")


ROUTES: dict[str, Callable[[Exchange], None]] = {
    "": index, "video": video, "two": two, "opengraph": opengraph, "jsonld": jsonld, "titled": titled, "item": item,
    "playlist": playlist, "podcast": podcast, "nomedia": nomedia, "subs": subtitles, "yt": plugin_page,
}  # fmt: skip
EXAMPLES = (
    "/clip.mp4", "/clip720.mp4", "/end.mp4", "/clip.webm", "/audio.m4a", "/audio.mp3", "/audio.opus", "/small/1.mp4",
    "/video", "/two", "/opengraph", "/jsonld", "/playlist/3", "/playlist/100000", "/podcast", "/nomedia",
    "/hls/master.m3u8", "/hls/separate.m3u8", "/hls/360.m3u8", "/hls/locked.m3u8", "/dash/manifest.mpd",
    "/made/360.m3u8?missing=2", "/titled?evil=script", "/status/404", "/status/429?retry_after=7", "/private",
    "/flaky?n=2", "/hang", "/stall", "/drip", "/trunc", "/short", "/nolen", "/chunked?cut=100000", "/inf",
    "/gzbomb", "/bightml", "/redir?to=/clip.mp4", "/loop", "/live.m3u8", "/changing/film.mp4", "/yt/merge",
)  # fmt: skip
