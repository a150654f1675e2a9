"""Imported once, in the process that others are forked from: yt-dlp with the site's plugin, its patterns compiled."""

import sys

from tests.site import PLUGINS

sys.path.append(str(PLUGINS))

import yt_dlp  # looks for plugins on the path

__all__ = ["yt_dlp"]

with yt_dlp.YoutubeDL({"quiet": True}) as ydl:
    ydl.get_info_extractor("Generic")
    for extractor in yt_dlp.extractor.gen_extractor_classes():
        extractor.suitable("http://127.0.0.1/warm")
