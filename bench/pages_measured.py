"""Fills a library with so many videos and prints, a line a page: name, milliseconds of processor, queries."""

import os
import sys
import time
from datetime import timedelta
from statistics import median

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "viddlws.config.settings"
django.setup()

from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from viddlws.accounts.models import User
from viddlws.library.models import MediaFile, Tag, Tagging, Video

WORDS = ("river", "hill", "garden", "night", "train", "winter", "bridge", "orchard", "harbour", "meadow", "lantern")
FULL = 60  # more than a page: every size of library shows as many cards, so that only the size differs
PAGES = {
    "first page": "/",
    "search": "/?q=lighthouse",  # a word that FULL videos have
    "search, common word": "/?q=series",  # a word that all have
    "one tag": "/?tag=outdoors",  # every second video
}


def fill(owner: User, size: int) -> None:
    tag = Tag.objects.create(owner=owner, name="outdoors")
    now = timezone.now()
    for start in range(0, size, 5000):
        videos = [
            Video(
                owner=owner,
                title="lighthouse " * (number < FULL)
                + " ".join(WORDS[(number * step) % len(WORDS)] for step in (1, 3, 7))
                + f" {number}",
                description=f"Number {number} of the series.",
                channel=f"Channel {number % 50}",
                url=f"https://videos.example.org/{number}",
                has_video=True,
                duration=float(number % 4000),
                added_at=now - timedelta(minutes=number),
            )
            for number in range(start, min(start + 5000, size))
        ]
        Video.objects.bulk_create(videos)
        MediaFile.objects.bulk_create(
            MediaFile(video=video, kind=kind, path=f"{video.id}.{kind}", size=1000, mime=mime)
            for video in videos
            for kind, mime in (("video", "video/mp4"), ("thumbnail", "image/jpeg"))
        )
        Tagging.objects.bulk_create(Tagging(video=video, tag=tag, added_at=video.added_at) for video in videos[::2])


def measure(client: Client, address: str) -> tuple[float, int]:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    count = len(queries)
    spent = []
    for _ in range(15):
        begin = time.process_time()
        client.get(address)
        spent.append(time.process_time() - begin)
    return median(spent) * 1000, count


call_command("migrate", verbosity=0)
owner = User.objects.create_user("bench")
fill(owner, int(sys.argv[1]))
with connection.cursor() as cursor:
    cursor.execute("ANALYZE")
client = Client(headers={"host": "localhost"})
client.force_login(owner)
for name, address in PAGES.items():
    milliseconds, count = measure(client, address)
    print(f"{name}\t{milliseconds}\t{count}")
