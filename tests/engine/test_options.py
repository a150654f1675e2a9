"""What yt-dlp is asked to do for a job."""

import pytest

from viddlws.engine.messages import Format, Job, Limits
from viddlws.engine.options import LARGE_BLOCK, RETRIES, SMALL_BLOCK, Surroundings, build, retry_sleep, stream_options

GIVEN = Surroundings("http://job:password@127.0.0.1:1", "/opt/ffmpeg", "/opt/deno", object(), lambda status: None)


def job(**given: object) -> Job:
    return Job(**{"id": "1", "url": "https://example.org/watch", "folder": "/jobs/1", **given})  # type: ignore[arg-type]


def test_a_picture_that_plays_everywhere_is_preferred_to_a_sharper_one() -> None:
    sorting = build(job(max_height=720), GIVEN)["format_sort"]

    assert sorting.index("vcodec:h264") < sorting.index("res:720")


def test_the_best_quality_is_the_sites_own_order() -> None:
    assert "format_sort" not in build(job(best_quality=True), GIVEN)


def test_sound_alone_is_asked_for_in_the_form_that_needs_no_conversion() -> None:
    asked = build(job(format=Format.AUDIO), GIVEN)

    assert asked["format"].startswith("ba[acodec^=mp4a]/")
    assert not asked["writesubtitles"]


def test_both_asks_for_what_a_video_asks_for() -> None:
    assert build(job(format=Format.BOTH), GIVEN)["format"] == build(job(), GIVEN)["format"]


def test_all_traffic_goes_through_the_guard() -> None:
    asked = build(job(), GIVEN)

    assert asked["proxy"] == GIVEN.proxy
    assert asked["external_downloader"] is None
    assert "impersonate" not in asked


def test_nothing_is_set_that_runs_programs_reads_files_or_writes_links() -> None:
    asked = build(job(url="https://example.org/$(id)"), GIVEN)
    dangerous = {"exec_cmd", "netrc_cmd", "usenetrc", "cookiesfrombrowser", "cookiefile", "postprocessors"}

    assert not dangerous & asked.keys()
    assert not any(name.startswith("write") and name != "writesubtitles" for name in asked)
    assert asked["enable_file_urls"] is False
    assert asked["remote_components"] == []
    assert asked["outtmpl"] == {"default": "media.%(ext)s"}
    assert not any("$(id)" in str(value) for value in asked.values())


def test_a_hole_is_never_skipped_and_an_error_never_hidden() -> None:
    asked = build(job(), GIVEN)

    assert asked["skip_unavailable_fragments"] is False
    assert asked["ignoreerrors"] is False


def test_a_live_recording_is_ended_before_its_limits() -> None:
    limits = Limits(total=1000, size=2000)

    assert build(job(live=True, limits=limits), GIVEN)["external_downloader_args"] == {
        "ffmpeg_o": ["-t", "900", "-fs", "1800"]
    }
    assert "external_downloader_args" not in build(job(limits=limits), GIVEN)
    assert "external_downloader_args" not in build(job(live=True), GIVEN)


def test_without_our_repairs_nothing_is_continued() -> None:
    unrepaired = Surroundings("", "", "", object(), lambda status: None, resumable=False)

    assert build(job(), GIVEN)["continuedl"] is True
    assert build(job(), unrepaired)["continuedl"] is False


def test_without_deno_no_runtime_is_named() -> None:
    assert build(job(), Surroundings("", "", "", object(), lambda status: None))["js_runtimes"] == {}


@pytest.mark.parametrize(
    ("stream", "block"),
    [
        ({"protocol": "https"}, SMALL_BLOCK),
        ({"protocol": "m3u8_native"}, LARGE_BLOCK),
        ({"protocol": "http_dash_segments"}, LARGE_BLOCK),
        ({"protocol": "https", "fragments": []}, LARGE_BLOCK),
        ({}, SMALL_BLOCK),
    ],
)
def test_segments_are_read_in_few_steps_and_files_in_growing_ones(stream: dict[str, object], block: int) -> None:
    assert stream_options(stream) == {"buffersize": block}


def test_all_retries_together_stay_below_the_usual_stall() -> None:
    assert sum(retry_sleep(n) for n in range(RETRIES)) < Limits().stall / 2
    assert retry_sleep(10**6) == retry_sleep(100)
