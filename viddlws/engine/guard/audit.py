"""Python's own guard: an audit hook that lets this process connect to the proxy and to nothing else.

It binds Python code alone, so it is the fallback where the kernel offers no network rules, and everywhere the reason
why a forbidden connection or name look-up fails at once instead of waiting for a timeout.
"""

import re
import socket
import sys
from collections.abc import Sequence
from typing import Any

_CONNECTING = frozenset(("socket.connect", "socket.sendto", "socket.sendmsg"))
_LOOKING_UP = frozenset(
    ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo", "socket.getservbyname")
)
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*)://", re.IGNORECASE)
# Programs send these through the proxy they find in their environment; all other schemes they would fetch themselves.
_PROXIED_SCHEMES = frozenset(("http", "https", "file"))


class NameLookupRefusedError(socket.gaierror):
    """A name was to be resolved in the job; only the proxy does that."""


def install(proxy_port: int | None, judge_programs: bool) -> None:
    """Guard this process for good. With `judge_programs`, programs may not be given links the proxy cannot see.

    Without a port nothing may be connected to at all.
    """
    proxy = None if proxy_port is None else ("127.0.0.1", proxy_port)

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event in _CONNECTING:
            _judge_connection(arguments, proxy)
        elif event in _LOOKING_UP:
            _judge_lookup(event, arguments, proxy)
        elif event == "socket.bind":
            raise PermissionError("A job may not listen.")
        elif event == "socket.__new__":
            _judge_socket(arguments)
        elif judge_programs and event == "subprocess.Popen":
            _judge_program(arguments[1])

    sys.addaudithook(hook)


def _judge_connection(arguments: tuple[Any, ...], proxy: tuple[str, int] | None) -> None:
    address = arguments[1]
    if address is not None and address != proxy:  # None: sendmsg on a connected socket
        raise PermissionError("A job may connect to its proxy only.")


def _judge_lookup(event: str, arguments: tuple[Any, ...], proxy: tuple[str, int] | None) -> None:
    if event == "socket.getaddrinfo" and proxy and arguments[0] == proxy[0]:
        return
    raise NameLookupRefusedError(socket.EAI_NONAME, "Names are resolved by the proxy.")


def _judge_socket(arguments: tuple[Any, ...]) -> None:
    _, family, kind, protocol = arguments
    pair_end = family == socket.AF_UNIX  # made by socketpair(); connecting it is judged above
    internet = family in (socket.AF_INET, socket.AF_INET6) and protocol in (0, -1, socket.IPPROTO_TCP)
    if family != -1 and not (kind & 0xF == socket.SOCK_STREAM and (internet or pair_end)):
        raise PermissionError("A job may use TCP only.")


def _judge_program(command: str | bytes | Sequence[str | bytes]) -> None:
    words = [command] if isinstance(command, str | bytes) else command
    for word in words:
        text = word.decode("utf-8", "replace") if isinstance(word, bytes) else str(word)
        scheme = _SCHEME.match(text)
        if scheme is not None and scheme[1].lower() not in _PROXIED_SCHEMES:
            raise PermissionError(f"A program may not fetch {scheme[1]}:// links on this machine.")
