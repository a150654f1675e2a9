"""May a job connect to this address? A pure decision, shared by the proxy and by the check of a person's link.

An explicit list of networks is used instead of `ipaddress`'s `is_global`: that attribute changed its mind
between Python releases and calls several spellings of loopback global.
"""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from pathlib import Path
from socket import AF_INET, AF_INET6, SOCK_DGRAM, AddressFamily, socket

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

PUBLIC_PORTS = frozenset({80, 443, 8080, 8443})

PRIVATE_ADDRESS = "This link leads into the private network of this server, and such addresses are closed to downloads."
PRIVATE_ADDRESS_ADVICE = (
    "Use the public address of the site. If the site really is in your own network, "
    "an administrator can name that network in VIDDLWS_ALLOWED_NETWORKS."
)
CLOSED_PORT = "This link uses a port number that is closed to downloads."
CLOSED_PORT_ADVICE = "Use the site's usual address without a port number, or ask an administrator to open that port."

# Sources: the IANA special-purpose registries, and the metadata services of the clouds. Those of Amazon, Google,
# Microsoft, Alibaba and Oracle lie in 169.254/16, 100.64/10, 192.0.0/24 and fc00::/7; Azure's wire server does not.
_CLOSED_IPV4 = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "168.63.129.16/32",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
# Public IPv6 is 2000::/3 alone; these parts of it are not public. 2001::/23 holds Teredo, whose addresses lead to
# an IPv4 address of the sender's choice.
_PUBLIC_IPV6 = IPv6Network("2000::/3")
_CLOSED_IPV6 = tuple(
    IPv6Network(text) for text in ("2001::/23", "2001:db8::/32", "2620:4f:8000::/48", "3fff::/20", "3ffe::/16")
)
_NAT64 = IPv6Network("64:ff9b::/96")
_SIX_TO_FOUR = IPv6Network("2002::/16")
_ISATAP_INTERFACES = (0x00005EFE, 0x02005EFE)


def parse_networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Networks from texts such as "10.1.0.0/16" or a single address. Raises ValueError naming the wrong one."""
    return tuple(_parse_network(text.strip()) for text in texts if text.strip())


def _parse_network(text: str) -> Network:
    try:
        return ip_network(text, strict=False)
    except ValueError:
        raise ValueError(f"{text!r} is not a network; write it like 192.168.1.0/24 or fd00::/8.") from None


def plain(address: Address) -> Address:
    """The address the kernel really connects to: ::ffff:a.b.c.d is a.b.c.d."""
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def carried_ipv4(address: Address) -> tuple[IPv4Address, ...]:
    """IPv4 addresses to which a translator or relay on the way would forward (NAT64, 6to4, ISATAP)."""
    if isinstance(address, IPv4Address):
        return ()
    number = int(address)
    found = []
    if address in _NAT64:
        found.append(IPv4Address(number & 0xFFFFFFFF))
    if address in _SIX_TO_FOUR:
        found.append(IPv4Address((number >> 80) & 0xFFFFFFFF))
    if (number >> 32) & 0xFFFFFFFF in _ISATAP_INTERFACES:
        found.append(IPv4Address(number & 0xFFFFFFFF))
    return tuple(found)


def is_public(address: Address) -> bool:
    """Whether the address, and every address hidden in it, belongs to the public internet."""
    address = plain(address)
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _CLOSED_IPV4)
    if not all(is_public(inner) for inner in carried_ipv4(address)):
        return False
    if address in _NAT64:
        return True
    return address in _PUBLIC_IPV6 and not any(address in network for network in _CLOSED_IPV6)


def is_ours(address: Address) -> bool:
    """Whether a public address is this machine's own, or IPv6 on its own link: there the neighbours have public
    addresses too, but only from inside."""
    family = AF_INET if address.version == 4 else AF_INET6
    return _can_bind(family, address) or is_beside(address, _source_towards(family, address))


def is_beside(address: Address, source: Address | None) -> bool:
    """Whether `address`, to which we would speak from `source`, is that very address or on the same IPv6 link."""
    if source is None or address.version != source.version:
        return False
    shared_bits = 64 if address.version == 6 else 0
    return int(address) >> shared_bits == int(source) >> shared_bits


def _can_bind(family: AddressFamily, address: Address) -> bool:
    if _foreign_bind_allowed(address.version):
        return False
    with suppress(OSError), socket(family, SOCK_DGRAM) as probe:
        probe.bind((str(address), 0))
        return True
    return False


def _source_towards(family: AddressFamily, address: Address) -> Address | None:
    """Our own address in a conversation with that one, as the routing table says; nothing is sent."""
    with suppress(OSError), socket(family, SOCK_DGRAM) as probe:
        probe.connect((str(address), 9))
        return plain(ip_address(probe.getsockname()[0].partition("%")[0]))
    return None


def _foreign_bind_allowed(version: int) -> bool:
    """Whether this machine lets anyone bind addresses it does not have (common beside keepalived)."""
    try:
        return Path(f"/proc/sys/net/ipv{version}/ip_nonlocal_bind").read_text().strip() == "1"
    except OSError:
        return False


@dataclass(frozen=True)
class Refusal:
    """Why an address is closed, in words for a person."""

    message: str
    advice: str


@dataclass(frozen=True)
class Policy:
    """What jobs may reach: `allowed` networks on every port, public addresses on the usual ports and `extra_ports`."""

    allowed: tuple[Network, ...] = ()
    extra_ports: frozenset[int] = frozenset()
    own: Callable[[Address], bool] = is_ours

    def refusal(self, address: Address, port: int) -> Refusal | None:
        """None when a connection may be made."""
        address = plain(address)
        if any(address in network for network in self.allowed):
            return None
        if not is_public(address) or self.own(address):
            return Refusal(PRIVATE_ADDRESS, PRIVATE_ADDRESS_ADVICE)
        if port not in PUBLIC_PORTS and port not in self.extra_ports:
            return Refusal(CLOSED_PORT, CLOSED_PORT_ADVICE)
        return None
