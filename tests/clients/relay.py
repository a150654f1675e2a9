"""An address between the apps and ViddlWS, where a test sees what was asked and may break off an answer."""

import http.client
import re
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from urllib.parse import urlsplit

_PIECE = 1 << 16
_OURS = {"connection", "keep-alive", "transfer-encoding"}  # of one connection, so not passed on
_MEDIA = re.compile(r"/[0-9a-f-]{36}\.\w{3,4}$")


@dataclass(frozen=True)
class Asked:
    """A request and how it was answered."""

    method: str
    path: str
    range: str
    agent: str
    status: int

    @property
    def is_media(self) -> bool:
        return self.method == "GET" and bool(_MEDIA.search(self.path))


class Relay:
    """Passes every request on to `address`, with the Host it was asked by. Use it as a context manager."""

    def __init__(self, address: str) -> None:
        self.target = urlsplit(address).netloc
        self._asked: list[Asked] = []
        self._lock = threading.Lock()
        self._break_at: int | None = None
        self._others = 0
        self._silently = False
        self.broken = threading.Event()
        self._server = _Server(self)
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> "Relay":
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def break_off(self, at: int, *, after: int = 0, silently: bool = False) -> None:
        """A media answer ends after so many bytes, as when a train enters a tunnel: the next, or that `after` so many
        others. `silently`: nothing more comes, but the connection stays for as long as the app does."""
        with self._lock:
            self._break_at, self._others, self._silently = at, after, silently

    def taken_break(self, asked_path: str) -> int | None:
        """After how many bytes the answer to this has to end."""
        with self._lock:
            if not _MEDIA.search(asked_path):
                return None
            if self._others:
                self._others -= 1
                return None
            found, self._break_at = self._break_at, None
            return found

    def broke(self, connection: socket.socket) -> None:
        """The answer of `break_off` has ended."""
        self.broken.set()
        if self._silently:
            connection.recv(1)  # returns when the app is gone

    def record(self, asked: Asked) -> None:
        with self._lock:
            self._asked.append(asked)

    def during(self, act: Callable[[], object]) -> list[Asked]:
        """What was asked while `act` ran."""
        with self._lock:
            before = len(self._asked)
        act()
        with self._lock:
            return self._asked[before:]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, relay: Relay) -> None:
        self.relay = relay
        super().__init__(("127.0.0.1", 0), _Passing)

    def handle_error(self, request: object, client_address: object) -> None:
        """Apps that hang up are part of the game."""


class _Passing(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        relay = self.server.relay
        there = http.client.HTTPConnection(relay.target, timeout=60)
        try:
            there.request(self.command, self.path, headers=dict(self.headers.items()))
            answer = there.getresponse()
            relay.record(
                Asked(
                    self.command,
                    self.path,
                    self.headers.get("Range", ""),
                    self.headers.get("User-Agent", ""),
                    answer.status,
                )
            )
            self._pass_on(answer, relay.taken_break(self.path) if self.command == "GET" else None)
        finally:
            there.close()

    do_HEAD = do_GET  # noqa: N815 - the name that http.server calls

    def _pass_on(self, answer: http.client.HTTPResponse, break_at: int | None) -> None:
        self.send_response_only(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in _OURS:
                self.send_header(name, value)
        self.send_header("Connection", "close")
        self.end_headers()
        left = break_at
        while piece := answer.read(_PIECE if left is None else min(_PIECE, left)):
            self.wfile.write(piece)
            left = None if left is None else left - len(piece)
        if break_at is not None:
            self.server.relay.broke(self.connection)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Said by `Relay.during`."""
