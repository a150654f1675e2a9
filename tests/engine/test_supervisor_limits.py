"""A job ends by itself when it is too slow, too large, without an end, or would fill the disk."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.engine.running import failed, finished
from tests.site import Site
from viddlws.engine.messages import ErrorClass, Failed, Finished, Found, Job, Limits
from viddlws.engine.supervisor import Engine

NewJob = Callable[..., Job]
MB = 1 << 20


def test_a_stall_is_noticed(engine: Engine, fresh_site: Site, new_job: NewJob) -> None:
    end = failed(engine, new_job(fresh_site.url("/stall"), limits=Limits(stall=2)))

    assert (end.error, end.passing) == (ErrorClass.STALLED, True)


def test_a_slow_drip_is_no_stall(engine: Engine, fresh_site: Site, new_job: NewJob) -> None:
    job = new_job(fresh_site.url("/drip?rate=250000"), limits=Limits(stall=2))

    assert finished(engine, job).files


def test_a_page_that_never_comes_is_given_up(engine: Engine, fresh_site: Site, new_job: NewJob) -> None:
    end = failed(engine, new_job(fresh_site.url("/hang"), limits=Limits(reading=2)))

    assert (end.error, end.passing) == (ErrorClass.STALLED, True)


def test_the_whole_time_is_bounded(engine: Engine, fresh_site: Site, new_job: NewJob) -> None:
    end = failed(engine, new_job(fresh_site.url("/drip?rate=50000"), limits=Limits(total=3)))

    assert (end.error, end.passing) == (ErrorClass.STALLED, False)


@pytest.mark.parametrize("path", ["/inf", "/gzbomb?mb=60", "/big/30.mp4", "/long/200/index.m3u8"])
def test_what_is_too_large_is_stopped(engine: Engine, site: Site, new_job: NewJob, path: str) -> None:
    job = new_job(site.url(path), limits=Limits(size=4 * MB))
    end = failed(engine, job)

    assert (end.error, end.passing) == (ErrorClass.TOO_LARGE, False)
    assert sum(file.stat().st_size for file in Path(job.folder).iterdir()) < 12 * MB


def test_a_page_larger_than_any_real_one_is_not_read_to_its_end(engine: Engine, site: Site, new_job: NewJob) -> None:
    assert failed(engine, new_job(site.url("/bightml?mb=80"))).error is ErrorClass.TOO_LARGE


def test_a_disk_that_would_become_too_full_is_spared(engine: Engine, fresh_site: Site, new_job: NewJob) -> None:
    reserve = shutil.disk_usage("/").free * 100
    end = failed(engine, new_job(fresh_site.url("/clip.mp4"), limits=Limits(reserve=reserve)))

    assert (end.error, end.passing) == (ErrorClass.DISK_FULL, True)


@pytest.mark.parametrize("path", ["/live.m3u8", "/yt/live"])
def test_a_live_stream_is_not_begun_unasked(engine: Engine, site: Site, new_job: NewJob, path: str) -> None:
    events = list(engine.run(new_job(site.url(path))))

    assert isinstance(events[-1], Failed)
    assert events[-1].error is ErrorClass.LIVE
    assert not any(isinstance(event, Found) for event in events)


def test_a_live_recording_ends_in_good_order_before_its_limit(engine: Engine, site: Site, new_job: NewJob) -> None:
    job = new_job(site.url("/yt/live"), live=True, limits=Limits(total=12))
    *_, end = engine.run(job)

    assert isinstance(end, Finished), end
    assert end.info.is_live
    assert next(file for file in end.files if file.kind == "video").duration


def test_what_has_not_begun_is_tried_later(engine: Engine, site: Site, new_job: NewJob) -> None:
    end = failed(engine, new_job(site.url("/yt/upcoming")))

    assert (end.error, end.passing) == (ErrorClass.LIVE, True)
    assert end.retry_after == pytest.approx(3 * 3600, abs=60)
