"""The site's server: HTTP/1.1 with ranges, validators, gates, delays and a log of what was asked.

These parameters work on every address:
    delay=S       wait S seconds before answering
    gate=NAME     wait until the test opens `site.gate(NAME)`
and these on every file (`Exchange.send_file`):
    after=N       with `gate`: send N bytes first, then wait
    rate=N        send about N bytes a second
    cut=N         drop the connection after N bytes
    ranges=0      ignore Range           ifrange=0  ignore If-Range
    etag=weak|none                       modified=none
"""

import socket
import threading
from collections import Counter
from http.server import ThreadingHTTPServer
from types import TracebackType

from tests.site import broken, files, pages, painted
from tests.site.exchange import Exchange, Gate, Hit

ROUTES = {**pages.ROUTES, **broken.ROUTES, **files.ROUTES, "painted": painted.painted}


class Site:
    """A running site. Use it as a context manager; it serves from construction on, port 0 means any free one."""

    def __init__(self, host: str = "127.0.0.1", port: int = 0, *, delay: float = 0.0) -> None:
        self.host = host
        self.delay = delay
        self._lock = threading.Lock()
        self._hits: list[Hit] = []
        self._gates: dict[str, Gate] = {}
        self._counts: Counter[str] = Counter()
        self._closed = False
        self._server = SiteServer((host, port), self)
        self.port: int = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def __enter__(self) -> "Site":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop serving; answers that wait at a gate are let go."""
        with self._lock:
            self._closed = True
            gates = list(self._gates.values())
        for gate in gates:
            gate.open()
        self._server.shutdown()
        self._server.server_close()

    def url(self, path: str = "/") -> str:
        return f"http://{self.host}:{self.port}{path}"

    def requests(self, path: str) -> list[Hit]:
        """What was asked of an address, in order. With a `?` the query must be the same, else any query counts."""
        with self._lock:
            return [hit for hit in self._hits if path in (hit.target, hit.path)]

    def hits(self, path: str) -> int:
        return len(self.requests(path))

    def gate(self, name: str) -> Gate:
        """The gate of that name; made closed on first use, by the test or by a request."""
        with self._lock:
            gate = self._gates.setdefault(name, Gate())
            if self._closed:
                gate.open()
            return gate

    def version(self, name: str) -> int:
        """Which content `/changing/NAME` has now: 0 at first."""
        return self._counts[f"version:{name}"]

    def change(self, name: str) -> None:
        """From now on `/changing/NAME` is another file with another ETag."""
        self.count(f"version:{name}")

    def count(self, name: str) -> int:
        """How often this was called with `name` before."""
        with self._lock:
            self._counts[name] += 1
            return self._counts[name] - 1

    def record(self, hit: Hit) -> None:
        with self._lock:
            self._hits.append(hit)


class SiteServer(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 512

    def __init__(self, address: tuple[str, int], site: Site) -> None:
        self.site = site
        super().__init__(address, Exchange)

    def answer(self, exchange: Exchange) -> None:
        """Let the page of that address answer; what no page answers is a file."""
        ROUTES.get(exchange.address.split("/")[1], files.serve)(exchange)

    def server_bind(self) -> None:
        """As HTTPServer's, without its look-up of the host's name, which may take seconds."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = self.server_address[:2]  # type: ignore[assignment]

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that go away in the middle are part of the game."""
