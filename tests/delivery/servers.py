"""gunicorn as ViddlWS runs it, and nginx in front of it."""

import http.client
import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]


@contextmanager
def gunicorn(media: Path, *, delivery: str = "django", threads: int = 64) -> Iterator[tuple[int, int]]:
    """Runs the site of `app.py`; gives its port and its process id."""
    environment = {**os.environ, "MEDIA": str(media), "DELIVERY": delivery, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "gunicorn", "-k", "gthread", "--threads", str(threads), "-b", "127.0.0.1:0"]
    process = subprocess.Popen(
        [*command, "--no-control-socket", "--graceful-timeout", "1", "tests.delivery.app:application"],
        env=environment,
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr
        said = ""
        for line in process.stderr:
            said += line
            if match := re.search(r"Listening at: http://127.0.0.1:(\d+)", line):
                port = int(match[1])
                break
        else:
            raise AssertionError(f"gunicorn did not start:\n{said}")
        threading.Thread(target=process.stderr.read, daemon=True).start()
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(30)


@contextmanager
def nginx(media: Path, upstream: int) -> Iterator[Path]:
    """Runs nginx before a port; gives the socket it answers at."""
    with tempfile.TemporaryDirectory(prefix="nginx-") as folder:
        home = Path(folder)
        (home / "nginx.conf").write_text(
            f"""
            {"user root;" if os.getuid() == 0 else ""}
            pid {home}/pid; error_log {home}/error.log; worker_processes 1;
            events {{}}
            http {{
              access_log off; default_type application/octet-stream;
              client_body_temp_path {home}/a; proxy_temp_path {home}/b; fastcgi_temp_path {home}/c;
              uwsgi_temp_path {home}/d; scgi_temp_path {home}/e;
              server {{
                listen unix:{home}/socket;
                location / {{ proxy_pass http://127.0.0.1:{upstream}; }}
                location /_media/ {{ internal; alias {media}/; add_header X-Content-Type-Options nosniff; }}
              }}
            }}"""
        )
        command = ["nginx", "-p", str(home), "-c", str(home / "nginx.conf")]
        subprocess.run(command, check=True, capture_output=True)  # comes back when the socket listens
        try:
            yield home / "socket"
        finally:
            subprocess.run([*command, "-s", "stop"], check=True, capture_output=True)


class OverSocket(http.client.HTTPConnection):
    """A client of a server at a Unix socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=30)
        self.path = str(path)

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(30)
        self.sock.connect(self.path)
