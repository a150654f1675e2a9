"""A web site to download from: real media, pages of every kind, and every way a server can be broken."""

from pathlib import Path

from tests.site.exchange import Gate, Hit
from tests.site.server import Site

PLUGINS = Path(__file__).parent / "plugins"  # for PYTHONPATH, where yt-dlp finds the extractor of `/yt/`

__all__ = ["PLUGINS", "Gate", "Hit", "Site"]
