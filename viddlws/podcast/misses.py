"""Addresses that keep asking for what is not there are slowed down. Counted in each process, so that a flood of
misses writes nothing."""

import threading
import time
from collections import OrderedDict

MOST = 300  # misses of one address within the window; a phone with a revoked feed of many episodes has fewer
WINDOW = 300.0  # seconds
_ADDRESSES = 10_000  # remembered at most; the one that missed longest ago is forgotten first


class Misses:
    """Counts for each address in windows of fixed length."""

    def __init__(self, most: int = MOST, window: float = WINDOW) -> None:
        self._most, self._window = most, window
        self._lock = threading.Lock()
        self._found: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def count(self, address: str, now: float | None = None) -> float:
        """Note a miss. Seconds this address has to wait now; 0 while it may go on."""
        now = time.monotonic() if now is None else now
        with self._lock:
            began, number = self._found.pop(address, (now, 0))
            if now - began >= self._window:
                began, number = now, 0
            self._found[address] = began, number + 1
            if len(self._found) > _ADDRESSES:
                self._found.popitem(last=False)
        return began + self._window - now if number >= self._most else 0.0
