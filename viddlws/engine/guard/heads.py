"""HTTP/1 heads as the proxy reads and writes them: strict towards the job, lenient towards sites."""

import re
from collections.abc import Callable
from dataclasses import dataclass

LONGEST_REQUEST_HEAD = 64 * 1024
LONGEST_RESPONSE_HEAD = 256 * 1024

Header = tuple[bytes, bytes]

_REQUEST_LINE = re.compile(rb"([A-Z]{1,20}) ([\x21-\x7e]{1,65536}) HTTP/1\.([01])")
_HEADER_LINE = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\x00\r\n]*?)[ \t]*")
_ABSOLUTE = re.compile(rb"http://([^/?#@\\]+)((?:/[^#]*)?(?:\?[^#]*)?)", re.IGNORECASE)
_AUTHORITY = re.compile(rb"(\[[0-9A-Fa-f:.]{2,45}\]|[0-9A-Za-z._-]{1,253})(?::([0-9]{1,5}))?")
_STATUS_LINE = re.compile(rb"HTTP/1\.[01] ([1-9][0-9]{2})(?: [^\r\n]*)?")

# Meant for one connection, or for this proxy alone (RFC 9110, 7.6.1).
_HOP_BY_HOP = frozenset(
    (
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"upgrade",
    )
)
_REPLACED_IN_REQUESTS = frozenset((b"host", b"expect", b"content-length", b"transfer-encoding", b"trailer"))


class BadHeadError(ValueError):
    """A head that is malformed or ambiguous. The text says how."""


class TooLongError(BadHeadError):
    """A head longer than its limit."""


class EndedError(ConnectionError):
    """The other side closed before its head was complete."""


@dataclass(frozen=True)
class Request:
    """A request a job made of the proxy. `path` is empty for CONNECT; `length` is None for a chunked body."""

    method: bytes
    host: str  # a name or a literal address without brackets
    port: int
    path: bytes
    version: bytes  # b"1.0" or b"1.1"
    headers: tuple[Header, ...]
    length: int | None

    @property
    def tunnel(self) -> bool:
        return self.method == b"CONNECT"

    def header(self, name: bytes) -> bytes:
        """The first value of a header given in lower case, or empty."""
        return next((value for key, value in self.headers if key.lower() == name), b"")

    def forwarded_head(self) -> bytes:
        """The head for the site: its own Host, nothing meant for the proxy, and one request for each connection."""
        lines = [b"%s %s HTTP/%s" % (self.method, self.path, self.version), b"Host: " + self._host_value()]
        dropped = _HOP_BY_HOP | _REPLACED_IN_REQUESTS | _named_by_connection(self.headers)
        lines += [b"%s: %s" % header for header in self.headers if header[0].lower() not in dropped]
        if self.length is None:
            lines.append(b"Transfer-Encoding: chunked")
        elif self.header(b"content-length"):
            lines.append(b"Content-Length: %d" % self.length)
        return b"\r\n".join((*lines, b"Connection: close", b"", b""))

    def _host_value(self) -> bytes:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return (host if self.port == 80 else f"{host}:{self.port}").encode("ascii")


@dataclass(frozen=True)
class Response:
    """A site's answer. `length` is None when the body goes on until the connection ends."""

    status: int
    head: bytes  # ready to be sent to the job
    length: int | None


def read_head(receive: Callable[[int], bytes], limit: int) -> tuple[bytes, bytes]:
    """The head with its empty line, and what came after it. Raises TooLongError, EndedError."""
    data = bytearray()
    while True:
        seen = max(0, len(data) - 3)
        chunk = receive(65536)
        if not chunk:
            raise EndedError("The connection ended within a head.")
        data += chunk
        end = data.find(b"\r\n\r\n", seen)
        if end >= 0 and end + 4 <= limit:
            return bytes(data[: end + 4]), bytes(data[end + 4 :])
        if len(data) > limit:
            raise TooLongError("The head is too long.")


def parse_request(head: bytes) -> Request:
    """Raises BadHeadError for everything that two readers could understand in two ways."""
    lines = head.removesuffix(b"\r\n\r\n").split(b"\r\n")
    start = _REQUEST_LINE.fullmatch(lines[0])
    if start is None:
        raise BadHeadError("The request line is malformed.")
    method, target, minor = start.groups()
    host, port, path = _tunnel_target(target) if method == b"CONNECT" else _absolute_target(target)
    headers = tuple(_parse_header(line) for line in lines[1:])
    return Request(method, host, port, path, b"1." + minor, headers, _body_length(headers, minor))


def _absolute_target(target: bytes) -> tuple[str, int, bytes]:
    match = _ABSOLUTE.fullmatch(target)
    if match is None:
        raise BadHeadError("Only http:// addresses and CONNECT are served here.")
    host, port = _authority(match[1], 80)
    path = match[2]
    return host, port, path if path.startswith(b"/") else b"/" + path


def _tunnel_target(target: bytes) -> tuple[str, int, bytes]:
    host, port = _authority(target, None)
    return host, port, b""


def _authority(text: bytes, default_port: int | None) -> tuple[str, int]:
    match = _AUTHORITY.fullmatch(text)
    if match is None:
        raise BadHeadError("The host is malformed.")
    port = int(match[2]) if match[2] else default_port
    if port is None or not 0 < port < 65536:
        raise BadHeadError("The port is missing or out of range.")
    return match[1].decode("ascii").strip("[]"), port


def _parse_header(line: bytes) -> Header:
    match = _HEADER_LINE.fullmatch(line)
    if match is None:
        raise BadHeadError("A header line is malformed.")
    return match[1], match[2]


def _body_length(headers: tuple[Header, ...], minor: bytes) -> int | None:
    """Bytes of the request's body, None when it is chunked."""
    lengths = {value for name, value in headers if name.lower() == b"content-length"}
    encodings = [value.lower() for name, value in headers if name.lower() == b"transfer-encoding"]
    if encodings:
        if lengths or encodings != [b"chunked"] or minor == b"0":
            raise BadHeadError("The length of the body is ambiguous.")
        return None
    if not lengths:
        return 0
    length = lengths.pop()
    if lengths or not length.isdigit() or len(length) > 15:
        raise BadHeadError("The length of the body is ambiguous.")
    return int(length)


def _named_by_connection(headers: tuple[Header, ...]) -> frozenset[bytes]:
    values = [value for name, value in headers if name.lower() in (b"connection", b"proxy-connection")]
    return frozenset(token.strip().lower() for value in values for token in value.split(b","))


def parse_response(head: bytes, method: bytes) -> Response:
    """Raises BadHeadError when it is no HTTP/1 answer. Its body follows unchanged, so its framing headers stay."""
    lines = head.removesuffix(b"\r\n\r\n").split(b"\r\n")
    status_line = _STATUS_LINE.fullmatch(lines[0])
    if status_line is None:
        raise BadHeadError("The site did not answer in HTTP.")
    status = int(status_line[1])
    headers = tuple(_lenient_header(line) for line in lines[1:])
    dropped = _HOP_BY_HOP | (_named_by_connection(headers) - {b"content-length", b"transfer-encoding"})
    kept = [b"%s: %s" % header for header in headers if header[0] and header[0].lower() not in dropped]
    closing = [] if status < 200 else [b"Connection: close"]
    return Response(
        status, b"\r\n".join((lines[0], *kept, *closing, b"", b"")), _answer_length(status, method, headers)
    )


def _lenient_header(line: bytes) -> Header:
    name, _, value = line.replace(b"\n", b"").replace(b"\r", b"").replace(b"\x00", b"").partition(b":")
    return (name.strip(), value.strip()) if name[:1] not in (b" ", b"\t") else (b"", b"")


def _answer_length(status: int, method: bytes, headers: tuple[Header, ...]) -> int | None:
    if method == b"HEAD" or status < 200 or status in (204, 304):
        return 0
    names = {name.lower() for name, _ in headers}
    lengths = {value for name, value in headers if name.lower() == b"content-length"}
    if b"transfer-encoding" in names or len(lengths) != 1:
        return None
    length = lengths.pop()
    return int(length) if length.isdigit() and len(length) <= 18 else None
