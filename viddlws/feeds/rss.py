"""The text of a feed: RSS 2.0 with the iTunes, Atom and Podcasting 2.0 elements that podcast apps read.

Pure: values in, text out, piece by piece. It knows neither database nor HTTP; addresses are given, absolute.
Sources: RSS 2.0, Apple's podcast requirements, the Podcasting 2.0 namespace, PSP-1, RFC 5005 (paging), and what real
clients were seen to do. Prefixes are exactly `itunes`, `atom`, `podcast`, `content`: some clients match the letters.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from viddlws.feeds.text import cdata, cut, escape, one_line, scrub

VERSION = 1  # of this text; part of the ETag, so count on when the text of an unchanged feed changes

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<rss version="2.0" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"'
    ' xmlns:atom="http://www.w3.org/2005/Atom" xmlns:podcast="https://podcastindex.org/namespace/1.0"'
    ' xmlns:content="http://purl.org/rss/1.0/modules/content/">\n<channel>\n'
)
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")  # in English, whatever the machine speaks
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_TAIL = "</channel>\n</rss>\n"


@dataclass(frozen=True)
class Enclosure:
    url: str
    size: int  # bytes, exact
    mime: str


@dataclass(frozen=True)
class Transcript:
    url: str
    language: str  # BCP 47


@dataclass(frozen=True)
class Item:
    """One episode. `guid` is opaque and never changes; `notes` is HTML of `text.notes`; `published` is aware."""

    guid: str
    title: str
    published: datetime
    enclosure: Enclosure
    notes: str = ""
    link: str = ""  # the page it came from
    duration: float | None = None  # seconds
    image: str = ""
    person: str = ""
    chapters: str = ""  # address of JSON chapters
    transcripts: tuple[Transcript, ...] = ()
    alternates: tuple[Enclosure, ...] = ()


@dataclass(frozen=True)
class Paging:
    """RFC 5005 addresses; empty where there is none."""

    first: str = ""
    previous: str = ""
    next: str = ""
    last: str = ""


@dataclass(frozen=True)
class Channel:
    """What stands above the episodes. `changed` is the last change of content, never now."""

    title: str
    link: str
    self_url: str
    guid: str  # podcast:guid, a UUIDv5
    medium: str  # "podcast" or "video"
    image: str
    changed: datetime
    description: str = ""
    language: str = "en"
    owner_name: str = ""
    owner_email: str = ""  # empty: the operator gave none
    category: str = "TV & Film"
    alternates: tuple[tuple[str, str], ...] = ()  # (title, address) of this feed's other kind
    paging: Paging = field(default_factory=Paging)


def write(channel: Channel, items: Iterable[Item]) -> Iterator[str]:
    """The feed's text, a piece for the channel and one for each item."""
    yield _HEAD + "".join(_channel(channel))
    for item in items:
        yield _item(item)
    yield _TAIL


def weight(item: Item) -> int:
    """Bytes an item takes."""
    return len(_item(item).encode())


def date(moment: datetime) -> str:
    """RFC 2822, in UTC."""
    when = moment.astimezone(UTC)
    day, month = _DAYS[when.weekday()], _MONTHS[when.month - 1]
    return f"{day}, {when.day:02} {month} {when.year:04} {when.hour:02}:{when.minute:02}:{when.second:02} +0000"


def _channel(channel: Channel) -> Iterator[str]:
    name = one_line(channel.title, "ViddlWS")
    title = escape(name)
    link, image = escape(channel.link), escape(channel.image)
    yield _atom("self", channel.self_url)
    for kind, address in channel.alternates:
        yield _atom("alternate", address, kind)
    for relation in ("first", "previous", "next", "last"):
        if address := getattr(channel.paging, relation):
            yield _atom(relation, address)
    yield f"<title>{title}</title>\n<link>{link}</link>\n"
    yield f"<description>{cdata(cut(scrub(channel.description).strip()) or name)}</description>\n"
    yield f"<language>{escape(channel.language)}</language>\n<lastBuildDate>{date(channel.changed)}</lastBuildDate>\n"
    yield f'<generator>ViddlWS</generator>\n<itunes:image href="{image}"/>\n'
    yield f"<image><url>{image}</url><title>{title}</title><link>{link}</link></image>\n"
    yield f'<itunes:author>{title}</itunes:author>\n<itunes:category text="{escape(channel.category)}"/>\n'
    yield "<itunes:explicit>false</itunes:explicit>\n<itunes:type>episodic</itunes:type>\n"
    yield from _private(channel, title)
    yield f"<podcast:guid>{escape(channel.guid)}</podcast:guid>\n"
    yield f"<podcast:medium>{escape(channel.medium)}</podcast:medium>\n"


def _private(channel: Channel, title: str) -> Iterator[str]:
    """Whose it is, and that no directory may list it or take it over."""
    owner = ""
    if channel.owner_email:
        email, name = escape(channel.owner_email), escape(one_line(channel.owner_name)) or title
        yield f"<itunes:owner><itunes:name>{name}</itunes:name><itunes:email>{email}</itunes:email></itunes:owner>\n"
        owner = f' owner="{email}"'
    yield "<itunes:block>Yes</itunes:block>\n<podcast:block>yes</podcast:block>\n"
    yield f"<podcast:locked{owner}>yes</podcast:locked>\n"


def _atom(relation: str, address: str, title: str = "") -> str:
    named = f' title="{escape(one_line(title))}"' if title else ""
    return f'<atom:link rel="{relation}" type="application/rss+xml"{named} href="{escape(address)}"/>\n'


def _item(item: Item) -> str:
    file = item.enclosure
    parts = [
        f'<item>\n<guid isPermaLink="false">{escape(item.guid)}</guid>\n'
        f"<title>{escape(one_line(item.title, 'Untitled'))}</title>\n<pubDate>{date(item.published)}</pubDate>\n"
        f'<enclosure url="{escape(file.url)}" length="{file.size}" type="{escape(file.mime)}"/>\n'
        f"<description>{cdata(item.notes)}</description>\n"
        "<itunes:explicit>false</itunes:explicit>\n<itunes:episodeType>full</itunes:episodeType>\n"
    ]
    if item.link:
        parts.append(f"<link>{escape(item.link)}</link>\n")
    if item.duration:
        parts.append(f"<itunes:duration>{max(1, round(item.duration))}</itunes:duration>\n")
    if item.image:
        parts.append(f'<itunes:image href="{escape(item.image)}"/>\n')
    if person := one_line(item.person):
        parts.append(f"<podcast:person>{escape(person)}</podcast:person>\n")
    if item.chapters:
        parts.append(f'<podcast:chapters url="{escape(item.chapters)}" type="application/json+chapters"/>\n')
    parts += map(_transcript, item.transcripts)
    parts += map(_alternate, item.alternates)
    return "".join(parts) + "</item>\n"


def _transcript(transcript: Transcript) -> str:
    language = escape(transcript.language)
    return (
        f'<podcast:transcript url="{escape(transcript.url)}" type="text/vtt" language="{language}" rel="captions"/>\n'
    )


def _alternate(file: Enclosure) -> str:
    return (
        f'<podcast:alternateEnclosure type="{escape(file.mime)}" length="{file.size}">'
        f'<podcast:source uri="{escape(file.url)}"/></podcast:alternateEnclosure>\n'
    )
