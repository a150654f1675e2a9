"""What one job did through the proxy: its password, its counters, its open connections."""

import secrets
import socket
import threading
from contextlib import suppress
from dataclasses import dataclass, field

MOST_CONNECTIONS = 64
MOST_DENIALS = 100


@dataclass(frozen=True)
class JobTraffic:
    """`denied` names each refused host once as "host:port"; sizes are bytes of bodies and tunnels."""

    denied: tuple[str, ...]
    received: int
    sent: int
    over_budget: bool = False  # the job was cut off because it had received its `byte_budget`


@dataclass
class JobAccount:
    """The proxy's record of an open job; every method may be called from any thread."""

    id: str
    byte_budget: int  # 0: no limit
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    _received: int = 0
    _sent: int = 0
    _closed: bool = False
    _connections: int = 0
    _denied: dict[str, None] = field(default_factory=dict)
    _sockets: set[socket.socket] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def enter(self) -> bool:
        """Count a connection in; False when the job has too many or is closed."""
        with self._lock:
            if self._closed or self._connections >= MOST_CONNECTIONS:
                return False
            self._connections += 1
            return True

    def leave(self, *used: socket.socket) -> None:
        """Count a connection out. Its sockets may be closed only after this."""
        with self._lock:
            self._connections -= 1
            self._sockets.difference_update(used)

    def hold(self, used: socket.socket) -> None:
        """Have `close` cut this socket. Raises ConnectionAbortedError when that has happened already."""
        with self._lock:
            if self._closed:
                raise ConnectionAbortedError("The job has ended.")
            self._sockets.add(used)

    def release(self, used: socket.socket) -> None:
        with self._lock:
            self._sockets.discard(used)

    def count_received(self, size: int) -> bool:
        with self._lock:
            self._received += size
            return not self._closed and not self._over_budget()

    def count_sent(self, size: int) -> bool:
        with self._lock:
            self._sent += size
            return not self._closed

    def deny(self, target: str) -> None:
        with self._lock:
            if len(self._denied) < MOST_DENIALS:
                self._denied[target] = None

    def spent(self) -> bool:
        with self._lock:
            return self._over_budget()

    def _over_budget(self) -> bool:
        return 0 < self.byte_budget < self._received

    def close(self) -> None:
        """Cut every connection; the threads that serve them notice at once."""
        with self._lock:
            self._closed = True
            for used in self._sockets:
                with suppress(OSError):  # it may not be connected yet, or no longer
                    used.shutdown(socket.SHUT_RDWR)

    def traffic(self) -> JobTraffic:
        with self._lock:
            return JobTraffic(tuple(self._denied), self._received, self._sent, self._over_budget())
