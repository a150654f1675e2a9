"""The guard's refusals and the sites' own reasons reach the person who asked."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.engine.running import failed
from tests.site import Site
from viddlws.engine.messages import ErrorClass, Job
from viddlws.engine.supervisor import Engine, EngineSettings

NewJob = Callable[..., Job]


@pytest.mark.parametrize(
    "path",
    [
        "/redir?to=http://169.254.169.254/latest",
        "/yt/elsewhere?to=http://10.0.0.1/film.mp4",
        "/made/360.m3u8?elsewhere=http://192.168.0.1/",
        "/made/360.m3u8?key=http://[fd00::1]/key",
        "/yt/filefmt",
    ],
)
def test_an_address_inside_our_network_is_refused(engine: Engine, site: Site, new_job: NewJob, path: str) -> None:
    end = failed(engine, new_job(site.url(path)))

    assert (end.error, end.passing) == (ErrorClass.BLOCKED, False)


def test_nothing_inside_is_open_unless_it_is_named(fresh_site: Site, tmp_path: Path) -> None:
    engine = Engine(EngineSettings(tmp_path / "home", tmp_path / "jobs"))
    try:
        end = failed(engine, Job("inside", fresh_site.url("/clip.mp4"), str(tmp_path / "jobs" / "inside")))
    finally:
        engine.close()

    assert end.error is ErrorClass.BLOCKED
    assert fresh_site.hits("/clip.mp4") == 0


@pytest.mark.parametrize(
    ("path", "error", "passing"),
    [
        ("/status/404", ErrorClass.GONE, False),
        ("/yt/removed", ErrorClass.GONE, False),
        ("/private", ErrorClass.NEEDS_LOGIN, False),
        ("/yt/login", ErrorClass.NEEDS_LOGIN, False),
        ("/yt/geo", ErrorClass.GEO_BLOCKED, False),
        ("/nomedia", ErrorClass.UNSUPPORTED, False),
        ("/yt/self", ErrorClass.UNSUPPORTED, False),
        ("/yt/drm", ErrorClass.UNSUPPORTED, False),
        ("/yt/bug", ErrorClass.ENGINE_OUTDATED, False),
        ("/status/503", ErrorClass.NETWORK, True),
        ("/short", ErrorClass.NETWORK, True),
        ("/nolen?cut=300000", ErrorClass.NETWORK, True),
    ],
)
def test_a_failure_has_its_cause(
    engine: Engine, site: Site, new_job: NewJob, path: str, error: ErrorClass, passing: bool
) -> None:
    end = failed(engine, new_job(site.url(path)))

    assert (end.error, end.passing) == (error, passing)
    assert end.message
    assert end.advice


def test_a_site_says_when_to_come_again(engine: Engine, site: Site, new_job: NewJob) -> None:
    end = failed(engine, new_job(site.url("/status/429?retry_after=7")))

    assert (end.error, end.retry_after) == (ErrorClass.RATE_LIMITED, 7.0)
