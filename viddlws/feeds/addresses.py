"""Where a feed is in the world: at the configured public address, else at the origin that the face was reached at."""

from django.conf import settings

from viddlws.feeds.models import Feed

FOLDER = "podcast"
FEED = "feed.xml"


def home(origin: str) -> str:
    """Our first page, with a slash at the end. `origin` is like http://localhost:8000 and counts where none is set."""
    return f"{settings.PUBLIC_URL or origin + settings.OPTIONS.url_prefix}/"


def folder(feed: Feed, origin: str) -> str:
    """Below this lies everything the feed's key opens; with a slash at the end."""
    return f"{home(origin)}{FOLDER}/{feed.key}/"


def address(feed: Feed, origin: str) -> str:
    """What a person gives to a podcast app."""
    return folder(feed, origin) + FEED
