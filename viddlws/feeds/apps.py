"""How podcast apps are handed the address of a feed, and which of them can reach it. Pure."""

import ipaddress
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

_OWN = "fetches from its maker's servers"
_HERE = "fetches from your device"
_NOT_PUBLIC = ("localhost", "local", "lan", "internal", "intranet", "home", "home.arpa", "test", "invalid", "onion")


@dataclass(frozen=True)
class App:
    """`link` opens the app with the feed. `needs_public`: its maker's servers fetch the feed, not the device."""

    name: str
    device: str
    link: str
    needs_public: bool

    @property
    def how(self) -> str:
        return _OWN if self.needs_public else _HERE


def apps(address: str) -> list[App]:
    """Their own schemes, without a detour over anybody's website, which would learn the key. Each of them but
    Overcast wants the address without https://."""
    bare = address.partition("://")[2]
    return [
        App("AntennaPod", "Android", f"antennapod-subscribe://{bare}", False),
        App("Pocket Casts", "Android, iPhone, web", f"pktc://subscribe/{bare}", True),
        App("Overcast", "iPhone", f"overcast://x-callback-url/add?url={quote(address, safe='')}", True),
        App("Apple Podcasts", "iPhone, Mac", f"podcast://{bare}", True),
        App("Another app", "any device", f"pcast://{bare}", False),
    ]


def shortfall(address: str) -> str:
    """Why the servers of an app's maker cannot reach this address, in a sentence; empty when they can."""
    parts = urlsplit(address)
    host = parts.hostname or ""
    if _this_machine(host):
        return f"{host} is this machine itself: no other device reaches it."
    if not _public(host):
        return f"{host} is known in your own network only."
    if parts.scheme != "https":
        return "The address begins with http:// and not with https://, which several apps refuse."
    return ""


def _this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _public(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return "." in host and not host.endswith(tuple(f".{each}" for each in _NOT_PUBLIC))
