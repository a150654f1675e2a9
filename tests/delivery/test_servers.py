"""Real servers hand out media."""

import http.client
import shutil
import socket
from contextlib import ExitStack, closing
from pathlib import Path
from urllib.parse import quote

import psutil
import pytest

from tests.delivery.servers import OverSocket, gunicorn, nginx

CONTENT = bytes(range(256)) * 1000
NAMES = (
    "plain.mp4",
    "🎈 party #1 100% really?.mp4",
    "a;b&c=d+e.mp4",
    "%2e%2e%2f.mp4",
    "Ärger [id].mp4",
    'q"uote\\s.mp4',
)

pytestmark = pytest.mark.stack


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "media" / "alice").mkdir(parents=True)
    for name in NAMES:
        (tmp_path / "media" / "alice" / name).write_bytes(CONTENT)
    return tmp_path / "media"


def get(client: http.client.HTTPConnection, name: str, **headers: str) -> tuple[http.client.HTTPResponse, bytes]:
    client.request("GET", f"/media/{quote('alice/' + name)}", headers=headers)
    answer = client.getresponse()
    return answer, answer.read()


def test_one_connection_serves_ranges_one_after_the_other(folder: Path) -> None:
    """Which shows that no answer is longer or shorter than it says."""
    with gunicorn(folder) as (port, _):
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        for first, last in ((0, 0), (5, 100_000), (255_999, 255_999), (10, 20)):
            answer, body = get(client, NAMES[0], Range=f"bytes={first}-{last}")
            assert (answer.status, body) == (206, CONTENT[first : last + 1])
        answer, body = get(client, NAMES[0], Range="bytes=900000-")
        assert (answer.status, answer.headers["Content-Range"], body) == (416, "bytes */256000", b"")
        client.request("HEAD", f"/media/{quote('alice/' + NAMES[0])}")
        answer = client.getresponse()
        assert (answer.status, answer.headers["Content-Length"], answer.read()) == (200, "256000", b"")
        answer, _ = get(client, NAMES[0], **{"If-None-Match": answer.headers["ETag"]})
        assert answer.status == 304
        answer, body = get(client, NAMES[1])
        assert (answer.status, body) == (200, CONTENT)
        assert get(client, "missing.mp4")[0].status == 404


def test_sixty_stalled_players_leave_the_pages_quick(folder: Path) -> None:
    """Each of them holds a thread: its answer has begun and cannot end, being larger than all buffers on the way."""
    with (folder / "alice" / "long.mp4").open("wb") as film:
        film.truncate(256 * 1024 * 1024)
    with gunicorn(folder) as (port, pid), ExitStack() as players:
        for _ in range(60):
            player = players.enter_context(socket.create_connection(("127.0.0.1", port), timeout=30))
            player.sendall(b"GET /media/alice/long.mp4 HTTP/1.1\r\nHost: x\r\n\r\n")
            assert player.recv(12) == b"HTTP/1.1 200"
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as page:
            page.request("GET", "/hello")
            assert page.getresponse().read() == b"hello"
        group = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
        assert sum(process.memory_info().rss for process in group) < 400 * 1024 * 1024


@pytest.mark.skipif(not shutil.which("nginx"), reason="nginx is not installed")
def test_nginx_sends_files_of_any_name(folder: Path) -> None:
    with gunicorn(folder, delivery="nginx") as (port, _), nginx(folder, port) as address:
        client = OverSocket(address)
        for name in NAMES:
            answer, body = get(client, name, Range="bytes=256-511")
            assert (name, answer.status, body) == (name, 206, CONTENT[256:512])
            answer, body = get(client, name)
            assert (name, answer.status, body) == (name, 200, CONTENT)
            assert answer.headers["Content-Type"] == "video/mp4"
            assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
            assert answer.headers["Cache-Control"] == "private"
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert "X-Accel-Redirect" not in answer.headers
        assert get(client, "missing.mp4")[0].status == 404


@pytest.mark.skipif(not shutil.which("nginx"), reason="nginx is not installed")
def test_nginx_has_no_door_to_the_media_folder(folder: Path) -> None:
    with gunicorn(folder, delivery="nginx") as (port, _), nginx(folder, port) as address:
        client = OverSocket(address)
        client.request("GET", f"/_media/alice/{NAMES[0]}")
        answer = client.getresponse()
        assert answer.status == 404
        assert CONTENT[:100] not in answer.read()
