"""One request of a job, carried out: look up, judge, connect, pass on."""

import socket
import time
from collections.abc import Callable, Sequence
from ipaddress import ip_address
from typing import Any

from viddlws.engine.guard import relay
from viddlws.engine.guard.addresses import Policy
from viddlws.engine.guard.answers import BLOCKED_REASON, BLOCKED_STATUS, Refused
from viddlws.engine.guard.bodies import pass_on_body
from viddlws.engine.guard.heads import (
    LONGEST_RESPONSE_HEAD,
    BadHeadError,
    EndedError,
    Request,
    Response,
    parse_response,
    read_head,
)
from viddlws.engine.guard.relay import CutError
from viddlws.engine.guard.traffic import JobAccount

CONNECT_TIMEOUT = 20.0  # for all addresses of a name together
FIRST_TRIES = 5.0  # for each address but the last, so that a dead IPv6 route costs little
IDLE_TIMEOUT = 120.0

# (family, socket address) in the order to try them.
Answer = tuple[socket.AddressFamily, tuple[Any, ...]]
Resolver = Callable[[str, int], Sequence[Answer]]


def lookup(host: str, port: int) -> list[Answer]:
    """Every address of a name, as the system resolves it. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys((family, address) for family, _, _, _, address in found))


def serve(
    request: Request, rest: bytes, client: socket.socket, account: JobAccount, policy: Policy, resolve: Resolver
) -> None:
    """Answer one request. `rest` is what came after its head. Raises Refused, OSError."""
    if account.spent():
        raise Refused(413, "Byte-Budget-Spent", "This job has received as much as it may.")
    answers = _judged(request, account, policy, resolve)
    upstream = _connect(answers, account)
    try:
        if request.tunnel:
            _tunnel(client, upstream, rest, account)
        else:
            _exchange(request, rest, client, upstream, account)
    finally:
        account.release(upstream)
        upstream.close()


def _judged(request: Request, account: JobAccount, policy: Policy, resolve: Resolver) -> Sequence[Answer]:
    """The addresses of the host, when all of them may be reached."""
    try:
        answers = resolve(request.host, request.port)
    except (OSError, UnicodeError):
        answers = ()
    if not answers:
        raise Refused(502, "Unknown-Host", f"There is no site with the name {request.host}.")
    for _, address in answers:
        refusal = policy.refusal(ip_address(address[0]), address[1])
        if refusal is not None:
            account.deny(f"{request.host}:{request.port}")
            raise Refused(BLOCKED_STATUS, BLOCKED_REASON, f"{refusal.message} {refusal.advice}")
    return answers


def _connect(answers: Sequence[Answer], account: JobAccount) -> socket.socket:
    deadline = time.monotonic() + CONNECT_TIMEOUT
    slow = False
    for position, (family, address) in enumerate(answers):
        left = deadline - time.monotonic()
        if left <= 0:
            break
        patience = left if position == len(answers) - 1 else min(left, FIRST_TRIES)
        try:
            return _connected(family, address, patience, account)
        except TimeoutError:
            slow = True
        except ConnectionAbortedError:
            raise
        except OSError:
            continue
    if slow:
        raise Refused(504, "Connect-Timeout", "The site did not answer in time.")
    raise Refused(502, "Connect-Failed", "The site could not be reached.")


def _connected(
    family: socket.AddressFamily, address: tuple[Any, ...], patience: float, account: JobAccount
) -> socket.socket:
    upstream = socket.socket(family, socket.SOCK_STREAM)
    try:
        account.hold(upstream)
        upstream.settimeout(patience)
        upstream.connect(address)
        upstream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except BaseException:
        account.release(upstream)
        upstream.close()
        raise
    return upstream


def _tunnel(client: socket.socket, upstream: socket.socket, rest: bytes, account: JobAccount) -> None:
    for used in (client, upstream):
        used.settimeout(IDLE_TIMEOUT)
    client.sendall(b"HTTP/1.1 200 Connection-Established\r\n\r\n")
    if rest:
        account.count_sent(len(rest))
        upstream.sendall(rest)
    down = relay.Flow(upstream, client, account.count_received)
    up = relay.Flow(client, upstream, account.count_sent)
    _run((down, up), None)


def _exchange(
    request: Request, rest: bytes, client: socket.socket, upstream: socket.socket, account: JobAccount
) -> None:
    for used in (client, upstream):
        used.settimeout(IDLE_TIMEOUT)
    try:
        upstream.sendall(request.forwarded_head())
        pass_on_body(request, rest, client, upstream, account.count_sent)
    except (BrokenPipeError, ConnectionResetError):
        pass  # a site may answer, say with 413, before it has read everything
    response, rest = _response(request, client, upstream)
    left = response.length
    if left is not None:
        rest = rest[:left]
        left -= len(rest)
    if not account.count_received(len(rest)):
        raise CutError("The job may receive no more.")
    client.sendall(response.head + rest)
    if left != 0:
        _run((relay.Flow(upstream, client, account.count_received, left),), client)


def _run(flows: Sequence[relay.Flow], receiver: socket.socket | None) -> None:
    try:
        for flow in flows:
            flow.source.setblocking(False)
            flow.target.setblocking(False)
        relay.run(flows, IDLE_TIMEOUT, receiver)
    finally:
        for flow in flows:
            flow.close()


def _response(request: Request, client: socket.socket, upstream: socket.socket) -> tuple[Response, bytes]:
    """The final answer's head and what came after it. Interim answers are dropped: no job has a use for them."""
    rest = b""

    def receive(size: int) -> bytes:
        nonlocal rest
        if rest:
            kept, rest = rest, b""
            return kept
        relay.await_readable(upstream, IDLE_TIMEOUT, client)
        return upstream.recv(size)

    while True:
        try:
            head, rest = read_head(receive, LONGEST_RESPONSE_HEAD)
            response = parse_response(head, request.method)
        except TimeoutError:
            raise Refused(504, "Answer-Timeout", "The site did not answer in time.") from None
        except (BadHeadError, EndedError, ConnectionResetError):
            raise Refused(502, "Bad-Answer", "The site gave no valid answer.") from None
        if response.status == 101:
            raise Refused(502, "Bad-Answer", "The site changed to another protocol.")
        if response.status >= 200:
            return response, rest
