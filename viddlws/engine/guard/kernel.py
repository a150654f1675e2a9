"""The few system calls the sandbox needs and Python does not offer."""

import ctypes
import errno
import os
import platform

PR_SET_NO_NEW_PRIVS = 38
PR_SET_SECCOMP = 22
_CAPABILITY_VERSION_3 = 0x20080522

_libc = ctypes.CDLL(None, use_errno=True)


class _CapabilityHeader(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _CapabilitySet(ctypes.Structure):
    _fields_ = (("effective", ctypes.c_uint32), ("permitted", ctypes.c_uint32), ("inheritable", ctypes.c_uint32))


def machine() -> str:
    """The processor as "x86_64" or "aarch64"; any other name as the system gives it."""
    return {"amd64": "x86_64", "arm64": "aarch64"}.get(platform.machine().lower(), platform.machine().lower())


def call(number: int, *arguments: object) -> int:
    """A system call by its number. Raises OSError."""
    result: int = _libc.syscall(ctypes.c_long(number), *arguments)
    return _checked(result)


def prctl(option: int, *arguments: object) -> int:
    """Raises OSError."""
    filled = (*arguments, *(ctypes.c_ulong(0) for _ in range(4 - len(arguments))))
    result: int = _libc.prctl(ctypes.c_int(option), *filled)
    return _checked(result)


def give_up_privileges() -> None:
    """No capabilities, and no program started from here on can bring any (not even when we are root)."""
    prctl(PR_SET_NO_NEW_PRIVS, ctypes.c_ulong(1))
    header = _CapabilityHeader(_CAPABILITY_VERSION_3, 0)
    empty = (_CapabilitySet * 2)()
    _checked(_libc.capset(ctypes.byref(header), ctypes.byref(empty)))


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno() or errno.EINVAL
        raise OSError(number, os.strerror(number))
    return result
