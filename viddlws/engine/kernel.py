"""How processes are tied to each other on Linux."""

import ctypes
import os
import signal

from viddlws.engine.guard.kernel import prctl

_SET_PDEATHSIG = 1
_SET_CHILD_SUBREAPER = 36


def die_with(parent: int) -> None:
    """Be killed when process `parent`, which must be ours, ends; at once if it already has. Raises OSError."""
    prctl(_SET_PDEATHSIG, ctypes.c_ulong(signal.SIGKILL))
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent ends, so that none is left unreaped. Raises OSError."""
    prctl(_SET_CHILD_SUBREAPER, ctypes.c_ulong(1))
