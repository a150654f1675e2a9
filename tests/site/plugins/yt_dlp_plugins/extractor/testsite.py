"""An extractor for `/yt/KIND` of the test site, so that tests meet what only big sites have.

Put `tests/site/plugins` on PYTHONPATH (and do not set YTDLP_NO_PLUGINS) to have it. KINDS is the list.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import urljoin, urlsplit

from yt_dlp.extractor.common import InfoExtractor
from yt_dlp.utils import ExtractorError, OnDemandPagedList, UserNotLive, parse_qs

Info = dict[str, Any]
PAGE = 50


class TestSiteIE(InfoExtractor):  # type: ignore[misc]  # yt-dlp is untyped
    IE_NAME = "testsite"
    _VALID_URL = r"https?://(?:127\.\d+\.\d+\.\d+|localhost|[\w.-]+\.test)(?::\d+)?/yt/(?P<id>[\w-]+)"

    def _real_extract(self, url: str) -> Info:
        kind, _, number = self._match_id(url).partition("-")
        if kind == "header":
            return _with_proxy_header(self, url, number)
        return KINDS[kind](self, url, number)

    def refuse(self, reason: str) -> Info:
        raise ExtractorError(reason, expected=True)


def _film(url: str, **more: Any) -> Info:
    """The query of the page goes on to the M4A, so that a test can slow, hold or break just that."""

    def stream(number: str, name: str, **known: Any) -> Info:
        return {
            "format_id": number,
            "url": urljoin(url, name),
            "ext": name.partition("?")[0].rpartition(".")[2],
            **known,
        }

    query = f"?{page_query}" if (page_query := urlsplit(url).query) else ""

    audio = {"vcodec": "none", "language": "en"}
    video = {"acodec": "none", "fps": 15}
    high = {**video, "width": 1280, "height": 720}
    return {
        "id": "film1", "title": "A film of two streams", "description": "Some words\nin two lines",
        "duration": 12, "channel": "Channel Zero", "channel_url": urljoin(url, "/yt/channel"),
        "timestamp": 1_715_000_000, "webpage_url": url, "thumbnail": urljoin(url, "/thumb.webp"),
        "formats": [
            stream("140", "/audio.m4a" + query, acodec="mp4a.40.2", abr=96, **audio),
            stream("251", "/audio.webm", acodec="opus", abr=64, **audio),
            stream("134", "/video360.mp4", vcodec="avc1.42c01e", width=640, height=360, **video),
            stream("136", "/video720.mp4", vcodec="avc1.42c01f", **high),
            stream("247", "/video720.webm", vcodec="vp9", **high),
        ],
        **more,
    }  # fmt: skip


def _file(url: str, path: str = "/clip.mp4", **more: Any) -> Info:
    known = {"ext": "mp4", "vcodec": "avc1.42c01e", "acodec": "mp4a.40.2", "width": 640, "height": 360}
    return {
        "id": "clip1", "title": "A clip", "formats": [{"format_id": "18", "url": urljoin(url, path), **known}], **more,
    }  # fmt: skip


def _merge(_ie: TestSiteIE, url: str, _number: str) -> Info:
    return _film(url)


def _subtitles(_ie: TestSiteIE, url: str, _number: str) -> Info:
    own = {"en": [{"url": urljoin(url, "/subs/en.vtt")}], "de": [{"url": urljoin(url, "/subs/de.srt")}]}
    automatic = {language: [{"url": urljoin(url, f"/subs/{language}.vtt")}] for language in ("en", "fr")}
    return _film(url, id="subs1", title="With subtitles", subtitles=own, automatic_captions=automatic)


def _automatic(_ie: TestSiteIE, url: str, _number: str) -> Info:
    return _film(url, id="auto1", automatic_captions={"en": [{"url": urljoin(url, "/subs/en.vtt")}]})


def _chapters(_ie: TestSiteIE, url: str, _number: str) -> Info:
    chapters = [
        {"start_time": 0, "end_time": 4, "title": "Begin = start; #1"},
        {"start_time": 4, "end_time": 9, "title": "Middle\nof it"},
        {"start_time": 9, "end_time": 12, "title": "End \U0001f600"},
    ]
    return _film(url, id="chapters1", title="With chapters", chapters=chapters)


def _hls(ie: TestSiteIE, url: str, _number: str) -> Info:
    formats = ie._extract_m3u8_formats(urljoin(url, "/hls/separate.m3u8"), "hls1", "mp4")
    return {"id": "hls1", "title": "Segments", "formats": formats}


def _dash(ie: TestSiteIE, url: str, _number: str) -> Info:
    formats = ie._extract_mpd_formats(urljoin(url, "/dash/manifest.mpd"), "dash1")
    return {"id": "dash1", "title": "Dashes", "formats": formats}


def _multi(_ie: TestSiteIE, url: str, _number: str) -> Info:
    parts = [_file(url, f"/small/{n}.mp4", id=f"part{n}", title=f"Part {n}") for n in (1, 2)]
    return {"_type": "multi_video", "id": "multi1", "title": "In two parts", "entries": parts}


def _item(_ie: TestSiteIE, url: str, number: str) -> Info:
    return _file(url, f"/small/{number}.mp4", id=f"item{number}", title=f"Item {number}", duration=12)


def _list(ie: TestSiteIE, url: str, number: str) -> Info:
    count = int(number)

    def page(index: int) -> list[Info]:
        ie._download_webpage(urljoin(url, f"/yt/page-{index}"), f"pl{count}", note=False)
        numbers = range(index * PAGE + 1, min(count, (index + 1) * PAGE) + 1)
        return [ie.url_result(urljoin(url, f"/yt/item-{n}"), TestSiteIE, f"item{n}", f"Item {n}") for n in numbers]

    return dict(
        ie.playlist_result(OnDemandPagedList(page, PAGE), f"pl{count}", f"List of {count}", playlist_count=count)
    )


def _channel(ie: TestSiteIE, url: str, _number: str) -> Info:
    tabs = [ie.url_result(urljoin(url, f"/yt/pl-{n}"), TestSiteIE) for n in (3, 5)]
    return dict(ie.playlist_result(tabs, "channel1", "Channel Zero"))


def _self(ie: TestSiteIE, url: str, _number: str) -> Info:
    return dict(ie.playlist_result([ie.url_result(url, TestSiteIE)], "self1", "A list that holds itself"))


def _live(ie: TestSiteIE, url: str, _number: str) -> Info:
    formats = ie._extract_m3u8_formats(urljoin(url, "/live.m3u8"), "live1", "mp4", live=True)
    return {"id": "live1", "title": "Live now", "is_live": True, "formats": formats}


def _upcoming(ie: TestSiteIE, _url: str, _number: str) -> Info:
    ie.raise_no_formats("Premieres in 3 hours", expected=True)
    return {"id": "soon1", "title": "Soon", "live_status": "is_upcoming", "formats": []}


def _offline(_ie: TestSiteIE, _url: str, _number: str) -> Info:
    raise UserNotLive(video_id="channel1")


def _login(ie: TestSiteIE, _url: str, _number: str) -> Info:
    ie.raise_login_required()
    raise AssertionError("raise_login_required returned")


def _geo(ie: TestSiteIE, _url: str, _number: str) -> Info:
    ie.raise_geo_restricted(countries=["DE", "AT"])
    raise AssertionError("raise_geo_restricted returned")


def _drm(ie: TestSiteIE, _url: str, _number: str) -> Info:
    ie.report_drm("drm1")
    raise AssertionError("report_drm returned")


def _bug(_ie: TestSiteIE, _url: str, _number: str) -> Info:
    page: Info = {}
    return dict(page["videoDetails"])


def _regex(ie: TestSiteIE, _url: str, _number: str) -> Info:
    return {"id": "regex1", "title": ie._search_regex(r"player=(\d+)", "a new page", "player id")}


def _empty(ie: TestSiteIE, url: str, _number: str) -> Info:
    return _file(url, formats=[])


def _evilname(_ie: TestSiteIE, url: str, _number: str) -> Info:
    return _file(url, id="../../../evil\x00id", title="../../$(id) `id`\x00|<script>", display_id="/etc/passwd")


def _evilext(_ie: TestSiteIE, url: str, _number: str) -> Info:
    info = _file(url)
    info["formats"][0]["ext"] = "desktop"
    return info


def _filefmt(_ie: TestSiteIE, _url: str, _number: str) -> Info:
    return {"id": "file1", "title": "A local file", "url": "file:///etc/passwd", "ext": "mp4"}


def _with_proxy_header(_ie: TestSiteIE, url: str, _number: str) -> Info:
    """`/yt/header-proxy?to=PROXY`: a format that tries to choose its own proxy."""
    info = _file(url)
    info["formats"][0]["http_headers"] = {"Ytdl-Request-Proxy": parse_qs(url)["to"][-1]}
    return info


def _elsewhere(_ie: TestSiteIE, url: str, _number: str) -> Info:
    """`/yt/elsewhere?to=URL`: a format at that address."""
    info = _file(url)
    info["formats"][0]["url"] = urljoin(url, parse_qs(url)["to"][-1])
    return info


def _saying(reason: str) -> Callable[[TestSiteIE, str, str], Info]:
    return lambda ie, _url, _number: ie.refuse(reason)


KINDS: dict[str, Callable[[TestSiteIE, str, str], Info]] = {
    "merge": _merge, "subtitles": _subtitles, "automatic": _automatic, "chapters": _chapters, "hls": _hls,
    "dash": _dash, "multi": _multi, "item": _item, "pl": _list, "channel": _channel, "self": _self, "live": _live,
    "upcoming": _upcoming, "offline": _offline, "login": _login, "geo": _geo, "drm": _drm, "bug": _bug,
    "regex": _regex, "empty": _empty, "evilname": _evilname, "evilext": _evilext, "filefmt": _filefmt,
    "elsewhere": _elsewhere,
    "private": _saying("Private video. Sign in if you've been granted access to this video"),
    "members": _saying("Join this channel to get access to members-only content"),
    "age": _saying("Sign in to confirm your age. This video may be inappropriate for some users"),
    "bot": _saying("Sign in to confirm you\u2019re not a bot. Use --cookies-from-browser or --cookies"),
    "removed": _saying("Video unavailable. This video has been removed by the uploader"),
}  # fmt: skip
