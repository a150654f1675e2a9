"""A seccomp filter: only TCP sockets, and none of the system calls a download has no use for.

Landlock's network rules see connect() on TCP alone; the filter closes the ways around them: UDP, raw and netlink
sockets, other protocols over IP (multipath TCP, SCTP), local sockets such as a database's or Docker's, data sent with
the first packet (which connects without connect()), and io_uring. Calls that change the owner, mode or times of files
are closed because Landlock does not judge them.
"""

import ctypes
import errno
import struct

from viddlws.engine.guard import kernel

_SECCOMP_MODE_FILTER = 2
_RET_ALLOW = 0x7FFF0000
_RET_ERRNO = 0x00050000
_RET_KILL_PROCESS = 0x80000000
_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_X32_BIT = 0x40000000  # x86_64's second set of numbers for the same calls

_AF_UNIX, _AF_INET, _AF_INET6 = 1, 2, 10
_SOCK_STREAM, _SOCK_TYPE_MASK = 1, 0xF
_IPPROTO_TCP = 6
_MSG_FASTOPEN = 0x20000000

# seccomp_data: number at 0, architecture at 4, arguments of 8 bytes from 16 on (both machines are little-endian).
_NUMBER, _ARCHITECTURE = 0, 4

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _AND, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x54, 0x06

# name: (x86_64, aarch64); None where the machine has no such call. Source: the kernel's syscall tables.
_SOCKET = (41, 198)
_SOCKETPAIR = (53, 199)
_CLONE = (56, 220)
_CLONE3 = 435
_NEW_NAMESPACES = 0x7E020000  # mount, cgroup, host name, IPC, user, process and network namespaces
# Call, and which of its arguments carries the flags.
_SENDING = (((44, 206), 3), ((46, 211), 2), ((307, 269), 3))  # sendto, sendmsg, sendmmsg
_CLOSED: dict[str, tuple[int | None, int | None]] = {
    "bind": (49, 200),
    "listen": (50, 201),
    "accept": (43, 202),
    "accept4": (288, 242),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "process_madvise": (440, 440),
    "pidfd_getfd": (438, 438),
    "kcmp": (312, 272),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "fanotify_init": (300, 262),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "mknod": (133, None),
    "mknodat": (259, 33),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "reboot": (169, 142),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "syslog": (103, 116),
    "acct": (163, 89),
    "quotactl": (179, 60),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "iopl": (172, None),
    "ioperm": (173, None),
    "chmod": (90, None),
    "fchmod": (91, 52),
    "fchmodat": (268, 53),
    "fchmodat2": (452, 452),
    "chown": (92, None),
    "fchown": (93, 55),
    "lchown": (94, None),
    "fchownat": (260, 54),
    "utime": (132, None),
    "utimes": (235, None),
    "futimesat": (261, None),
    "utimensat": (280, 88),
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "fsetxattr": (190, 7),
    "removexattr": (197, 14),
    "lremovexattr": (198, 15),
    "fremovexattr": (199, 16),
    "setxattrat": (463, 463),
    "removexattrat": (466, 466),
}


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def offered() -> bool:
    """Whether this machine has seccomp filters and we know its numbers."""
    if kernel.machine() not in _ARCHITECTURES:
        return False
    try:
        kernel.prctl(kernel.PR_SET_SECCOMP, ctypes.c_ulong(_SECCOMP_MODE_FILTER), ctypes.c_void_p(None))
    except OSError as error:
        return error.errno == errno.EFAULT  # it went as far as reading the missing program
    return False


def restrict() -> None:
    """Install the filter in the calling thread and what it starts, for good. Needs no_new_privs. Raises OSError."""
    code = program(kernel.machine())
    memory = ctypes.create_string_buffer(code, len(code))
    filled = _Program(len(code) // 8, ctypes.addressof(memory))
    kernel.prctl(kernel.PR_SET_SECCOMP, ctypes.c_ulong(_SECCOMP_MODE_FILTER), ctypes.byref(filled))


def program(machine: str) -> bytes:
    """The filter for "x86_64" or "aarch64", as the kernel's array of sock_filter."""
    column = 0 if machine == "x86_64" else 1
    lines = [
        _line(_LOAD, _ARCHITECTURE),
        _line(_EQUAL, _ARCHITECTURES[machine], 1, 0),
        _line(_RETURN, _RET_KILL_PROCESS),
        _line(_LOAD, _NUMBER),
    ]
    if machine == "x86_64":
        lines += [_line(_AT_LEAST, _X32_BIT, 0, 1), _line(_RETURN, _RET_ERRNO | errno.ENOSYS)]
    lines += _when(_SOCKET[column], _only_tcp())
    lines += _when(_SOCKETPAIR[column], _only_streams())
    lines += _when(_CLONE[column], _refused_with(0, _NEW_NAMESPACES))
    # Its flags lie in memory, where a filter cannot look; told it is missing, callers use clone.
    lines += _when(_CLONE3, [_line(_RETURN, _RET_ERRNO | errno.ENOSYS)])
    for numbers, flags in _SENDING:
        lines += _when(numbers[column], _refused_with(flags, _MSG_FASTOPEN))
    closed = [numbers[column] for numbers in _CLOSED.values()]
    for number in closed:
        if number is not None:
            lines += _when(number, [_line(_RETURN, _RET_ERRNO | errno.EPERM)])
    return b"".join((*lines, _line(_RETURN, _RET_ALLOW)))


def _when(number: int, then: list[bytes]) -> list[bytes]:
    """`then`, which must end with a return, for one system call."""
    return [_line(_EQUAL, number, 0, len(then)), *then]


def _only_tcp() -> list[bytes]:
    return [
        _line(_LOAD, _argument(0)),
        _line(_EQUAL, _AF_INET, 1, 0),
        _line(_EQUAL, _AF_INET6, 0, 6),
        _line(_LOAD, _argument(1)),
        _line(_AND, _SOCK_TYPE_MASK),
        _line(_EQUAL, _SOCK_STREAM, 0, 3),
        _line(_LOAD, _argument(2)),
        _line(_EQUAL, 0, 2, 0),
        _line(_EQUAL, _IPPROTO_TCP, 1, 0),
        _line(_RETURN, _RET_ERRNO | errno.EACCES),
        _line(_RETURN, _RET_ALLOW),
    ]


def _only_streams() -> list[bytes]:
    """A pair of datagram sockets could be turned to any other local socket."""
    return [
        _line(_LOAD, _argument(1)),
        _line(_AND, _SOCK_TYPE_MASK),
        _line(_EQUAL, _SOCK_STREAM, 1, 0),
        _line(_RETURN, _RET_ERRNO | errno.EACCES),
        _line(_RETURN, _RET_ALLOW),
    ]


def _refused_with(index: int, flags: int) -> list[bytes]:
    """Refuse when an argument has any of these flags."""
    return [
        _line(_LOAD, _argument(index)),
        _line(_ANY_BIT, flags, 0, 1),
        _line(_RETURN, _RET_ERRNO | errno.EPERM),
        _line(_RETURN, _RET_ALLOW),
    ]


def _argument(index: int) -> int:
    """The offset of an argument's lower half; all arguments looked at are ints."""
    return 16 + 8 * index


def _line(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)
