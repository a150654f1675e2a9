"""A key is nowhere but in addresses and in apps: a real server is asked for everything, and its logs are read."""

import http.client
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.ops.running import PASSWORD, up, viddlws

pytestmark = pytest.mark.stack


def ask(address: str, method: str = "GET", **headers: str) -> tuple[int, bytes]:
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.netloc, timeout=30)
    connection.request(method, parts.path, headers=headers)
    answer = connection.getresponse()
    return answer.status, answer.read()


@pytest.fixture
def group(tmp_path: Path) -> Iterator[tuple[str, Path, Path]]:
    """Address, data folder and log of a group whose every part says all it can."""
    data = tmp_path / "data"
    made = viddlws(data, "user", "add", "alice", "--password-file", "-", said=f"{PASSWORD}\n")
    assert made.returncode == 0, made.stderr
    with up(data, VIDDLWS_LOG_LEVEL="DEBUG") as running:
        yield running.address, data, running.log


def feed(data: Path, address: str, *arguments: str) -> str:
    """Runs `viddlws feed ...`; the address it prints, on the port that the group has."""
    done: subprocess.CompletedProcess[str] = viddlws(data, "feed", *arguments)
    assert done.returncode == 0, done.stderr
    return address + urlsplit(done.stdout.strip()).path


def test_a_feed_is_made_rotated_and_revoked_and_its_key_is_in_no_log(group: tuple[str, Path, Path]) -> None:
    address, data, log = group
    first = feed(data, address, "add", "--tag", "music", "--user", "alice")
    assert ask(first)[0] == 200
    assert ask(first, "HEAD") == (200, b"")
    assert ask(first, Referer=first, **{"User-Agent": "app", "If-None-Match": "*"})[0] == 304
    cover = re.search(rb'<itunes:image href="[^"]*(/podcast/[^"]+)"', ask(first)[1])
    assert cover
    assert ask(address + cover[1].decode())[0] == 200
    assert ask(first + "/no/such")[0] == 404
    assert ask(first, "POST")[0] == 405
    assert ask(first.replace("feed.xml", "feed-7.xml"))[0] == 404

    [made] = json.loads(viddlws(data, "feed", "list", "--json", "--user", "alice").stdout)
    assert (made["tag"], made["fetched_by"] is not None or made["fetched_at"] is not None) == ("music", True)
    second = feed(data, address, "rotate", made["id"][:8])
    assert (ask(first)[0], ask(second)[0]) == (404, 200)
    assert f'xmlUrl="{made["address"].rsplit("/podcast", 1)[0]}' in viddlws(data, "feed", "opml").stdout
    assert viddlws(data, "feed", "revoke", made["id"]).returncode == 0
    assert ask(second)[0] == 404

    said = log.read_text()
    assert "/podcast/***/" in said
    for key in (first, second):
        assert urlsplit(key).path.split("/")[2] not in said
