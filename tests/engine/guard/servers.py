"""Real servers around the guard: one that may be reached, and the secret one that must not be."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = Callable[[BaseHTTPRequestHandler], None]

OPEN_HOST = "127.0.0.2"
SECRET_HOST = "127.0.0.1"
SECRET_WORDS = b"the secret of the house"


class CountingServer(ThreadingHTTPServer):
    """Answers by path from `pages`; every connection and request that reaches it is written down."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, host: str) -> None:
        super().__init__((host, 0), _Handler)
        self.pages: dict[str, Answer] = {}
        self.connections = 0
        self.requests: list[str] = []

    @property
    def url(self) -> str:
        return f"http://{self.server_address[0]!s}:{self.server_port}"

    def verify_request(self, request: object, client_address: object) -> bool:
        self.connections += 1
        return True

    def handle_error(self, request: object, client_address: object) -> None:
        """A job that goes away in the middle is part of many tests."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: CountingServer

    def _answer(self) -> None:
        self.server.requests.append(f"{self.command} {self.path}")
        page = self.server.pages.get(self.path.partition("?")[0])
        if page is None:
            send(self, b"hello")
        else:
            page(self)

    def log_message(self, *words: object) -> None:
        pass


for _method in ("GET", "HEAD", "POST"):
    setattr(_Handler, f"do_{_method}", _Handler._answer)


def send(handler: BaseHTTPRequestHandler, body: bytes, status: int = 200, **headers: str) -> None:
    handler.send_response(status)
    handler.send_header("Content-Length", str(len(body)))
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    if handler.command != "HEAD":
        handler.wfile.write(body)


def redirect_to(target: str) -> Answer:
    return lambda handler: send(handler, b"", 302, Location=target)


@contextmanager
def serving(host: str) -> Iterator[CountingServer]:
    server = CountingServer(host)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
