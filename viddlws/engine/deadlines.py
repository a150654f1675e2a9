"""When a job is given up for its slowness. Pure: the time is given."""

from viddlws.engine.messages import Event, Found, Limits, Progress, Step

FINISHING_STALL = 900.0  # seconds in which the finaliser must have moved by anything at all
FETCHING = {Step.FETCHING, Step.FETCHING_VIDEO, Step.FETCHING_AUDIO}


class Deadlines:
    """Watches one job. Each answer names a cause of `causes.CAUSES`: "slow-page", "stalled" or "overtime"."""

    def __init__(self, limits: Limits, now: float, reading: bool = True) -> None:
        """`reading`: the job begins with reading a page."""
        self._limits = limits
        self._began = self._moved = now
        self._reading = reading
        self._step = Step.STARTING
        self._seen: tuple[object, ...] = ()
        self._received_before = 0

    def saw(self, event: Event, now: float) -> None:
        """The job told something."""
        if isinstance(event, Found):
            self._reading = False
            self._moved = now
        elif isinstance(event, Progress):
            self._step = event.step
            self._movement((event.step, event.downloaded, event.percent), now)

    def received(self, total: int, now: float) -> None:
        """So many bytes have reached the job since it began, media or not."""
        if total != self._received_before:
            self._received_before = total
            self._moved = now

    def missed(self, now: float, silent: bool = True) -> str | None:
        """The deadline that has passed, if one has. A job is never late while it has something to tell: whoever
        listens may have been away for longer than the deadline."""
        limits = self._limits
        if limits.total and now - self._began > limits.total:
            return "overtime"
        if not silent:
            return None
        if self._reading:
            return "slow-page" if limits.reading and now - self._began > limits.reading else None
        stall = limits.stall if self._step in FETCHING else max(limits.stall, FINISHING_STALL)
        return "stalled" if limits.stall and now - self._moved > stall else None

    def _movement(self, seen: tuple[object, ...], now: float) -> None:
        if seen != self._seen:
            self._seen = seen
            self._moved = now
