"""HLS and DASH that were cut off: every fragment once, in order, whatever state the kill left."""

import itertools
import json
import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.engine.fetching import bytes_in, download, kill, run, start, stock_download, wait_until
from tests.site import Site, media

Fetch = Callable[..., None]
numbers = itertools.count()


def expected(name: str = "360") -> bytes:
    """What the segments of that list are when put together."""
    return b"".join(path.read_bytes() for path in sorted((media.folder() / "hls").glob(f"{name}-*.ts")))


def result(folder: Path) -> bytes:
    return (folder / "media.mp4").read_bytes()


def killed_at(site: Site, fetch: Fetch, folder: Path, path: str = "/made/360.m3u8", **options: object) -> str:
    """Fetch up to segment 3, kill while it is awaited, and give the address; from then on all is answered."""
    gate = f"gate{next(numbers)}"
    url = site.url(f"{path}{'&' if '?' in path else '?'}held=3&by={gate}")
    process = start(fetch, folder, url, **options)
    site.gate(gate).wait_for_request()
    note = folder / "media.mp4.ytdl"
    wait_until(lambda: _index(note) == 3)
    kill(process)
    site.gate(gate).open()
    return url


def _index(note: Path) -> int:
    try:
        return int(json.loads(note.read_text())["downloader"]["current_fragment"]["index"])
    except (OSError, ValueError):
        return -1


@pytest.mark.parametrize("threads", [1, 4])
def test_the_rest_is_fetched_after_a_kill(fresh_site: Site, tmp_path: Path, threads: int) -> None:
    url = killed_at(fresh_site, download, tmp_path, concurrent_fragment_downloads=threads)
    assert run(download, tmp_path, url) == 0
    assert result(tmp_path) == expected()
    assert fresh_site.hits("/hls/360-000.ts") == fresh_site.hits("/hls/360-002.ts") == 1


@pytest.mark.parametrize("threads", [1, 4])
def test_nothing_is_lost_by_kills_at_random_points(fresh_site: Site, tmp_path: Path, threads: int) -> None:
    chance = random.Random(threads)
    whole = len(expected())
    url = fresh_site.url(f"/made/360.m3u8?rate={1_200_000 // threads}")
    for point in sorted(chance.randrange(1, whole) for _ in range(6)):
        process = start(download, tmp_path, url, concurrent_fragment_downloads=threads)
        wait_until(lambda: bytes_in(tmp_path) >= point or process.exitcode is not None)  # noqa: B023  # used at once
        kill(process)
    assert run(download, tmp_path, url, concurrent_fragment_downloads=threads) == 0
    assert result(tmp_path) == expected()


def _empty(folder: Path) -> None:
    (folder / "media.mp4.ytdl").write_bytes(b"")


def _garbage(folder: Path) -> None:
    (folder / "media.mp4.ytdl").write_bytes(b'{"downloader": {"current_fragm')


def _missing(folder: Path) -> None:
    (folder / "media.mp4.ytdl").unlink()


def _appended_but_not_noted(folder: Path) -> None:
    with (folder / "media.mp4.part").open("ab") as part:
        part.write((media.folder() / "hls" / "360-003.ts").read_bytes())


def _half_appended(folder: Path) -> None:
    with (folder / "media.mp4.part").open("ab") as part:
        part.write((media.folder() / "hls" / "360-003.ts").read_bytes()[:1000])


@dataclass(frozen=True)
class CutOff:
    """Folders that a kill left after three of six segments, by stock yt-dlp and by ours."""

    stock: Path
    stock_url: str
    ours: Path
    ours_url: str


@pytest.fixture(scope="module")
def cut_off(site: Site, tmp_path_factory: pytest.TempPathFactory) -> CutOff:
    stock, ours = tmp_path_factory.mktemp("stock"), tmp_path_factory.mktemp("ours")
    return CutOff(stock, killed_at(site, stock_download, stock), ours, killed_at(site, download, ours))


@pytest.mark.parametrize("harm", [_empty, _garbage, _missing, _appended_but_not_noted, _half_appended])
def test_a_broken_note_doubles_nothing(tmp_path: Path, cut_off: CutOff, harm: Callable[[Path], None]) -> None:
    shutil.copytree(cut_off.stock, tmp_path / "stock")
    shutil.copytree(cut_off.ours, tmp_path / "ours")
    harm(tmp_path / "stock")
    harm(tmp_path / "ours")
    assert run(stock_download, tmp_path / "stock", cut_off.stock_url) == 0
    assert run(download, tmp_path / "ours", cut_off.ours_url) == 0
    assert len(result(tmp_path / "stock")) > len(expected()), "stock yt-dlp is mended; the patch may go"
    assert result(tmp_path / "ours") == expected()


@pytest.mark.parametrize(
    "note",
    [
        {"current_fragment": {"index": 3}, "fragment_count": 6},
        {"current_fragment": {"index": 3}, "fragment_count": 6, "part_size": 10**9, "names": ""},
        {"current_fragment": {"index": 3}, "fragment_count": 99, "part_size": 400_000, "names": ""},
        [],
    ],
)
def test_a_note_that_cannot_be_true_means_a_new_beginning(
    site: Site, tmp_path: Path, cut_off: CutOff, note: object
) -> None:
    folder = tmp_path / "ours"
    shutil.copytree(cut_off.ours, folder)
    (folder / "media.mp4.ytdl").write_text(json.dumps({"downloader": note}))
    before = site.hits("/hls/360-000.ts")
    assert run(download, folder, cut_off.ours_url) == 0
    assert result(folder) == expected()
    assert site.hits("/hls/360-000.ts") == before + 1


def test_a_missing_segment_is_a_failure_and_not_a_hole(fresh_site: Site, tmp_path: Path) -> None:
    url = fresh_site.url("/made/360.m3u8?missing=2")
    assert run(stock_download, tmp_path / "stock", url, fragment_retries=0) == 0
    assert len(result(tmp_path / "stock")) < len(expected())
    assert run(download, tmp_path / "ours", url, fragment_retries=0) != 0
    assert not (tmp_path / "ours" / "media.mp4").exists()


@pytest.mark.parametrize("kind", ["sealed", "spliced"])
def test_what_counts_on_the_segments_before_is_right_after_a_kill(fresh_site: Site, tmp_path: Path, kind: str) -> None:
    """Sealed: a segment's number is its initialisation vector. Spliced: its range begins where the last one ended."""
    for fetch, name in ((stock_download, "stock"), (download, "ours")):
        folder = tmp_path / name
        url = killed_at(fresh_site, fetch, folder, f"/{kind}/index.m3u8")
        assert run(fetch, folder, url) == 0
    assert result(tmp_path / "stock") != expected(), "stock yt-dlp is mended; listing_all may go"
    assert result(tmp_path / "ours") == expected()


def test_a_list_of_other_segments_is_fetched_anew(fresh_site: Site, tmp_path: Path) -> None:
    """As many as before, so that only their names tell."""
    url = killed_at(fresh_site, download, tmp_path / "ours", "/made/360.m3u8?swap=720.m3u8")
    stock_url = killed_at(fresh_site, stock_download, tmp_path / "stock", "/made/360.m3u8?swap=720.m3u8")
    fresh_site.change("720.m3u8")
    assert run(download, tmp_path / "ours", url, concurrent_fragment_downloads=4) == 0
    assert run(stock_download, tmp_path / "stock", stock_url) == 0
    assert result(tmp_path / "stock") not in (expected(), expected("720")), "stock yt-dlp is mended"
    assert result(tmp_path / "ours") == expected("720")


@pytest.mark.parametrize("threads", [1, 4])
def test_dash_continues_too(fresh_site: Site, tmp_path: Path, threads: int) -> None:
    options = {"format": "0", "concurrent_fragment_downloads": threads}
    url = fresh_site.url("/dash/manifest.mpd")
    fresh_site.delay = 0.1
    process = start(download, tmp_path, url, **options)
    wait_until(lambda: _index(tmp_path / "media.mp4.ytdl") >= 3)
    kill(process)
    done = _index(tmp_path / "media.mp4.ytdl")
    fresh_site.delay = 0.0
    assert run(download, tmp_path, url, **options) == 0
    dash = media.folder() / "dash"
    whole = [dash / "init-stream0.m4s", *sorted(dash.glob("chunk-stream0-*.m4s"))]
    assert result(tmp_path) == b"".join(path.read_bytes() for path in whole)
    assert [fresh_site.hits(f"/dash/{path.name}") for path in whole[:done]] == [1] * done


def test_of_two_streams_the_whole_one_is_not_fetched_again(fresh_site: Site, tmp_path: Path) -> None:
    gate = fresh_site.gate("audio")
    url = fresh_site.url("/yt/merge?gate=audio&after=50000")
    process = start(download, tmp_path, url, format="136+140")
    gate.wait_for_request()
    kill(process)
    gate.open()
    assert run(download, tmp_path, url, format="136+140") == 0
    assert fresh_site.hits("/video720.mp4") == 1
    assert fresh_site.hits("/audio.m4a") == 2
    assert (tmp_path / "media.mp4").stat().st_size > 500_000


def test_another_choice_of_formats_begins_anew(fresh_site: Site, tmp_path: Path) -> None:
    gate = fresh_site.gate("audio")
    url = fresh_site.url("/yt/merge?gate=audio&after=50000")
    process = start(download, tmp_path, url, format="136+140")
    gate.wait_for_request()
    kill(process)
    gate.open()
    assert run(download, tmp_path, url, format="134") == 0
    assert result(tmp_path) == (media.folder() / "video360.mp4").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["media.mp4", "resume.json"]
