"""Landlock: this process and all it starts see only the files and the one port they need.

Source: the kernel's include/uapi/linux/landlock.h and Documentation/userspace-api/landlock.rst.
"""

import ctypes
import os
import stat
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from enum import IntFlag
from pathlib import Path

from viddlws.engine.guard import kernel

# The same numbers on every architecture.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION_FLAG = 1
_RULE_PATH_BENEATH, _RULE_NET_PORT = 1, 2
_NET_BIND_TCP, _NET_CONNECT_TCP = 1, 2
_SCOPE_ABSTRACT_SOCKET, _SCOPE_SIGNAL = 1, 2

NETWORK_VERSION = 4


class Right(IntFlag):
    EXECUTE = 1 << 0
    WRITE_FILE = 1 << 1
    READ_FILE = 1 << 2
    READ_DIR = 1 << 3
    REMOVE_DIR = 1 << 4
    REMOVE_FILE = 1 << 5
    MAKE_CHAR = 1 << 6
    MAKE_DIR = 1 << 7
    MAKE_REG = 1 << 8
    MAKE_SOCK = 1 << 9
    MAKE_FIFO = 1 << 10
    MAKE_BLOCK = 1 << 11
    MAKE_SYM = 1 << 12
    REFER = 1 << 13
    TRUNCATE = 1 << 14
    IOCTL_DEV = 1 << 15


READ = Right.READ_FILE | Right.READ_DIR
RUN = READ | Right.EXECUTE
# No symbolic link, pipe, socket or device: whoever reads the folder later would follow or wait for it. Nothing
# written here can be run.
WRITE = (
    READ
    | Right.WRITE_FILE
    | Right.REMOVE_DIR
    | Right.REMOVE_FILE
    | Right.MAKE_DIR
    | Right.MAKE_REG
    | Right.REFER
    | Right.TRUNCATE
)
DEVICE = Right.READ_FILE | Right.WRITE_FILE | Right.IOCTL_DEV
_FOR_FILES = Right.EXECUTE | Right.WRITE_FILE | Right.READ_FILE | Right.TRUNCATE | Right.IOCTL_DEV


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("rights", ctypes.c_uint64), ("folder", ctypes.c_int32))


class _NetPort(ctypes.Structure):
    _fields_ = (("rights", ctypes.c_uint64), ("port", ctypes.c_uint64))


@dataclass(frozen=True)
class Grant:
    """Rights on a file, or on a folder and everything beneath it. A path that does not exist grants nothing."""

    path: Path
    rights: Right


def version() -> int:
    """The kernel's Landlock version; 0 where there is none or it may not be used."""
    try:
        return kernel.call(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(_VERSION_FLAG))
    except OSError:
        return 0


def restrict(grants: Iterable[Grant], port: int | None) -> int:
    """Close everything but the grants and TCP connections to `port`, as far as this kernel can; returns `version()`.

    Binds the calling thread and what it starts, for good. Needs no_new_privs. Raises OSError.
    """
    offered = version()
    if offered == 0:
        return 0
    handled = _file_rights(offered)
    network = _NET_BIND_TCP | _NET_CONNECT_TCP if offered >= NETWORK_VERSION else 0
    scoped = _SCOPE_ABSTRACT_SOCKET | _SCOPE_SIGNAL if offered >= 6 else 0
    attributes = _Ruleset(handled, network, scoped)
    size = 8 if offered < NETWORK_VERSION else 16 if offered < 6 else 24
    ruleset = kernel.call(_CREATE_RULESET, ctypes.byref(attributes), ctypes.c_size_t(size), ctypes.c_uint32(0))
    try:
        for grant in grants:
            _allow_path(ruleset, grant, handled)
        if network and port is not None:
            _allow_port(ruleset, port)
        kernel.call(_RESTRICT_SELF, ctypes.c_int(ruleset), ctypes.c_uint32(0))
    finally:
        os.close(ruleset)
    return offered


def _file_rights(offered: int) -> Right:
    """Every right this version of Landlock knows, so that what is not granted is closed."""
    known = Right(0)
    for right in Right:
        since = {Right.REFER: 2, Right.TRUNCATE: 3, Right.IOCTL_DEV: 5}.get(right, 1)
        if offered >= since:
            known |= right
    return known


def _allow_path(ruleset: int, grant: Grant, handled: Right) -> None:
    with suppress(FileNotFoundError, NotADirectoryError, PermissionError):
        opened = os.open(grant.path, os.O_PATH | os.O_CLOEXEC)
        try:
            rights = grant.rights & handled
            if not stat.S_ISDIR(os.fstat(opened).st_mode):
                rights &= _FOR_FILES
            rule = _PathBeneath(rights, opened)
            _add_rule(ruleset, _RULE_PATH_BENEATH, rule)
        finally:
            os.close(opened)


def _allow_port(ruleset: int, port: int) -> None:
    _add_rule(ruleset, _RULE_NET_PORT, _NetPort(_NET_CONNECT_TCP, port))


def _add_rule(ruleset: int, kind: int, rule: ctypes.Structure) -> None:
    kernel.call(_ADD_RULE, ctypes.c_int(ruleset), ctypes.c_int(kind), ctypes.byref(rule), ctypes.c_uint32(0))
