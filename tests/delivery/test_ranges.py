"""Bytes of a file, as RFC 9110 has it."""

import os
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from django.http import FileResponse, Http404, HttpResponseBase, StreamingHttpResponse
from django.test import RequestFactory
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from viddlws.delivery.responses import serve

CONTENT = bytes(range(256)) * 4
MODIFIED = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

pytestmark = pytest.mark.django_db  # the end of an answer looks after the connections of its request


@pytest.fixture
def film(tmp_path: Path) -> Path:
    path = tmp_path / "film.mp4"
    path.write_bytes(CONTENT)
    os.utime(path, (MODIFIED.timestamp(), MODIFIED.timestamp()))
    return path


def ask(path: Path, method: str = "GET", *, name: str = "", etag: str = "", **headers: str) -> HttpResponseBase:
    request = getattr(RequestFactory(), method.lower())(
        "/", headers={k.replace("_", "-"): v for k, v in headers.items()}
    )
    return serve(request, path, mime="video/mp4", name=name, etag=etag)


def body(answer: Any) -> bytes:
    content = b"".join(answer) if answer.streaming else answer.content
    answer.close()
    assert isinstance(content, bytes)
    return content


def still_open(path: Path) -> bool:
    """Whether this process has the file open."""
    for handle in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):
            if handle.readlink() == path:
                return True
    return False


def test_the_whole_file(film: Path) -> None:
    answer = ask(film, name="Ärger.mp4")
    assert answer.status_code == 200
    assert body(answer) == CONTENT
    assert dict(answer.items()) == {
        "Content-Type": "video/mp4",
        "Content-Length": "1024",
        "Content-Disposition": "inline; filename=\"Arger.mp4\"; filename*=UTF-8''%C3%84rger.mp4",
        "Accept-Ranges": "bytes",
        "Cache-Control": "private",
        "ETag": answer["ETag"],
        "Last-Modified": "Fri, 02 Jan 2026 03:04:05 GMT",
        "X-Content-Type-Options": "nosniff",
    }


@pytest.mark.parametrize(
    ("header", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=0-", 0, 1023),
        ("bytes=100-199", 100, 199),
        ("bytes=1000-99999", 1000, 1023),
        ("bytes=-1", 1023, 1023),
        ("bytes=-99999", 0, 1023),
        ("Bytes = 5 - 6", 5, 6),
    ],
)
def test_one_range(film: Path, header: str, first: int, last: int) -> None:
    answer = ask(film, Range=header)
    assert answer.status_code == 206
    assert answer["Content-Range"] == f"bytes {first}-{last}/1024"
    assert answer["Content-Length"] == str(last - first + 1)
    assert body(answer) == CONTENT[first : last + 1]


@pytest.mark.parametrize("header", ["bytes=1024-", "bytes=5000-6000", "bytes=-0"])
def test_a_range_behind_the_end(film: Path, header: str) -> None:
    answer = ask(film, Range=header)
    assert answer.status_code == 416
    assert answer["Content-Range"] == "bytes */1024"
    assert body(answer) == b""


ODD = (
    "bytes=0-1,5-6",
    "bytes=5-2",
    "bytes=-",
    "bytes=a-b",
    "lines=1-2",
    "0-1",
    "",
    f"bytes={'9' * 5000}-",
    "bytes=٣-٤",
)


@pytest.mark.parametrize("header", ODD)
def test_what_is_not_one_range_gets_the_whole_file(film: Path, header: str) -> None:
    answer = ask(film, Range=header)
    assert answer.status_code == 200
    assert body(answer) == CONTENT


@pytest.mark.parametrize("header", ["bytes=0-", "bytes=-5"])
def test_an_empty_file_has_no_ranges(film: Path, header: str) -> None:
    film.write_bytes(b"")
    assert ask(film, Range=header).status_code == 416
    assert body(ask(film)) == b""


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    size=st.integers(0, 50),
    first=st.none() | st.integers(0, 60),
    last=st.none() | st.integers(0, 60),
)
def test_ranges_are_what_slices_are(film: Path, size: int, first: int | None, last: int | None) -> None:
    content = CONTENT[:size]
    film.write_bytes(content)
    answer = ask(film, Range=f"bytes={'' if first is None else first}-{'' if last is None else last}")
    if first is None:
        expected = content if last is None else content[max(0, size - last) :]
    else:
        expected = content[first:] if last is None else content[first : last + 1]
    if first is last is None or (first is not None and last is not None and last < first):
        assert (answer.status_code, body(answer)) == (200, content)
        return
    if expected:
        assert (answer.status_code, body(answer)) == (206, expected)
    else:
        assert (answer.status_code, body(answer)) == (416, b"")


def test_head_has_the_headers_alone(film: Path) -> None:
    answer = ask(film, "HEAD", Range="bytes=0-1")
    assert (answer.status_code, answer["Content-Length"], body(answer)) == (200, "1024", b"")
    assert not still_open(film)


def test_if_range(film: Path) -> None:
    tag = ask(film)["ETag"]
    for same in (tag, "Fri, 02 Jan 2026 03:04:05 GMT"):
        assert ask(film, Range="bytes=0-1", If_Range=same).status_code == 206
    for other in ('"other"', f"W/{tag}", "Fri, 02 Jan 2026 03:04:04 GMT", "Fri, 02 Jan 2026 03:04:06 GMT", "rubbish"):
        answer = ask(film, Range="bytes=0-1", If_Range=other)
        assert (answer.status_code, body(answer)) == (200, CONTENT)


def test_another_content_has_another_tag(film: Path) -> None:
    tag = ask(film)["ETag"]
    assert tag.startswith('"')
    os.utime(film, ns=(0, film.stat().st_mtime_ns + 1))
    assert ask(film)["ETag"] != tag
    assert ask(film, etag="given")["ETag"] == '"given"'


def date(seconds: int) -> str:
    return format_datetime(MODIFIED + timedelta(seconds=seconds), usegmt=True)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"If_None_Match": '"given"'}, 304),
        ({"If_None_Match": 'W/"given"'}, 304),
        ({"If_None_Match": '"a", "given"'}, 304),
        ({"If_None_Match": "*"}, 304),
        ({"If_None_Match": '"a"'}, 200),
        ({"If_None_Match": '"a"', "If_Modified_Since": date(0)}, 200),
        ({"If_Modified_Since": date(0)}, 304),
        ({"If_Modified_Since": date(1)}, 304),
        ({"If_Modified_Since": date(-1)}, 200),
        ({"If_Modified_Since": "rubbish"}, 200),
        ({"If_None_Match": '"given"', "Range": "bytes=0-1"}, 304),
        ({"If_Match": '"given"'}, 200),
        ({"If_Match": "*"}, 200),
        ({"If_Match": 'W/"given"'}, 412),
        ({"If_Match": '"a"', "Range": "bytes=0-1"}, 412),
        ({"If_Unmodified_Since": date(-1)}, 412),
        ({"If_Unmodified_Since": date(0), "Range": "bytes=0-1"}, 206),
    ],
)
def test_conditions(film: Path, headers: dict[str, str], status: int) -> None:
    answer = ask(film, etag="given", **headers)
    assert answer.status_code == status
    assert answer["ETag"] == '"given"'
    if status in {304, 412}:
        assert body(answer) == b""
        assert "Content-Type" not in answer
    answer.close()
    assert not still_open(film)


def test_a_player_that_leaves_half_way_leaves_no_file_open(film: Path) -> None:
    answer = ask(film)
    assert isinstance(answer, StreamingHttpResponse)
    assert not isinstance(answer, FileResponse)
    assert next(iter(answer))
    assert still_open(film)
    answer.close()
    assert not still_open(film)


@pytest.mark.parametrize("what", ["nothing", "a folder", "a pipe"])
def test_a_missing_file_is_not_found_and_logged(tmp_path: Path, what: str, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "gone.mp4"
    if what == "a folder":
        path.mkdir()
    if what == "a pipe":
        os.mkfifo(path)
    with pytest.raises(Http404):
        ask(path)
    assert "media.missing" in caplog.text
    assert not still_open(path)


def test_subtitles_are_text(tmp_path: Path) -> None:
    path = tmp_path / "a.vtt"
    path.write_text("WEBVTT\n")
    answer = serve(RequestFactory().get("/"), path, mime="text/vtt")
    assert answer["Content-Type"] == "text/vtt; charset=utf-8"
    answer.close()


def test_nothing_but_reading(film: Path) -> None:
    answer = ask(film, "POST")
    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD")
