"""Fills a tag with so many episodes and prints, a line each: what an app asks for, and milliseconds of processor; then
queries, and the most memory in MB that Python took for one page."""

import os
import sys
import time
import tracemalloc
from statistics import median

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "viddlws.config.settings"
django.setup()

from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.feeds.material import many
from viddlws.accounts.models import User
from viddlws.feeds import services

RUNS = 15
NOTES = "The river goes by, & the hills <stay>.\nA second line says more about them.\n\n" * 6


def asked(client: Client, path: str, **headers: str) -> float:
    begin = time.process_time()
    answer = client.get(path, headers=headers)
    assert answer.status_code == (304 if "If-None-Match" in headers else 200)
    for _ in answer:  # a stream is written as it is read
        pass
    return (time.process_time() - begin) * 1000


call_command("migrate", verbosity=0)
owner = User.objects.create_user("bench")
many(owner, int(sys.argv[1]), tag="outdoors", notes=NOTES)
with connection.cursor() as cursor:
    cursor.execute("ANALYZE")
path = f"/podcast/{services.subscribe(owner, tag='outdoors').key}/feed.xml"
client = Client(headers={"host": "localhost"})
with CaptureQueriesContext(connection) as queries:
    etag = client.get(path)["ETag"]
count = len(queries)
for name, headers in {
    "page": {},
    "page, gzip": {"Accept-Encoding": "gzip"},
    "unchanged": {"If-None-Match": etag},
}.items():
    print(f"{name}\t{median(asked(client, path, **headers) for _ in range(RUNS))}")
print(f"queries\t{count}")
tracemalloc.start()
asked(client, path)
print(f"memory\t{tracemalloc.get_traced_memory()[1] / 1e6}")
