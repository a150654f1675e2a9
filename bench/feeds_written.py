"""Writes the same items as a feed with our serialiser, lxml, feedgen and Django's generator, and prints, a line each:
name, milliseconds of processor. All start from the same values and end with bytes."""

import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from io import BytesIO
from statistics import median

from django.conf import settings
from django.utils.feedgenerator import Enclosure, Rss201rev2Feed
from feedgen.feed import FeedGenerator
from lxml import etree

from viddlws.feeds import rss, text

settings.configure(USE_TZ=True)
FOLDER = "https://videos.example.org/podcast/s77nj6jplsf2je524j2x2r3dcze7erqp"
ITUNES = "http://www.itunes.com/dtds/podcast-1.0.dtd"
NOTES = "The river goes by, & the hills <stay>.\nA second line says more about them.\n\n" * 6
START = datetime(2026, 1, 1, tzinfo=UTC)
RUNS = 3
COUNT = int(sys.argv[1])
ROWS = [
    (f"Episode {n}: hills & dales", START + timedelta(hours=n), f"{FOLDER}/{n:032x}.m4a", f"{FOLDER}/{n:032x}.jpg", n)
    for n in range(COUNT)
]


def ours() -> bytes:
    channel = rss.Channel("Hills", FOLDER, f"{FOLDER}/feed.xml", "guid", "podcast", f"{FOLDER}/cover.jpg", START)
    items = (
        rss.Item(
            guid=f"{n:032x}",
            title=title,
            published=date,
            enclosure=rss.Enclosure(url, 1000, "audio/x-m4a"),
            notes=text.notes(NOTES),
            duration=61.0,
            image=image,
        )
        for title, date, url, image, n in ROWS
    )
    return b"".join(piece.encode() for piece in rss.write(channel, items))


def lxml() -> bytes:
    target = BytesIO()
    with etree.xmlfile(target, encoding="utf-8") as out:
        out.write_declaration()
        with out.element("rss", version="2.0", nsmap={"itunes": ITUNES}), out.element("channel"):
            for name, value in (("title", "Hills"), ("link", FOLDER), ("description", "Hills")):
                with out.element(name):
                    out.write(value)
            for title, date, url, image, n in ROWS:
                with out.element("item"):
                    for name, value in (
                        ("guid", f"{n:032x}"),
                        ("title", title),
                        ("pubDate", format_datetime(date)),
                        ("description", text.notes(NOTES)),
                        (f"{{{ITUNES}}}duration", "61"),
                        (f"{{{ITUNES}}}explicit", "false"),
                    ):
                        with out.element(name):
                            out.write(value)
                    with out.element("enclosure", url=url, length="1000", type="audio/x-m4a"):
                        pass
                    with out.element(f"{{{ITUNES}}}image", href=image):
                        pass
    return target.getvalue()


def feedgen() -> bytes:
    feed = FeedGenerator()
    feed.load_extension("podcast")
    feed.title("Hills")
    feed.link(href=FOLDER)
    feed.description("Hills")
    for title, date, url, image, n in ROWS:
        entry = feed.add_entry(order="append")
        entry.id(f"{n:032x}")
        entry.title(title)
        entry.published(date)
        entry.description(text.notes(NOTES))
        entry.enclosure(url, "1000", "audio/x-m4a")
        entry.podcast.itunes_duration(61)
        entry.podcast.itunes_image(image)
    return bytes(feed.rss_str())


def django() -> bytes:
    feed = Rss201rev2Feed("Hills", FOLDER, "Hills")
    for title, date, url, _image, n in ROWS:
        feed.add_item(
            title,
            FOLDER,
            text.notes(NOTES),
            pubdate=date,
            unique_id=f"{n:032x}",
            unique_id_is_permalink=False,
            enclosures=[Enclosure(url, "1000", "audio/x-m4a")],
        )
    return feed.writeString("utf-8").encode()


def spent(write: Callable[[], bytes]) -> float:
    begin = time.process_time()
    assert write().count(b"<item>") == COUNT
    return (time.process_time() - begin) * 1000


WRITERS = {"ours": ours, "lxml's xmlfile": lxml, "feedgen": feedgen, "Django's generator": django}
times: dict[str, list[float]] = {name: [] for name in WRITERS}
for _ in range(RUNS):  # in turn, so that a busy moment of the machine is everybody's
    for name, write in WRITERS.items():
        times[name].append(spent(write))
for name, found in times.items():
    print(f"{name}\t{median(found)}")
