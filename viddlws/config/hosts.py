"""Which host names we answer to when the operator named none."""

import fcntl
import socket
import struct
from pathlib import Path

_SIOCGIFADDR = 0x8915
_LOOPBACK = ["localhost", "127.0.0.1", "[::1]"]


def own(served_on: str) -> list[str]:
    """Loopback alone when we are served there alone; else also this machine's own names and addresses.

    A stranger's name that points at us is never among them, so no foreign page can read ours (DNS rebinding).
    """
    if served_on in {"localhost", "127.0.0.1", "::1"}:
        return _LOOPBACK
    name = socket.gethostname().lower()
    names = {name, name.partition(".")[0], f"{name.partition('.')[0]}.local", served_on}
    return sorted({*_LOOPBACK, *names, *_ipv4(), *_ipv6()} - {"0.0.0.0", "::", "*"})  # noqa: S104 - taken away


def with_prefix(url: str, prefix: str) -> str:
    """A public address with URL_PREFIX at its end exactly once, however the operator wrote it; empty stays empty."""
    return f"{url.removesuffix(prefix)}{prefix}" if url else ""


def _ipv4() -> list[str]:
    found = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        for _, interface in socket.if_nameindex():
            try:
                answer = fcntl.ioctl(any_socket, _SIOCGIFADDR, struct.pack("256s", interface.encode()[:15]))
            except OSError:
                continue  # an interface without an IPv4 address
            found.append(socket.inet_ntoa(answer[20:24]))
    return found


def _ipv6() -> list[str]:
    try:
        lines = Path("/proc/net/if_inet6").read_text(encoding="ascii").splitlines()
    except OSError:
        return []
    return [f"[{socket.inet_ntop(socket.AF_INET6, bytes.fromhex(line.split()[0]))}]" for line in lines]
