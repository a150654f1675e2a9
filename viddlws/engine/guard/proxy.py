"""The one way out for a job: a proxy on loopback that resolves, judges and connects in its place.

It looks a name up once, refuses when any address of the answer is closed, and connects to an address it has
judged, so that no second answer can lead elsewhere. Refusals are status 470, which no site sends by habit.
"""

import base64
import binascii
import hmac
import logging
import socket
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

from viddlws.engine.guard.addresses import Policy, parse_networks
from viddlws.engine.guard.answers import Refused
from viddlws.engine.guard.heads import (
    LONGEST_REQUEST_HEAD,
    BadHeadError,
    EndedError,
    Request,
    TooLongError,
    parse_request,
    read_head,
)
from viddlws.engine.guard.outward import Resolver, lookup, serve
from viddlws.engine.guard.traffic import JobAccount, JobTraffic

HEAD_TIMEOUT = 10.0
MOST_CONNECTIONS = 512

_log = logging.getLogger(__name__)


class GuardProxy:
    """Threads inside the calling process. `start` it once; `open_job` gives each job an address of its own.

    `allowed_networks` are exceptions, open on every port; `extra_ports` are opened on public addresses.
    `resolve` has the shape of `socket.getaddrinfo`'s answer for (host, port).
    Raises ValueError for a network that is none.
    """

    def __init__(
        self,
        allowed_networks: Sequence[str],
        extra_ports: Sequence[int] = (),
        resolve: Resolver = lookup,
    ) -> None:
        self._policy = Policy(parse_networks(allowed_networks), frozenset(extra_ports))
        self._resolve = resolve
        self._jobs: dict[str, JobAccount] = {}
        self._lock = threading.Lock()
        self._free = threading.BoundedSemaphore(MOST_CONNECTIONS)
        self._listener: socket.socket | None = None
        self._closing = threading.Event()
        self.port = 0

    def start(self) -> None:
        """Listen on a port of 127.0.0.1 that the system chooses; `port` says which."""
        listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self._listener, self.port = listener, listener.getsockname()[1]
        threading.Thread(target=self._accept, args=(listener,), name="guard-proxy", daemon=True).start()

    def open_job(self, job_id: str, byte_budget: int = 0) -> str:
        """The job's proxy address, with its password in it. `byte_budget` is the most it may receive; 0 is no limit."""
        if not job_id or not all(c.isascii() and (c.isalnum() or c in "-_") for c in job_id):
            raise ValueError("A job's id may consist of letters, digits, - and _ only.")
        account = JobAccount(job_id, byte_budget)
        with self._lock:
            if job_id in self._jobs:
                raise ValueError(f"Job {job_id} is open already.")
            self._jobs[job_id] = account
        return f"http://{job_id}:{account.token}@127.0.0.1:{self.port}"

    def traffic(self, job_id: str) -> JobTraffic:
        """Raises KeyError for a job that is not open."""
        with self._lock:
            account = self._jobs[job_id]
        return account.traffic()

    def close_job(self, job_id: str) -> JobTraffic:
        """Cut the job's connections and forget its password. Raises KeyError for a job that is not open."""
        with self._lock:
            account = self._jobs.pop(job_id)
        account.close()
        return account.traffic()

    def close(self) -> None:
        """Stop listening and cut everything."""
        with self._lock:
            accounts = list(self._jobs.values())
            self._jobs.clear()
        for account in accounts:
            account.close()
        self._closing.set()
        if self._listener is not None:
            with suppress(OSError):  # wakes the thread that accepts; where it does not, the close does
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None

    def _accept(self, listener: socket.socket) -> None:
        while not self._closing.is_set():
            try:
                client, _ = listener.accept()
            except OSError:
                self._closing.wait(0.1)  # out of file descriptors, until a connection ends
                continue
            if not self._free.acquire(blocking=False):
                client.close()
                continue
            try:
                threading.Thread(target=self._serve, args=(client,), name="guard-connection", daemon=True).start()
            except RuntimeError:  # no more threads to be had; the next connection may be luckier
                self._free.release()
                client.close()

    def _serve(self, client: socket.socket) -> None:
        try:
            with client:
                self._answer(client)
        except OSError:
            pass  # one side has gone; the other notices by the close
        except Exception:
            _log.exception("The guard proxy failed in serving a connection.")
        finally:
            self._free.release()

    def _answer(self, client: socket.socket) -> None:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            request, rest = self._request(client)
            account = self._account(request)
            if not account.enter():
                raise Refused(503, "Too-Many-Connections", "This job has too many connections open.")
            try:
                account.hold(client)
                serve(request, rest, client, account, self._policy, self._resolve)
            finally:
                account.leave(client)
        except Refused as refused:
            refused.send(client)

    def _request(self, client: socket.socket) -> tuple[Request, bytes]:
        try:
            head, rest = read_head(_patient(client, HEAD_TIMEOUT), LONGEST_REQUEST_HEAD)
            return parse_request(head), rest
        except TooLongError as error:
            raise Refused(431, "Request-Header-Fields-Too-Large", str(error)) from None
        except BadHeadError as error:
            raise Refused(400, "Bad-Request", str(error)) from None
        except TimeoutError:
            raise Refused(408, "Request-Timeout", "The request came too slowly.") from None
        except EndedError:
            raise ConnectionAbortedError from None

    def _account(self, request: Request) -> JobAccount:
        """The job whose password came with the request."""
        scheme, _, encoded = request.header(b"proxy-authorization").partition(b" ")
        try:
            name, _, token = base64.b64decode(encoded.strip(), validate=True).decode("ascii").partition(":")
        except (binascii.Error, UnicodeDecodeError):
            name, token = "", ""
        with self._lock:
            account = self._jobs.get(name)
        if scheme.lower() != b"basic" or account is None or not hmac.compare_digest(account.token, token):
            raise Refused(407, "Proxy-Authentication-Required", "Only a running job may use this proxy.")
        return account


def _patient(client: socket.socket, seconds: float) -> Callable[[int], bytes]:
    """A `recv` whose calls together take no longer than `seconds`; raises TimeoutError."""
    deadline = time.monotonic() + seconds

    def receive(size: int) -> bytes:
        client.settimeout(max(0.001, deadline - time.monotonic()))
        return client.recv(size)

    return receive
