"""When a job is given up for its slowness."""

from viddlws.engine.deadlines import FINISHING_STALL, Deadlines
from viddlws.engine.messages import Found, Limits, MediaInfo, Progress, Step

LIMITS = Limits(reading=120, stall=90, total=1000)
FOUND = Found(MediaInfo())


def fetching(downloaded: int) -> Progress:
    return Progress(0, Step.FETCHING, downloaded=downloaded)


def test_reading_the_page_may_take_only_so_long() -> None:
    deadlines = Deadlines(LIMITS, now=0)
    deadlines.received(5000, now=119)

    assert deadlines.missed(119) is None
    assert deadlines.missed(121) == "slow-page"


def test_after_the_page_only_movement_counts() -> None:
    deadlines = Deadlines(LIMITS, now=0)
    deadlines.saw(FOUND, now=100)
    deadlines.saw(fetching(1), now=150)
    deadlines.saw(fetching(1), now=200)

    assert deadlines.missed(239) is None
    assert deadlines.missed(241) == "stalled"


def test_bytes_that_reach_the_job_are_movement_even_when_it_tells_nothing() -> None:
    deadlines = Deadlines(LIMITS, now=0)
    deadlines.saw(FOUND, now=0)
    deadlines.saw(fetching(0), now=0)
    deadlines.received(10, now=80)
    deadlines.received(10, now=160)

    assert deadlines.missed(169) is None
    assert deadlines.missed(171) == "stalled"


def test_finishing_needs_no_bytes_but_must_move() -> None:
    deadlines = Deadlines(Limits(stall=90), now=0)
    deadlines.saw(FOUND, now=0)
    deadlines.saw(Progress(91, Step.CONVERTING), now=10)

    assert deadlines.missed(500) is None
    assert deadlines.missed(11 + FINISHING_STALL) == "stalled"


def test_the_total_comes_before_all() -> None:
    deadlines = Deadlines(LIMITS, now=0)
    deadlines.saw(FOUND, now=0)
    deadlines.saw(fetching(1), now=1000)

    assert deadlines.missed(1001) == "overtime"


def test_zero_is_no_limit() -> None:
    deadlines = Deadlines(Limits(reading=0, stall=0, total=0), now=0)
    assert deadlines.missed(1e9) is None
    deadlines.saw(FOUND, now=0)
    assert deadlines.missed(1e9) is None


def test_a_listener_that_was_away_finds_no_stall() -> None:
    deadlines = Deadlines(LIMITS, now=0)
    deadlines.saw(FOUND, now=0)

    assert deadlines.missed(500, silent=False) is None
    deadlines.saw(fetching(10), now=500)
    assert deadlines.missed(501) is None
    assert deadlines.missed(1001, silent=False) == "overtime"
