"""What parsers read in a feed of a running ViddlWS is what `viddlws list --json` says, field by field."""

import json
import sqlite3
import urllib.request
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.clients.conftest import Library
from tests.clients.parsers import PARSERS, PARTYTIME, Episode, is_well_formed, tags_by_partytime
from tests.stack.group import rows

pytestmark = pytest.mark.stack
CHAPTERS = [{"start": 0.0, "end": 4.0, "title": "Begin & <go>"}, {"start": 4.0, "end": 12.0, "title": "End \U0001f600"}]
_MIMES = {"audio/mp4": "audio/x-m4a"}
_ENDINGS = {"audio/mp4": "m4a", "audio/mpeg": "mp3", "video/mp4": "mp4"}


@pytest.fixture(params=PARSERS)
def parser(request: pytest.FixtureRequest) -> str:
    if request.param == "partytime" and not PARTYTIME.is_dir():
        pytest.skip("podcast-partytime is not installed")
    return str(request.param)


def fetched(library: Library, kind: str, tag: str = "walk") -> tuple[str, bytes]:
    """The address of a feed and its text."""
    address = library.group.address + library.feed("--tag", tag, "--kind", kind).path
    with urllib.request.urlopen(address, timeout=60) as answer:
        assert answer.headers["Content-Type"] == "application/rss+xml; charset=utf-8"
        return address, answer.read()


def known(library: Library, kind: str, address: str) -> set[Episode]:
    """What the library has under the tag walk, as episodes of that feed."""
    folder = address.removesuffix("feed.xml")
    question = "SELECT t.video_id, t.added_at FROM library_tagging t JOIN library_tag n ON n.id = t.tag_id"
    tagged = rows(library.group.data, f"{question} WHERE n.name = 'walk'")
    dates = {row["video_id"]: datetime.fromisoformat(row["added_at"]).replace(tzinfo=UTC) for row in tagged}
    found = set()
    for video in library.tagged("walk"):
        of_kind = [file for file in video["files"] if file["kind"] == kind]
        if not of_kind:  # sound alone
            continue
        [file] = of_kind
        title = video["title"].replace("<", "‹").replace(">", "›")
        url = f"{folder}{video['id']}.{_ENDINGS[file['mime']]}"
        date = int(dates[video["id"].replace("-", "")].timestamp())
        mime = _MIMES.get(file["mime"], file["mime"])
        found.add(Episode(title, video["id"], url, file["size"], mime, date, round(file["duration"])))
    return found


@pytest.mark.parametrize("kind", ["audio", "video"])
def test_every_field_is_the_librarys(library: Library, parser: str, kind: str) -> None:
    address, xml = fetched(library, kind)
    read = PARSERS[parser](xml)

    assert read.title == "walk"
    assert len(read.episodes) == len(set(read.episodes))
    assert set(read.episodes) == known(library, kind, address)


def test_an_empty_feed_is_a_feed(library: Library, parser: str) -> None:
    _, xml = fetched(library, "audio", "nothing at all")

    assert is_well_formed(xml)
    read = PARSERS[parser](xml)
    assert (read.title, read.episodes) == ("nothing at all", [])


def test_podcasting_2_is_recognised(library: Library) -> None:
    if not PARTYTIME.is_dir():
        pytest.skip("podcast-partytime is not installed")
    with_chapters(library)
    _, xml = fetched(library, "video")

    assert is_well_formed(xml)
    wanted = {"guid", "medium", "locked", "block", "transcript", "chapters"}
    assert wanted - tags_by_partytime(xml) == set()


def test_chapters_and_captions_are_to_be_had_under_their_addresses(library: Library) -> None:
    video = with_chapters(library)
    address, _ = fetched(library, "audio")
    folder = address.removesuffix("feed.xml")

    with urllib.request.urlopen(f"{folder}{video}-chapters.json", timeout=60) as answer:
        assert answer.headers["Content-Type"] == "application/json+chapters"
        told = json.loads(answer.read())["chapters"]
    assert [(each["startTime"], each["title"]) for each in told] == [(0.0, "Begin & <go>"), (4.0, "End \U0001f600")]
    [captions] = [file for v in library.videos if v["id"] == video for file in v["files"] if file["kind"] == "subtitle"]
    with urllib.request.urlopen(f"{folder}{video}.en.vtt", timeout=60) as answer:
        assert answer.headers["Content-Type"].startswith("text/vtt")
        assert answer.read() == Path(captions["path"]).read_bytes()


def with_chapters(library: Library) -> str:
    """The id of the video that has captions; now it has chapters, too."""
    [video] = [each["id"] for each in library.videos if any(file["kind"] == "subtitle" for file in each["files"])]
    path = library.group.data / "viddlws.sqlite3"
    with closing(sqlite3.connect(path, timeout=30)) as database, database:
        changed = "UPDATE library_video SET chapters = ? WHERE id = ?"
        assert database.execute(changed, (json.dumps(CHAPTERS), video.replace("-", ""))).rowcount == 1
    return str(video)
