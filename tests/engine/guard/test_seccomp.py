"""The filter, computed step by step for both machines as the kernel would."""

import errno
import socket
import struct

import pytest

from viddlws.engine.guard import seccomp

ALLOW, KILL = 0x7FFF0000, 0x80000000
DENY = {0x00050000 | errno.EPERM, 0x00050000 | errno.EACCES}
MISSING = 0x00050000 | errno.ENOSYS
ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
# Source: the kernel's tables. Column 0 is x86_64, column 1 is aarch64.
SOCKET, SENDTO, READ, CONNECT, EXECVE, PTRACE, MKNODAT = (
    (41, 198),
    (44, 206),
    (0, 63),
    (42, 203),
    (59, 221),
    (101, 117),
    (259, 33),
)
CLONE, CLONE3, IO_URING_SETUP, FCHMOD = (56, 220), (435, 435), (425, 425), (91, 52)
FORK_FLAGS, NEW_USER, FAST_OPEN = 0x1200011, 0x10000000, 0x20000000
INET, STREAM, DATAGRAM = socket.AF_INET, socket.SOCK_STREAM, socket.SOCK_DGRAM

machines = pytest.mark.parametrize(("machine", "column"), [("x86_64", 0), ("aarch64", 1)])


def verdict(machine: str, number: int, *arguments: int, architecture: int | None = None) -> int:
    """What the filter says, by running its program on the kernel's description of a call."""
    filled = (*arguments, *([0] * (6 - len(arguments))))
    data = struct.pack("<IIQ6Q", number, architecture or ARCHITECTURES[machine], 0, *filled)
    lines = list(struct.iter_unpack("<HBBI", seccomp.program(machine)))
    value = at = 0
    while True:
        code, if_true, if_false, operand = lines[at]
        at += 1
        if code == 0x20:
            (value,) = struct.unpack_from("<I", data, operand)
        elif code == 0x54:
            value &= operand
        elif code == 0x06:
            return int(operand)
        else:
            holds = {0x15: value == operand, 0x35: value >= operand, 0x45: bool(value & operand)}[code]
            at += if_true if holds else if_false


@machines
def test_a_downloads_own_calls_pass(machine: str, column: int) -> None:
    for number in (READ, CONNECT, EXECVE):
        assert verdict(machine, number[column]) == ALLOW
    assert verdict(machine, SOCKET[column], INET, STREAM | socket.SOCK_CLOEXEC, 0) == ALLOW
    assert verdict(machine, SOCKET[column], socket.AF_INET6, STREAM, 6) == ALLOW
    assert verdict(machine, SENDTO[column], 3, 0, 10, 0x4000, 0, 0) == ALLOW
    assert verdict(machine, CLONE[column], FORK_FLAGS) == ALLOW


@machines
def test_ways_around_the_proxy_are_closed(machine: str, column: int) -> None:
    for family, kind, protocol in ((INET, DATAGRAM, 0), (INET, STREAM, 262), (socket.AF_UNIX, STREAM, 0), (16, 3, 0)):
        assert verdict(machine, SOCKET[column], family, kind, protocol) in DENY
    assert verdict(machine, SENDTO[column], 3, 0, 10, FAST_OPEN, 0, 16) in DENY
    assert verdict(machine, IO_URING_SETUP[column]) in DENY


@machines
def test_calls_no_download_needs_are_closed(machine: str, column: int) -> None:
    for number in (PTRACE, MKNODAT, FCHMOD):
        assert verdict(machine, number[column]) in DENY
    assert verdict(machine, CLONE[column], FORK_FLAGS | NEW_USER) in DENY
    assert verdict(machine, CLONE3[column]) == MISSING


def test_calls_in_another_machines_numbers_are_not_taken() -> None:
    assert verdict("x86_64", 102, architecture=0x40000003) == KILL
    assert verdict("aarch64", 281, architecture=0x40000028) == KILL
    assert verdict("x86_64", 0x40000000 | 41, INET, DATAGRAM, 0) == MISSING


def test_an_unknown_machine_gets_no_filter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("viddlws.engine.guard.kernel.machine", lambda: "riscv64")
    assert not seccomp.offered()
