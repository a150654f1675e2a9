"""A file that was cut off: the rest is fetched, and only when it is the rest of the same file."""

import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.engine.fetching import bytes_in, download, kill, run, start, stock_download, wait_until
from tests.site import Site, media

Fetch = Callable[..., None]
HALF = media.ONE_MB // 2


def clip() -> bytes:
    return (media.folder() / "clip.mp4").read_bytes()


def other() -> bytes:
    return (media.folder() / "other.mp4").read_bytes()


def ranges(site: Site, path: str) -> list[str]:
    return [hit.headers["range"] for hit in site.requests(path) if "range" in hit.headers]


def killed_half_way(site: Site, fetch: Fetch, folder: Path, path: str) -> str:
    """Begin `path`, kill when about half has come, and give the address; from then on it is answered in full."""
    gate = site.gate(path)
    url = site.url(f"{path}{'&' if '?' in path else '?'}gate={path.replace('&', '%26')}&after={HALF}")
    process = start(fetch, folder, url)
    wait_until(lambda: bytes_in(folder) > HALF // 2)
    kill(process)
    gate.open()
    return url


def result(folder: Path) -> bytes:
    return (folder / "media.mp4").read_bytes()


def test_the_rest_is_fetched_after_a_kill(fresh_site: Site, tmp_path: Path) -> None:
    url = killed_half_way(fresh_site, download, tmp_path, "/clip.mp4")
    begun = bytes_in(tmp_path)
    assert run(download, tmp_path, url) == 0
    assert result(tmp_path) == clip()
    assert ranges(fresh_site, "/clip.mp4") == [f"bytes={begun}-"]


def test_nothing_is_lost_by_kills_at_random_points(fresh_site: Site, tmp_path: Path) -> None:
    chance = random.Random(7)
    url = fresh_site.url("/drip?rate=1500000")
    for point in sorted(chance.randrange(1, media.ONE_MB) for _ in range(5)):
        process = start(download, tmp_path, url)
        wait_until(lambda: bytes_in(tmp_path) >= point or process.exitcode is not None)  # noqa: B023  # used at once
        kill(process)
    assert run(download, tmp_path, url) == 0
    assert result(tmp_path) == clip()


def test_a_file_that_changed_on_the_server_is_fetched_anew(fresh_site: Site, tmp_path: Path) -> None:
    for fetch, name in ((stock_download, "stock.mp4"), (download, "ours.mp4")):
        folder = tmp_path / name
        folder.mkdir()
        url = killed_half_way(fresh_site, fetch, folder, f"/changing/{name}")
        fresh_site.change(name)
        assert run(fetch, folder, url) == 0
    assert result(tmp_path / "stock.mp4") not in (clip(), other()), "stock yt-dlp is mended; the patch may go"
    assert result(tmp_path / "ours.mp4") == other()


def test_a_server_that_ignores_if_range_is_found_out(fresh_site: Site, tmp_path: Path) -> None:
    url = killed_half_way(fresh_site, download, tmp_path, "/changing/deaf.mp4?ifrange=0")
    fresh_site.change("deaf.mp4")
    assert run(download, tmp_path, url) == 0
    assert result(tmp_path) == other()


def test_a_change_between_an_answer_and_its_own_repetition_is_found_out(fresh_site: Site, tmp_path: Path) -> None:
    """Every GET finds another file; each answer breaks off, and yt-dlp asks for the rest by itself."""
    url = fresh_site.url("/changing/restless.mp4?each=1&cut=600000")
    assert run(download, tmp_path, url) != 0
    assert not (tmp_path / "media.mp4").exists()


@pytest.mark.parametrize("query", ["etag=none&modified=none", "etag=weak&modified=none"])
def test_a_file_that_cannot_be_told_from_another_is_begun_anew(fresh_site: Site, tmp_path: Path, query: str) -> None:
    url = killed_half_way(fresh_site, download, tmp_path, f"/changing/nameless.mp4?{query}")
    fresh_site.change("nameless.mp4")
    assert run(download, tmp_path, url) == 0
    assert result(tmp_path) == other()


def test_a_date_alone_is_enough_to_continue(fresh_site: Site, tmp_path: Path) -> None:
    url = killed_half_way(fresh_site, download, tmp_path, "/clip.mp4?etag=none")
    assert run(download, tmp_path, url) == 0
    assert result(tmp_path) == clip()
    assert len(ranges(fresh_site, "/clip.mp4")) == 1


@pytest.mark.parametrize("surplus", [b"", b"too much"])
def test_a_part_that_is_whole_or_longer_ends_well(fresh_site: Site, tmp_path: Path, surplus: bytes) -> None:
    for fetch, name in ((stock_download, "stock"), (download, "ours")):
        folder = tmp_path / name
        folder.mkdir()
        url = killed_half_way(fresh_site, fetch, folder, f"/clip.mp4?t={name}")
        (folder / "media.mp4.part").write_bytes(clip() + surplus)
        assert (run(fetch, folder, url) == 0) == (fetch is download)
    assert result(tmp_path / "ours") == clip()


def test_a_part_of_unknown_origin_is_not_continued(fresh_site: Site, tmp_path: Path) -> None:
    (tmp_path / "media.mp4.part").write_bytes(other()[:HALF])
    assert run(download, tmp_path, fresh_site.url("/clip.mp4")) == 0
    assert result(tmp_path) == clip()


def test_a_kill_between_the_last_byte_and_the_note_costs_nothing(fresh_site: Site, tmp_path: Path) -> None:
    url = killed_half_way(fresh_site, download, tmp_path, "/clip.mp4")
    (tmp_path / "media.mp4.part").unlink()
    (tmp_path / "media.mp4").write_bytes(clip())
    before = fresh_site.hits("/clip.mp4")
    assert run(download, tmp_path, url) == 0
    assert result(tmp_path) == clip()
    assert fresh_site.hits("/clip.mp4") == before + 1, "only the page is read again"


def test_the_stump_of_a_conversion_is_not_taken_for_the_result(fresh_site: Site, tmp_path: Path) -> None:
    for fetch, name in ((stock_download, "stock"), (download, "ours")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "media.mp4").write_bytes(clip()[:HALF])
        assert run(fetch, tmp_path / name, fresh_site.url("/clip.mp4")) == 0
    assert len(result(tmp_path / "stock")) == HALF, "stock yt-dlp is mended"
    assert result(tmp_path / "ours") == clip()


def test_truncated_answers_are_put_together(fresh_site: Site, tmp_path: Path) -> None:
    assert run(download, tmp_path, fresh_site.url("/trunc")) == 0
    assert result(tmp_path) == clip()
    rest = [hit for hit in fresh_site.requests("/trunc") if "range" in hit.headers]
    assert len(rest) >= 2
    assert len({hit.headers["if-range"] for hit in rest}) == 1


def test_a_chunked_answer_that_breaks_off_is_a_failure(fresh_site: Site, tmp_path: Path) -> None:
    assert run(download, tmp_path, fresh_site.url("/chunked?cut=300000")) != 0
    assert not (tmp_path / "media.mp4").exists()


def test_a_file_fetched_in_pieces_is_whole_and_continues(fresh_site: Site, tmp_path: Path) -> None:
    url = killed_half_way(fresh_site, download, tmp_path, "/clip.mp4")
    assert run(download, tmp_path, url, http_chunk_size=100_000) == 0
    assert result(tmp_path) == clip()
    assert len(ranges(fresh_site, "/clip.mp4")) > 4


def test_a_change_between_two_pieces_is_a_failure_and_then_a_new_beginning(fresh_site: Site, tmp_path: Path) -> None:
    url = fresh_site.url("/changing/pieces.mp4?each=1")
    assert run(download, tmp_path, url, http_chunk_size=600_000) != 0
    assert not list(tmp_path.glob("media*"))
    assert run(download, tmp_path, fresh_site.url("/changing/pieces.mp4"), http_chunk_size=600_000) == 0
    assert result(tmp_path) in (clip(), other())


def test_a_whole_stream_is_not_fetched_twice(fresh_site: Site, tmp_path: Path) -> None:
    url = fresh_site.url("/clip.mp4")
    assert run(download, tmp_path, url) == 0
    assert json.loads((tmp_path / "resume.json").read_text())["done"] == {"media.mp4": media.ONE_MB}
    before = fresh_site.hits("/clip.mp4")
    assert run(download, tmp_path, url) == 0
    assert fresh_site.hits("/clip.mp4") == before + 1, "only the page is read again"
