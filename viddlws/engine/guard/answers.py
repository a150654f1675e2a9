"""What the proxy itself answers to a job."""

import socket

BLOCKED_STATUS = 470
BLOCKED_REASON = "Blocked-By-Policy"


class Refused(Exception):  # noqa: N818 (an answer, not a fault)
    """Ends a request with an answer of the proxy's own."""

    def __init__(self, status: int, reason: str, words: str) -> None:
        super().__init__(words)
        self.status, self.reason, self.words = status, reason, words

    def send(self, client: socket.socket) -> None:
        body = f"{self.words}\n".encode()
        lines = [
            f"HTTP/1.1 {self.status} {self.reason}",
            "Content-Type: text/plain; charset=utf-8",
            f"Content-Length: {len(body)}",
            "Connection: close",
        ]
        if self.status == 407:
            lines.append('Proxy-Authenticate: Basic realm="ViddlWS guard"')
        client.settimeout(5)
        client.sendall("\r\n".join((*lines, "", "")).encode("ascii") + body)
        client.shutdown(socket.SHUT_WR)
        _drain(client)


def _drain(client: socket.socket) -> None:
    """Read what is still on its way: closing with unread bytes resets the connection and loses the answer."""
    client.settimeout(1)
    for _ in range(64):
        try:
            if not client.recv(65536):
                return
        except OSError:
            return
