"""Pages of an open site that try to lead a job to the secret server."""

import json
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler

from tests.engine.guard.servers import CountingServer, redirect_to, send
from tests.site import media

HLS_TYPE = "application/vnd.apple.mpegurl"
NAMES = ("clip.mp4", "thumb.jpg", "hls/360-000.ts", "hls/360.m3u8")


def master(*lines: str) -> str:
    return "\n".join(("#EXTM3U", "#EXT-X-VERSION:6", *lines, ""))


def playlist(*lines: str) -> str:
    return master("#EXT-X-TARGETDURATION:2", *lines)


def segments(*addresses: str, end: bool = True) -> str:
    listed = [line for address in addresses for line in ("#EXTINF:2.0,", address)]
    return playlist("#EXT-X-MEDIA-SEQUENCE:0", *listed, *(["#EXT-X-ENDLIST"] if end else []))


def open_up(site: CountingServer, secret: str) -> None:
    """Give `site` its good files, and the hostile pages that name `secret`, a base address."""
    for name in NAMES:
        site.pages[f"/{name}"] = _file((media.folder() / name).read_bytes())
    site.pages["/hls/good.m3u8"] = _text(segments("360-000.ts"), HLS_TYPE)
    site.pages["/redirect/good"] = redirect_to("/clip.mp4")
    for path, text in _playlists(secret).items():
        site.pages[path] = _text(text, HLS_TYPE)
    for path, text in _pages(secret, site.url).items():
        site.pages[path] = _text(text, "text/html; charset=utf-8")
    for path, target in _redirects(secret, site.url).items():
        site.pages[path] = redirect_to(target)
    site.pages["/rss"] = _text(_rss(secret), "application/rss+xml")
    site.pages["/dash.mpd"] = _text(_dash(secret), "application/dash+xml")


def _playlists(secret: str) -> dict[str, str]:
    key = f'#EXT-X-KEY:METHOD=AES-128,URI="{secret}/key"'
    variant = '#EXT-X-STREAM-INF:BANDWIDTH=300000,RESOLUTION=640x360,CODECS="avc1.42c01f,mp4a.40.2"'
    audio = f'#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="a",DEFAULT=YES,URI="{secret}/audio.m3u8"'
    good = ("#EXTINF:2.0,", "/hls/360-000.ts", "#EXT-X-ENDLIST")
    ffmpeg_only = '#EXT-X-KEY:METHOD=SAMPLE-AES,URI="/hls/360-000.ts",KEYFORMAT="identity"'
    return {
        "/hls/segment.m3u8": segments("360-000.ts", f"{secret}/360-001.ts"),
        "/hls/redirected.m3u8": segments("/redirect/plain"),
        "/hls/key.m3u8": playlist(key, *good),
        "/hls/map.m3u8": playlist(f'#EXT-X-MAP:URI="{secret}/init.mp4"', *good),
        "/hls/variant.m3u8": master(variant, f"{secret}/360.m3u8"),
        "/hls/audio.m3u8": master(audio, variant + ',AUDIO="a"', "/hls/good.m3u8"),
        "/hls/file.m3u8": segments("file:///etc/passwd"),
        "/hls/rtmp.m3u8": segments(f"{secret.replace('http', 'rtmp')}/live"),
        "/hls/live.m3u8": segments(f"{secret}/360-000.ts", end=False),
        "/hls/ffmpeg.m3u8": playlist(ffmpeg_only, "#EXTINF:2.0,", f"{secret}/360-000.ts", "#EXT-X-ENDLIST"),
    }


def _pages(secret: str, here: str) -> dict[str, str]:
    target = f"{secret}/clip.mp4"
    record = {"@context": "https://schema.org", "@type": "VideoObject", "name": "x", "contentUrl": target}
    pictured = {**record, "contentUrl": f"{here}/clip.mp4", "thumbnailUrl": f"{secret}/thumb.jpg"}
    return {
        "/page/video": f"<video src='{target}'></video>",
        "/page/source": f"<video><source src='{target}' type='video/mp4'></video>",
        "/page/hls": f"<video><source src='{secret}/x.m3u8' type='{HLS_TYPE}'></video>",
        "/page/opengraph": f'<meta property="og:title" content="x"><meta property="og:video" content="{target}">',
        "/page/twitter": f'<meta name="twitter:player:stream" content="{target}">',
        "/page/jsonld": f"<script type='application/ld+json'>{json.dumps(record)}</script>",
        "/page/thumbnail": f"<script type='application/ld+json'>{json.dumps(pictured)}</script>",
        "/page/refresh": f"<meta http-equiv='refresh' content='0; url={secret}/clip.mp4'>",
        "/page/iframe": f"<iframe src='{secret}/embed/video'></iframe><video src='{target}'></video>",
    }


def _redirects(secret: str, here: str) -> dict[str, str]:
    port = secret.rpartition(":")[2]
    return {
        "/redirect/plain": f"{secret}/clip.mp4",
        "/redirect/decimal": f"http://2130706433:{port}/clip.mp4",
        "/redirect/mapped": f"http://[::ffff:127.0.0.1]:{port}/clip.mp4",
        "/redirect/userinfo": f"http://127.0.0.2@127.0.0.1:{port}/clip.mp4",
        "/redirect/relative": f"//127.0.0.1:{port}/clip.mp4",
        "/redirect/chain": f"{here}/redirect/plain",
        "/redirect/tls": f"https://127.0.0.1:{port}/clip.mp4",
        "/redirect/file": "file:///etc/passwd",
        "/redirect/ftp": f"ftp://127.0.0.1:{port}/clip.mp4",
        "/redirect/metadata": "http://169.254.169.254/latest/meta-data/",
    }


def _rss(secret: str) -> str:
    items = "".join(
        f"<item><title>{number}</title><enclosure url='{secret}/{number}.mp4' type='video/mp4' length='1'/></item>"
        for number in (1, 2)
    )
    return f"<?xml version='1.0'?><rss version='2.0'><channel><title>A list</title>{items}</channel></rss>"


def _dash(secret: str) -> str:
    return (
        "<?xml version='1.0'?><MPD xmlns='urn:mpeg:dash:schema:mpd:2011' type='static' "
        "mediaPresentationDuration='PT2S' profiles='urn:mpeg:dash:profile:isoff-main:2011'>"
        f"<BaseURL>{secret}/</BaseURL>"
        "<Period><AdaptationSet mimeType='video/mp4'><Representation id='v' bandwidth='300000' codecs='avc1.42c01f' "
        "width='640' height='360'><SegmentList duration='2'><Initialization sourceURL='init.mp4'/>"
        "<SegmentURL media='1.m4s'/></SegmentList></Representation></AdaptationSet></Period></MPD>"
    )


def _file(body: bytes) -> Callable[[BaseHTTPRequestHandler], None]:
    return lambda handler: send(handler, body, Content_Type="application/octet-stream")


def _text(text: str, kind: str) -> Callable[[BaseHTTPRequestHandler], None]:
    return lambda handler: send(handler, text.encode(), Content_Type=kind)
