"""Subtitles of every format a site may have become WebVTT, and nothing in their text can do harm."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from tests.engine.finishing import FFMPEG, NO_FFMPEG
from viddlws.engine.finalise import Sidecar
from viddlws.engine.media.captions import captions
from viddlws.engine.media.cues import cues_in, webvtt

TTML = """<?xml version="1.0" encoding="utf-8"?>
<tt xmlns="http://www.w3.org/ns/ttml" xmlns:ttp="http://www.w3.org/ns/ttml#parameter" ttp:tickRate="1000">
<head><styling/></head><body><div>
<p begin="00:00:01.500" end="00:00:02.250">Hello <span>wide</span><br/>world</p>
<p begin="3s" dur="500ms">A &amp; B</p><p begin="5000t" end="6000t">ticks</p>
</div></body></tt>"""
JSON3 = json.dumps(
    {
        "wireMagic": "pb3",
        "events": [
            {"tStartMs": 1500, "dDurationMs": 750, "segs": [{"utf8": "Hello "}, {"utf8": "world"}]},
            {"tStartMs": 3000, "segs": [{"utf8": "\n"}]},
            {"tStartMs": 4000, "dDurationMs": 500, "segs": "rubbish"},
        ],
    }
)
SRT = (
    "\ufeff1\r\n00:00:01,500 --> 00:00:02,250\r\nHello <font color=red>world</font>\r\n\r\n"
    "2\r\n00:00:03,000 --> 00:00:04,000\r\n<i>A & B</i>\r\n"
)
ASS = """[Script Info]
ScriptType: v4.00+
[V4+ Styles]
Format: Name, Fontname, Fontsize
Style: Default,Arial,20
[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Dialogue: 0,0:00:01.50,0:00:02.25,Default,,0,0,0,,Hello {\\pos(1,2)}world
"""
SAMI = "<SAMI><BODY><SYNC Start=1500><P Class=ENCC>Hello world<SYNC Start=2250><P Class=ENCC>&nbsp;</BODY></SAMI>"


def made(folder: Path, text: str | bytes, name: str = "sub.en.vtt", ffmpeg: str = NO_FFMPEG) -> str:
    source = folder / name
    source.write_bytes(text.encode() if isinstance(text, str) else text)
    found = captions(folder, [Sidecar(source, "en", "English", automatic=False)], 3600, ffmpeg)
    return found[0].path.read_text() if found else ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            SRT,
            "WEBVTT\n\n00:00:01.500 --> 00:00:02.250\nHello world\n\n00:00:03.000 --> 00:00:04.000\n<i>A &amp; B</i>\n",
        ),
        (TTML, "00:00:01.500 --> 00:00:02.250\nHello wide\nworld\n\n00:00:03.000 --> 00:00:03.500\nA &amp; B\n"),
        (TTML, "00:00:05.000 --> 00:00:06.000\nticks\n"),
        (JSON3, "WEBVTT\n\n00:00:01.500 --> 00:00:02.250\nHello world\n"),
        ('<timedtext><body><p t="1500" d="750">Hello<s> world</s></p></body></timedtext>', "2.250\nHello world\n"),
        ('<transcript><text start="1.5" dur="0.75">A &amp;#39;b</text></transcript>', "1.500 --> 00:00:02.250\nA 'b\n"),
    ],
    ids=["srt", "ttml", "ttml ticks", "json3", "srv3", "srv1"],
)
def test_known_formats_are_converted_without_ffmpeg(tmp_path: Path, text: str, expected: str) -> None:
    assert expected in made(tmp_path, text)


@pytest.mark.parametrize(("text", "name"), [(ASS, "sub.en.ass"), (SAMI, "sub.en.smi")])
def test_other_formats_are_read_by_ffmpeg(tmp_path: Path, text: str, name: str) -> None:
    assert "00:00:01.500 --> 00:00:02.250\nHello world\n" in made(tmp_path, text, name, FFMPEG)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([name, "subtitle.en.vtt"])


def test_webvtt_loses_styles_notes_regions_classes_and_time_stamps_but_keeps_its_places(tmp_path: Path) -> None:
    text = (
        "WEBVTT - title\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:0\n\n"
        "STYLE\n::cue { background: url(https://x/) }\n\n"
        "NOTE a\nb\n\nREGION\nid:fred\n\n7\n01:00.000 --> 01:01.000 align:start position:10% onload:x\n"
        "<c.yellow>One</c> <00:00:01.000><b>two</b> <v Bob>three\n"
    )
    assert made(tmp_path, text) == (
        "WEBVTT\n\n00:01:00.000 --> 00:01:01.000 align:start position:10%\nOne <b>two</b> three\n"
    )


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("1\n00:00:01,000 --> 00:00:02,000\nGrüße\n".encode("cp1252"), "Grüße"),
        ("1\n00:00:01,000 --> 00:00:02,000\nŽluťoučký 🎬\n".encode("utf-16"), "Žluťoučký 🎬"),
    ],
)
def test_any_encoding_becomes_utf_8(tmp_path: Path, data: bytes, words: str) -> None:
    assert words in made(tmp_path, data, "sub.en.srt")


@pytest.mark.parametrize(
    "text",
    [
        "WEBVTT\n",
        "{}",
        "[1, 2]",
        '{"events": [{"segs": [{"utf8": "x"}]}]}',
        "[" * 100_000,
        '{"events":' + "[" * 100_000,
        "<html><body>404</body></html>",
        '<!DOCTYPE t [<!ENTITY a "aaaaaaaa">]><tt><p begin="0s" end="1s">&a;</p></tt>',
        "1\n00:00:02,000 --> 00:00:01,000\nbackwards\n",
        "\x00\x01\x02",
    ],
)
def test_what_holds_no_subtitle_is_left_out(tmp_path: Path, text: str) -> None:
    assert made(tmp_path, text, ffmpeg=FFMPEG) == ""


def test_cues_after_the_end_are_left_out_and_the_last_is_cut(tmp_path: Path) -> None:
    source = tmp_path / "sub.srt"
    source.write_text("1\n00:00:08,000 --> 90:00:00,000\nlast\n\n2\n80:00:00,000 --> 90:00:00,000\ntoo late\n")
    (one,) = captions(tmp_path, [Sidecar(source, "en", "", automatic=False)], 12.5, NO_FFMPEG)
    assert one.path.read_text() == "WEBVTT\n\n00:00:08.000 --> 00:00:12.500\nlast\n"


def test_a_missing_file_is_left_out(tmp_path: Path) -> None:
    assert captions(tmp_path, [Sidecar(tmp_path / "none.vtt", "en", "", automatic=False)], 3600, NO_FFMPEG) == ()


def test_those_by_people_come_first_and_automatic_ones_only_for_other_languages(tmp_path: Path) -> None:
    source = tmp_path / "sub.vtt"
    source.write_text("WEBVTT\n\n00:00.000 --> 00:01.000\nhello\n")
    given = [
        Sidecar(source, "en", "English", automatic=True),
        Sidecar(source, "de", "German", automatic=True),
        Sidecar(source, "en", "English", automatic=False),
    ]
    found = captions(tmp_path, given, 3600, NO_FFMPEG)
    assert [(one.language, one.label) for one in found] == [("en", "English"), ("de", "German (automatic)")]


def test_a_language_cannot_lead_out_of_the_folder(tmp_path: Path) -> None:
    source = tmp_path / "sub.vtt"
    source.write_text("WEBVTT\n\n00:00.000 --> 00:01.000\nhello\n")
    for language, name in (
        ("../../x", "subtitle.x.vtt"),
        ("", "subtitle.und.vtt"),
        ("zh-Hant", "subtitle.zh-Hant.vtt"),
    ):
        (one,) = captions(tmp_path, [Sidecar(source, language, "", automatic=False)], 3600, NO_FFMPEG)
        assert one.path == tmp_path / name


LINE = re.compile(r"^\d\d:\d\d:\d\d\.\d\d\d --> \d\d:\d\d:\d\d\.\d\d\d( \S+)*$")


@settings(max_examples=300, deadline=None)
@given(
    words=some.text(alphabet=some.sampled_from("<>&;/\\bi u-→>\n\r\x0b\x85\u2028 -->0:1.,NOTE\x00\ud800é"), max_size=60)
)
def test_no_text_can_break_out_of_its_cue(words: str) -> None:
    hostile = f"WEBVTT\n\n00:01.000 --> 00:02.000\n{words}\n\n00:03.000 --> 00:04.000\nlast\n"
    written = webvtt(cues_in(hostile) or [])
    assert cues_in(written) == cues_in(webvtt(cues_in(written) or []))
    for block in written.split("\n\n")[1:]:
        first, *rest = block.strip("\n").split("\n")
        assert LINE.match(first)
        for line in rest:
            assert line
            assert "-->" not in line
            assert not re.sub(r"</?[biu]>", "", line).count("<")
    assert written.encode()
