"""What a job tells while it runs, and what is there when it has finished."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import av
import pytest

from tests.engine.running import finished, last, started, until_fetching
from tests.site import Site
from viddlws.engine.messages import Finished, Format, Found, Job, Progress, Started, Step
from viddlws.engine.supervisor import Engine

NewJob = Callable[..., Job]


def kinds(path: Path) -> set[str]:
    with av.open(str(path)) as media:
        return {stream.type for stream in media.streams if not stream.disposition & 0x400}


def test_a_job_begins_is_found_makes_progress_and_finishes(engine: Engine, site: Site, new_job: NewJob) -> None:
    events = list(engine.run(new_job(site.url("/video?t=order"))))

    assert isinstance(events[0], Started)
    assert events[0].engine_version == engine.version
    found = next(n for n, event in enumerate(events) if isinstance(event, Found))
    fetching = next(n for n, e in enumerate(events) if isinstance(e, Progress) and e.step is Step.FETCHING)
    assert 0 < found < fetching
    assert isinstance(events[-1], Finished)


def test_the_picture_is_there_while_the_media_is_fetched(engine: Engine, site: Site, new_job: NewJob) -> None:
    job = new_job(site.url("/yt/chapters?t=early"))
    events = engine.run(job)

    until_fetching(events)

    assert Path(job.folder, "thumbnail.jpg").read_bytes().startswith(b"\xff\xd8\xff")
    *_, end = events
    assert isinstance(end, Finished)
    assert [file.path for file in end.files if file.kind == "thumbnail"] == ["thumbnail.jpg"]


def test_the_bar_never_falls(engine: Engine, site: Site, new_job: NewJob) -> None:
    events = list(engine.run(new_job(site.url("/yt/dash?t=bar"))))

    percents = [event.percent for event in events if isinstance(event, Progress)]
    assert percents == sorted(percents)
    assert 0 <= percents[0] < percents[-1] <= 100


def test_separate_streams_become_one_film_that_plays_everywhere(engine: Engine, site: Site, new_job: NewJob) -> None:
    job = new_job(site.url("/yt/merge?t=join"))
    events = list(engine.run(job))

    steps = {event.step for event in events if isinstance(event, Progress)}
    assert {Step.FETCHING_VIDEO, Step.FETCHING_AUDIO, Step.JOINING} <= steps
    assert isinstance(events[-1], Finished)
    film = next(file for file in events[-1].files if file.kind == "video")
    assert film.mime == "video/mp4"
    assert kinds(Path(job.folder, film.path)) == {"video", "audio"}


def test_both_comes_from_one_fetch(engine: Engine, fresh_site: Site, new_job: NewJob) -> None:
    job = new_job(fresh_site.url("/yt/merge"), format=Format.BOTH)
    done = finished(engine, job)

    files = {file.kind: Path(job.folder, file.path) for file in done.files}
    assert kinds(files["video"]) == {"video", "audio"}
    assert kinds(files["audio"]) == {"audio"}
    assert fresh_site.hits("/video720.mp4") == 1
    assert fresh_site.hits("/audio.m4a") == 1


def test_sound_alone_is_fetched_alone(engine: Engine, fresh_site: Site, new_job: NewJob) -> None:
    job = new_job(fresh_site.url("/yt/merge"), format=Format.AUDIO)
    done = finished(engine, job)

    assert {file.kind for file in done.files} == {"audio", "thumbnail", "info"}
    assert fresh_site.hits("/video720.mp4") == 0


@pytest.mark.parametrize(
    "path", ["/clip.mp4", "/opengraph", "/jsonld", "/hls/master.m3u8", "/hls/locked.m3u8", "/dash/manifest.mpd"]
)
def test_every_kind_of_source_gives_a_film(engine: Engine, site: Site, new_job: NewJob, path: str) -> None:
    job = new_job(site.url(path))
    film = next(file for file in finished(engine, job).files if file.kind == "video")

    assert kinds(Path(job.folder, film.path)) == {"video", "audio"}
    assert film.duration == pytest.approx(12, abs=0.5)


def test_what_the_page_tells_is_kept(engine: Engine, site: Site, new_job: NewJob) -> None:
    info = finished(engine, new_job(site.url("/jsonld"))).info

    assert info.title == "Told by JSON-LD"
    assert info.description == "First line\nSecond line with ümläuts"
    assert info.channel == "Dana Uploader"
    assert info.published == "2024-05-06T07:08:09+00:00"
    assert info.webpage_url == site.url("/jsonld")


def test_subtitles_made_by_people_come_before_those_of_a_machine(engine: Engine, site: Site, new_job: NewJob) -> None:
    by_people = finished(engine, new_job(site.url("/yt/subtitles")))
    by_machine = finished(engine, new_job(site.url("/yt/automatic")))

    assert {file.language for file in by_people.files if file.kind == "subtitle"} == {"en", "de"}
    assert ["automatic" in file.label for file in by_machine.files if file.kind == "subtitle"] == [True]


def test_a_name_meant_to_climb_out_of_the_folder_stays_a_name(engine: Engine, site: Site, new_job: NewJob) -> None:
    job = new_job(site.url("/yt/evilname"))
    done = finished(engine, job)

    assert all(Path(job.folder, file.path).parent == Path(job.folder) for file in done.files)
    assert "\0" not in done.info.title


def test_something_is_told_each_second_while_the_site_is_silent(
    engine: Engine, fresh_site: Site, new_job: NewJob
) -> None:
    events = engine.run(new_job(fresh_site.url("/hang")))
    started(events)
    fresh_site.gate("hang").wait_for_request()
    told = [time.monotonic()]
    for _ in range(4):
        assert isinstance(next(events), Progress)
        told.append(time.monotonic())
    fresh_site.gate("hang").open()

    assert isinstance([*events][-1], Finished)
    assert max(after - before for before, after in pairwise(told)) < 1.0


def test_many_jobs_run_at_once(engine: Engine, site: Site, new_job: NewJob) -> None:
    jobs = [new_job(site.url(f"/small/{number}.mp4?t=many")) for number in range(12)]
    with ThreadPoolExecutor(6) as pool:
        ends = list(pool.map(lambda job: last(engine, job), jobs))

    assert all(isinstance(end, Finished) for end in ends), ends


def test_the_log_of_an_attempt_lies_in_the_folder(engine: Engine, site: Site, new_job: NewJob) -> None:
    job = new_job(site.url("/clip.mp4?token=open-sesame"))
    finished(engine, job)

    log = Path(job.folder, "attempt.log").read_text()
    assert "Downloading webpage" in log
    assert "open-sesame" not in log


def test_a_folder_that_is_not_ours_is_refused(engine: Engine, site: Site, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="folder"):
        list(engine.run(Job("outside", site.url("/clip.mp4"), str(tmp_path))))
