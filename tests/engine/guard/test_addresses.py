"""Which addresses are ours, in all their disguises."""

import socket
from ipaddress import ip_address

import pytest

from viddlws.engine.guard.addresses import (
    CLOSED_PORT,
    PRIVATE_ADDRESS,
    Policy,
    is_beside,
    is_ours,
    is_public,
    parse_networks,
)


def nobody(address: object) -> bool:
    return False


@pytest.mark.parametrize(
    "text",
    [
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "100.100.100.200",
        "127.0.0.1",
        "127.255.255.254",
        "168.63.129.16",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.192",
        "192.168.1.1",
        "198.18.0.1",
        "224.0.0.1",
        "239.255.255.250",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::8.8.8.8",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:0:127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::169.254.169.254",
        "64:ff9b:1::808:808",
        "100::1",
        "2001::1",
        "2001:0:0808:0808::f7f7:f7f7",
        "2001:db8::1",
        "2002:7f00:1::",
        "2002:a9fe:a9fe::1",
        "2606:4700::5efe:7f00:1",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
    ],
)
def test_an_address_of_our_own_network_is_closed(text: str) -> None:
    refusal = Policy(own=nobody).refusal(ip_address(text), 443)
    assert refusal is not None
    assert refusal.message == PRIVATE_ADDRESS
    assert "VIDDLWS_ALLOWED_NETWORKS" in refusal.advice


@pytest.mark.parametrize(
    "text",
    [
        "1.1.1.1",
        "8.8.8.8",
        "172.15.0.1",
        "172.32.0.1",
        "192.169.0.1",
        "168.63.129.17",
        "2606:4700::1111",
        "2a00:1450:4001:830::200e",
        "64:ff9b::808:808",
        "2002:808:808::1",
        "::ffff:8.8.8.8",
    ],
)
def test_a_public_address_is_open(text: str) -> None:
    assert is_public(ip_address(text))
    assert Policy(own=nobody).refusal(ip_address(text), 443) is None


@pytest.mark.parametrize("port", [80, 443, 8080, 8443])
def test_the_usual_ports_are_open(port: int) -> None:
    assert Policy(own=nobody).refusal(ip_address("8.8.8.8"), port) is None


@pytest.mark.parametrize("port", [22, 25, 53, 5432, 6379])
def test_other_ports_are_closed(port: int) -> None:
    refusal = Policy(own=nobody).refusal(ip_address("8.8.8.8"), port)
    assert refusal is not None
    assert refusal.message == CLOSED_PORT


def test_an_administrator_opens_a_port_for_public_addresses_only() -> None:
    policy = Policy(extra_ports=frozenset({8081}), own=nobody)
    assert policy.refusal(ip_address("8.8.8.8"), 8081) is None
    assert policy.refusal(ip_address("10.0.0.1"), 8081) is not None


def test_an_allowed_network_is_open_on_every_port() -> None:
    policy = Policy(parse_networks(["10.9.0.0/16", " fd12::/16 ", "192.168.7.7"]))
    for text in ("10.9.8.7", "::ffff:10.9.8.7", "fd12::1", "192.168.7.7"):
        assert policy.refusal(ip_address(text), 5432) is None
    for text in ("10.10.0.1", "fd13::1", "192.168.7.8", "64:ff9b::10.9.8.7"):
        assert policy.refusal(ip_address(text), 80) is not None


def test_a_wrong_network_is_named() -> None:
    with pytest.raises(ValueError, match=r"'10\.0\.0\.0/99'"):
        parse_networks(["127.0.0.0/8", "10.0.0.0/99"])


def test_the_machines_own_addresses_are_closed_even_when_they_are_public() -> None:
    policy = Policy(own=lambda address: str(address) == "8.8.4.4")
    assert policy.refusal(ip_address("8.8.4.4"), 443) is not None
    assert policy.refusal(ip_address("8.8.8.8"), 443) is None


def test_an_own_address_is_told_from_a_foreign_one() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as anything:
        anything.bind(("127.0.0.1", 0))
        assert is_ours(ip_address(anything.getsockname()[0]))
    assert not is_ours(ip_address("8.8.8.8"))
    assert not is_ours(ip_address("2606:4700::1111"))


@pytest.mark.parametrize("foreign_bind", [True, False])
def test_own_addresses_are_known_where_foreign_ones_can_be_bound(
    monkeypatch: pytest.MonkeyPatch, foreign_bind: bool
) -> None:
    monkeypatch.setattr("viddlws.engine.guard.addresses._foreign_bind_allowed", lambda version: foreign_bind)
    assert is_ours(ip_address("127.0.0.1"))
    assert not is_ours(ip_address("8.8.8.8"))


@pytest.mark.parametrize(
    ("address", "source", "beside"),
    [
        ("2a01:4f8:1:2::7", "2a01:4f8:1:2::1", True),
        ("2a01:4f8:1:3::7", "2a01:4f8:1:2::1", False),
        ("8.8.8.8", "8.8.8.8", True),
        ("8.8.8.8", "8.8.8.9", False),
        ("2a01:4f8:1:2::7", "8.8.8.8", False),
    ],
)
def test_a_neighbour_on_our_ipv6_link_is_ours(address: str, source: str, beside: bool) -> None:
    assert is_beside(ip_address(address), ip_address(source)) is beside
    assert not is_beside(ip_address(address), None)
