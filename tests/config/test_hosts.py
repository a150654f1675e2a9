"""Which names we answer to when nobody told us."""

import socket

from viddlws.config import hosts


def test_on_loopback_only_loopback_names_are_ours() -> None:
    assert hosts.own("127.0.0.1") == ["localhost", "127.0.0.1", "[::1]"]


def test_served_everywhere_the_machines_own_name_and_addresses_are_ours_and_no_others() -> None:
    own = hosts.own("0.0.0.0")

    assert {"localhost", "127.0.0.1", socket.gethostname().lower()} <= set(own)
    assert not {"0.0.0.0", "*", ""} & set(own)
