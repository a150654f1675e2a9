"""What the zygote plays through once, so that no job has to compile it: patterns, date formats, the usual pages.

Half of a small job's computing was regular expressions that Python compiled and forgot again: its caches hold 512
patterns and 5 date formats, while yt-dlp has 1,900 extractors and tries 50 formats for each date.
"""

import _strptime  # type: ignore[import-not-found]  # typeshed has none of it
import re

_PATTERNS = 20_000
_DATE_FORMATS = 500
_HEAD = '<!doctype html><html lang="en"><head><title>A walk</title>'
_RECORD = (
    '<script type="application/ld+json">{"@context": "https://schema.org", "@type": "VideoObject", "name": "A walk",'
    ' "description": "Through the hills", "duration": "PT1M2S", "uploadDate": "2024-05-06T07:08:09Z",'
    ' "thumbnailUrl": "https://example.invalid/a.jpg", "contentUrl": "https://example.invalid/a.mp4"}</script>'
)
_HLS = "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\na.ts\n#EXT-X-ENDLIST\n"
# Path: (type, body)
PAGES = {
    "/walk.mp4": ("video/mp4", b"\0\0\0\x18ftypisom"),
    "/walk.m3u8": ("application/vnd.apple.mpegurl", _HLS.encode()),
    "/video": ("text/html", f'{_HEAD}</head><body><video src="/a.mp4"></video></body></html>'.encode()),
    "/record": ("text/html", f"{_HEAD}{_RECORD}</head><body></body></html>".encode()),
}
HEADERS = {"Last-Modified": "Tue, 14 Nov 2023 22:13:20 GMT", "Content-Length": "1000000"}


def remember_patterns() -> list[str]:
    """Let Python keep every compiled pattern and date format. Names of the limits it no longer has where we look."""
    missing = []
    for module, name, most in ((re, "_MAXCACHE", _PATTERNS), (_strptime, "_CACHE_MAX_SIZE", _DATE_FORMATS)):
        if isinstance(getattr(module, name, None), int):
            setattr(module, name, most)
        else:
            missing.append(name)
    return missing
