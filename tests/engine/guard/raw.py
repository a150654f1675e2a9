"""Requests to the proxy written byte by byte."""

import base64
import socket
from urllib.parse import urlsplit


def connect(job: str) -> socket.socket:
    parts = urlsplit(job)
    assert parts.port is not None
    return socket.create_connection(("127.0.0.1", parts.port), timeout=20)


def credentials(job: str) -> bytes:
    parts = urlsplit(job)
    return b"Proxy-Authorization: Basic " + base64.b64encode(f"{parts.username}:{parts.password}".encode()) + b"\r\n"


def request(job: str, start: str, headers: bytes = b"", body: bytes = b"") -> bytes:
    return start.encode() + b" HTTP/1.1\r\n" + credentials(job) + headers + b"\r\n" + body


def exchange(job: str, data: bytes) -> bytes:
    """Everything the proxy answers to these bytes, until it closes."""
    with connect(job) as used:
        used.sendall(data)
        return read_all(used)


def read_all(used: socket.socket) -> bytes:
    answer = b""
    while piece := used.recv(65536):
        answer += piece
    return answer


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])
