"""Messages survive the way between the processes, and nothing else gets through."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from viddlws.engine import wire
from viddlws.engine.messages import (
    Chapter,
    Entry,
    ErrorClass,
    Event,
    Failed,
    File,
    Finished,
    Found,
    Job,
    MediaInfo,
    Playlist,
    Progress,
    Started,
    Step,
)
from viddlws.engine.wire import LineBuffer, WireError, decode, decode_job, encode, encode_job

text = st.text().map(wire.clean)
number = st.floats(0, 1e12)
maybe = st.one_of(st.none(), number)
infos = st.builds(
    MediaInfo,
    title=text,
    description=text,
    duration=maybe,
    chapters=st.tuples(st.builds(Chapter, number, number, text)),
)
files = st.builds(File, st.just("video"), text, st.integers(0), text, duration=maybe, width=st.none() | st.integers(1))
events = st.one_of(
    st.builds(Started, st.integers(1), text),
    st.builds(Found, infos, st.none() | st.integers(0)),
    st.builds(Progress, number, st.sampled_from(Step), maybe, maybe, st.integers(0)),
    st.builds(
        Playlist, text, st.tuples(st.builds(Entry, text, text, maybe)), st.none() | st.integers(0), st.booleans()
    ),
    st.builds(Finished, infos, st.tuples(files)),
    st.builds(Failed, st.sampled_from(ErrorClass), text, text, text, st.booleans(), maybe),
)


@given(events)
def test_every_event_arrives_as_it_was(event: Event) -> None:
    line = encode(event)

    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")
    assert decode(line) == event


@given(st.builds(Job, text, text, text, subtitles=st.tuples(text)))
def test_a_job_arrives_as_it_was_with_what_travels_beside_it(job: Job) -> None:
    assert decode_job(encode_job(job, proxy="http://127.0.0.1:1")) == (job, {"proxy": "http://127.0.0.1:1"})


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"[]",
        b"{}",
        b"not json",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"type":"Job"}',
        b'{"type":["Started"]}',
        b'{"type":"Started","pid":1}',
        b'{"type":"Started","pid":"1","engine_version":""}',
        b'{"type":"Started","pid":true,"engine_version":""}',
        b'{"type":"Started","pid":1,"engine_version":"","more":1}',
        b'{"type":"Progress","percent":1,"step":"flying"}',
        b'{"type":"Progress","percent":null,"step":"fetching"}',
        b'{"type":"Found","info":{"title":7}}',
        b'{"type":"Found","info":[]}',
        b'{"type":"Playlist","title":"","entries":{},"total":1,"taken":true}',
        b'{"type":"Playlist","title":"","entries":["x"],"total":1,"taken":true}',
    ],
)
def test_what_is_no_message_is_refused(line: bytes) -> None:
    with pytest.raises(WireError):
        decode(line)


def test_what_no_database_takes_is_taken_out_of_texts() -> None:
    line = json.dumps({"type": "Started", "pid": 1, "engine_version": "a\0b\ud800c"}).encode()

    assert decode(line) == Started(1, "ab?c")


@given(
    st.lists(st.binary(min_size=1, max_size=30).map(lambda b: b.replace(b"\n", b" ")), max_size=5), st.integers(1, 9)
)
def test_lines_are_put_together_from_any_pieces(lines: list[bytes], size: int) -> None:
    whole = b"".join(line + b"\n" for line in lines)
    buffer = LineBuffer()

    found = [line for start in range(0, len(whole), size) for line in buffer.feed(whole[start : start + size])]

    assert found == lines


def test_a_line_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "LONGEST_LINE", 100)
    buffer = LineBuffer()

    with pytest.raises(WireError):
        list(buffer.feed(b"x" * 101))
