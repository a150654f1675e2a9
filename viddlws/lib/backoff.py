"""How long to wait before trying again."""

import random

FIRST = 5.0  # seconds
FACTOR = 4.0
LONGEST = 3600.0  # seconds
LONGEST_WISH = 24 * 3600.0  # seconds; more than that we do not let a server keep us away


def delay(tries: int, wish: float | None = None) -> float:
    """Seconds to wait after that many tries (from 1): exponential, up to a quarter more so that not all come at once.

    `wish` is what the server asked for; never less than that is waited, up to a day.
    """
    usual = min(LONGEST, FIRST * FACTOR ** (tries - 1))
    return max(usual, min(wish or 0.0, LONGEST_WISH)) * random.uniform(1.0, 1.25)  # noqa: S311 - nothing secret
