"""One bar over all streams, that never falls."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from viddlws.engine.messages import Progress, Step
from viddlws.engine.progress import FETCHING_SHARE, Bar, Throttle, expected_size, plan
from viddlws.engine.wire import decode, encode

VIDEO = {"vcodec": "avc1", "acodec": "none"}
AUDIO = {"vcodec": "none", "acodec": "mp4a"}


def bar_of(*formats: dict[str, Any], duration: float | None = None) -> Bar:
    bar = Bar()
    bar.plan(plan(formats, duration))
    return bar


def downloading(**status: Any) -> dict[str, Any]:
    return {"status": "downloading", **status}


def test_streams_share_the_bar_by_their_size() -> None:
    bar = bar_of({**VIDEO, "filesize": 900}, {**AUDIO, "filesize": 100})

    bar.begin(0)
    assert bar.feed(downloading(downloaded_bytes=450, total_bytes=900)).percent == pytest.approx(FETCHING_SHARE * 0.45)
    assert bar.end(900).percent == pytest.approx(FETCHING_SHARE * 0.9)
    bar.begin(1)
    assert bar.feed(downloading(downloaded_bytes=50, total_bytes=100)).percent == pytest.approx(FETCHING_SHARE * 0.95)


def test_each_stream_has_its_step_and_bytes_add_up() -> None:
    bar = bar_of(VIDEO, AUDIO)

    assert bar.begin(0).step is Step.FETCHING_VIDEO
    bar.feed(downloading(downloaded_bytes=70))
    bar.end(80)
    assert bar.begin(1).step is Step.FETCHING_AUDIO
    assert bar.feed(downloading(downloaded_bytes=5)).downloaded == 85


def test_the_first_estimate_of_segments_is_not_believed() -> None:
    bar = bar_of({"vcodec": "avc1"})
    bar.begin(0)

    early = bar.feed(downloading(downloaded_bytes=900, total_bytes_estimate=1000, fragment_index=1, fragment_count=100))
    later = bar.feed(
        downloading(downloaded_bytes=30_000, total_bytes_estimate=60_000, fragment_index=50, fragment_count=100)
    )

    assert early.percent == pytest.approx(FETCHING_SHARE * 0.01)
    assert later.percent == pytest.approx(FETCHING_SHARE * 0.5)


def test_a_size_unknown_to_the_server_is_taken_from_the_bit_rate() -> None:
    streams = plan([{"vcodec": "avc1", "tbr": 800}], 10.0)

    assert expected_size(streams) == 1_000_000
    assert not streams[0].exact


def test_one_unknown_size_makes_the_whole_unknown() -> None:
    assert expected_size(plan([{**VIDEO, "filesize": 1}, AUDIO], None)) is None


def test_the_time_left_covers_the_streams_to_come() -> None:
    bar = bar_of({**VIDEO, "filesize": 1000}, {**AUDIO, "filesize": 500})
    bar.begin(0)

    progress = bar.feed(downloading(downloaded_bytes=500, total_bytes=1000, speed=100.0, eta=5))

    assert (progress.speed, progress.eta) == (100.0, 10.0)


def test_finishing_fills_the_rest() -> None:
    bar = bar_of(VIDEO)
    bar.begin(0)
    bar.end(10)

    assert bar.finishing(Step.JOINING, 0.5).percent == pytest.approx((FETCHING_SHARE + 100) / 2)
    assert bar.finishing(Step.CHECKING, 7.0).percent == 100


numbers = st.one_of(st.none(), st.integers(-5, 10**13), st.floats(allow_nan=True, allow_infinity=True))
statuses = st.fixed_dictionaries(
    {"status": st.sampled_from(["downloading", "finished", "error"])},
    optional={
        "downloaded_bytes": st.integers(0, 10**13),
        "total_bytes": numbers,
        "total_bytes_estimate": numbers,
        "fragment_index": st.integers(0, 10**6),
        "fragment_count": numbers,
        "speed": numbers,
        "eta": numbers,
    },
)


@given(st.lists(statuses, max_size=20), st.one_of(st.none(), st.integers(1, 10**12)))
def test_whatever_is_fed_the_bar_rises_from_0_to_100(fed: list[dict[str, Any]], size: int | None) -> None:
    bar = bar_of({**VIDEO, "filesize": size}, AUDIO)
    seen = [bar.now, bar.begin(0), *(bar.feed(status) for status in fed), bar.end(1), bar.begin(1)]
    seen += [*(bar.feed(status) for status in fed), bar.finishing(Step.CHECKING, 1.0)]

    percents = [progress.percent for progress in seen]
    assert percents == sorted(percents)
    assert 0 <= percents[0] <= percents[-1] == 100
    assert all(decode(encode(progress).rstrip()) == progress for progress in seen)


def test_the_throttle_lets_one_through_per_gap_and_every_new_step() -> None:
    throttle = Throttle(0.25)
    video, audio = Progress(1, Step.FETCHING_VIDEO), Progress(2, Step.FETCHING_AUDIO)

    passed = [throttle.passes(p, now) for p, now in ((video, 0), (video, 0.2), (audio, 0.21), (audio, 0.4), (audio, 1))]

    assert passed == [True, False, True, False, True]
