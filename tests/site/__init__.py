"""A web site to download from: real media, pages of every kind, and every way a server can be broken."""

from tests.site.exchange import Gate, Hit
from tests.site.server import Site

__all__ = ["Gate", "Hit", "Site"]
