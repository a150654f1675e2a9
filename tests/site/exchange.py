"""One request to the site and its answer, and the gates that hold answers back."""

import socket
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

if TYPE_CHECKING:
    from tests.site.server import Site, SiteServer

PATIENCE = 60.0  # seconds a test waits for an event; an answer waits five times that for its gate


@dataclass(frozen=True)
class Hit:
    """One request as it came in. `target` is path and query; header names are lower case."""

    method: str
    target: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]


class Gate:
    """Holds answers back until the test opens it."""

    def __init__(self) -> None:
        self._reached = threading.Semaphore(0)
        self._opened = threading.Event()

    def open(self) -> None:
        """Let every answer that waits, and every later one, pass."""
        self._opened.set()

    def wait_for_request(self, timeout: float = PATIENCE) -> None:
        """Return when one more answer has come to the gate. Raises TimeoutError."""
        if not self._reached.acquire(timeout=timeout):
            raise TimeoutError("no request came to the gate")

    def pass_through(self) -> None:
        """Called by the server: report, then wait for the gate to open."""
        self._reached.release()
        self._opened.wait(PATIENCE * 5)


class Exchange(BaseHTTPRequestHandler):
    """One request and its answer. Pages call `send`, `send_file` or write by hand after `head`."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = PATIENCE * 5
    server: "SiteServer"
    address: str  # the path without its query
    query: dict[str, str]

    @property
    def site(self) -> "Site":
        return self.server.site

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        self.address = parts.path
        self.query = dict(parse_qsl(parts.query, keep_blank_values=True))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.site.record(Hit(self.command, self.path, parts.path, self.query, headers))
        delay = float(self.query.get("delay", self.site.delay))
        if delay:
            threading.Event().wait(delay)
        if "gate" in self.query and "after" not in self.query:
            self.site.gate(self.query["gate"]).pass_through()
        self.close_connection = headers.get("connection", "").lower() == "close"
        self.server.answer(self)

    do_HEAD = do_GET  # noqa: N815  # the name http.server looks for

    def head(self, status: int, headers: Mapping[str, str]) -> None:
        """Send the status line and exactly these headers, besides Date and Server."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def send(
        self, body: bytes | str, mime: str = "text/html; charset=utf-8", status: int = 200, **headers: str
    ) -> None:
        """A whole answer. Names in `headers` get `-` for `_`."""
        content = body.encode() if isinstance(body, str) else body
        extra = {name.replace("_", "-"): value for name, value in headers.items()}
        self.head(status, {"Content-Type": mime, "Content-Length": str(len(content)), **extra})
        if self.command != "HEAD":
            self.wfile.write(content)

    def drop(self) -> None:
        """End the connection at once, whatever was promised."""
        self.close_connection = True
        self.wfile.flush()
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # as inherited
        """Nothing on the terminal; `Site.requests` has it all."""
