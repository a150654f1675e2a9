"""Subtitle texts to cues and cues to WebVTT. Nothing of the source but times, text and plain emphasis survives."""

import html
import json
import math
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

MOST_CUES = 100_000
_LONGEST_TEXT = 2000
_LONGEST_TIME = 100 * 3600.0

_CLOCK = r"(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2})[.,](\d{1,3})"
_TIMING = re.compile(rf"^\s*{_CLOCK}[ \t]*-->[ \t]*{_CLOCK}(.*)$")
_SETTING = re.compile(r"\b(?:align|line|position|size|vertical):[A-Za-z0-9.,%-]+")
_TAG = re.compile(r"<(/?)([A-Za-z0-9][^<>\s.]*)[^<>]*>")
_EMPHASIS = {"b", "i", "u"}
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_TTML_CLOCK = re.compile(r"^(\d{1,4}):(\d{1,2}):(\d{1,2})(?:[.,](\d+)|:(\d+)(?:\.\d+)?)?$")
_TTML_OFFSET = re.compile(r"^(\d+(?:\.\d+)?)(h|m|s|ms|f|t)?$")
_XML_ROOTS = {"tt", "timedtext", "transcript"}
_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}


@dataclass(frozen=True)
class Cue:
    start: float  # seconds
    end: float
    text: str  # WebVTT cue text: escaped, with no tag but b, i and u
    settings: str = ""


def cues_in(text: str) -> list[Cue] | None:
    """The cues of a WebVTT, SubRip, TTML, YouTube XML or YouTube JSON text; None when it is none of these."""
    start = text.lstrip("\ufeff \t\r\n")[:4096]
    found: Iterable[Cue]
    if start.startswith("{"):
        found = _from_json(text)
    elif start.startswith("<"):
        root = _xml_root(text)
        if root is None:
            return None
        found = _from_xml(root)
    elif start.startswith("WEBVTT") or any(_TIMING.match(line) for line in text.splitlines()[:200]):
        found = _from_blocks(text)
    else:
        return None
    return sorted((cue for cue in found if _shown(cue)), key=lambda cue: cue.start)[:MOST_CUES]


def webvtt(cues: Iterable[Cue]) -> str:
    blocks = [
        f"{_stamp(cue.start)} --> {_stamp(cue.end)}{' ' + cue.settings if cue.settings else ''}\n{cue.text}\n"
        for cue in cues
    ]
    return "WEBVTT\n\n" + "\n".join(blocks)


def _from_blocks(text: str) -> Iterator[Cue]:
    """WebVTT and SubRip differ only in the decimal sign, once headers, numbers, notes and styles are passed over."""
    lines = text.splitlines()
    at = 0
    while at < len(lines):
        timing = _TIMING.match(lines[at])
        at += 1
        if not timing:
            continue
        first = at
        while at < len(lines) and lines[at].strip() and "-->" not in lines[at]:
            at += 1
        start, end = _seconds(*timing.groups()[:4]), _seconds(*timing.groups()[4:8])
        settings = " ".join(_SETTING.findall(timing[9][:200]))
        yield Cue(start, end, _marked_up("\n".join(lines[first:at])), settings)


def _from_json(text: str) -> Iterator[Cue]:
    """YouTube's json3: events with a start and a length in milliseconds and pieces of text."""
    try:
        events = json.loads(text).get("events")
    except (ValueError, AttributeError, RecursionError):
        return
    for event in events if isinstance(events, list) else ():
        pieces = event.get("segs") if isinstance(event, dict) else None
        if not isinstance(pieces, list):
            continue
        words = "".join(str(piece.get("utf8", "")) for piece in pieces if isinstance(piece, dict))
        start, length = _number(event.get("tStartMs")) / 1000, _number(event.get("dDurationMs")) / 1000
        yield Cue(start, start + length, _plain(words))


def _xml_root(text: str) -> ElementTree.Element | None:
    """None when it is of no known kind or declares entities: subtitles need none, and they can be a bomb."""
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        return None
    try:
        root = ElementTree.fromstring(text.lstrip("\ufeff \t\r\n"))  # noqa: S314
    except (ElementTree.ParseError, ValueError):
        return None
    return root if _local(root.tag) in _XML_ROOTS else None


def _from_xml(root: ElementTree.Element) -> Iterator[Cue]:
    """TTML (`p` with begin and end or dur) and YouTube's srv formats (`p` with t and d, `text` with start and dur)."""
    rates = {_local(key): _number(value) for key, value in root.attrib.items()}
    frames, ticks = rates.get("frameRate") or 30.0, rates.get("tickRate") or 1.0
    for element in root.iter():
        if _local(element.tag) not in {"p", "text"}:
            continue
        start, end = _xml_times(element.attrib, frames, ticks)
        yield Cue(start, end, _plain("".join(_xml_text(element))))


def _local(name: object) -> str:
    """A tag's or attribute's name without its namespace; comments have a function for a tag."""
    return str(name).rpartition("}")[2]


def _xml_times(attributes: dict[str, str], frames: float, ticks: float) -> tuple[float, float]:
    if "t" in attributes:
        start, length = _number(attributes["t"]) / 1000, _number(attributes.get("d")) / 1000
        return start, start + length
    start = _ttml_seconds(attributes.get("begin", attributes.get("start", "")), frames, ticks)
    if "end" in attributes:
        return start, _ttml_seconds(attributes["end"], frames, ticks)
    return start, start + _ttml_seconds(attributes.get("dur", ""), frames, ticks)


def _xml_text(element: ElementTree.Element) -> Iterator[str]:
    yield " ".join((element.text or "").split("\n"))
    for child in element:
        if _local(child.tag) == "br":
            yield "\n"
        else:
            yield from _xml_text(child)
        yield " ".join((child.tail or "").split("\n"))


def _ttml_seconds(value: str, frames: float, ticks: float) -> float:
    clock, offset = _TTML_CLOCK.match(value.strip()), _TTML_OFFSET.match(value.strip())
    if clock:
        part = float(f"0.{clock[4]}") if clock[4] else int(clock[5] or 0) / frames
        return int(clock[1]) * 3600 + int(clock[2]) * 60 + int(clock[3]) + part
    if offset:
        unit = offset[2] or "s"
        return float(offset[1]) * (_UNITS.get(unit) or 1 / (frames if unit == "f" else ticks))
    return math.nan


def _marked_up(text: str) -> str:
    """Keep b, i and u where they are balanced; drop every other tag; escape the rest."""
    tags = [(found[1], found[2].lower()) for found in _TAG.finditer(text)]
    kept = {name for name in _EMPHASIS if tags.count(("", name)) == tags.count(("/", name))}
    pieces, last = [], 0
    for found in _TAG.finditer(text):
        pieces.append(_escaped(text[last : found.start()]))
        pieces.append(f"<{found[1]}{found[2].lower()}>" if found[2].lower() in kept else "")
        last = found.end()
    return _lines("".join([*pieces, _escaped(text[last:])]), text)


def _plain(text: str) -> str:
    return _lines(_escaped(text), text)


def _lines(text: str, source: str) -> str:
    """A cue ends at an empty line, so there must be none in it. Overlong texts lose their emphasis with their end."""
    if len(source) > _LONGEST_TEXT:
        text = _escaped(_TAG.sub("", source)[:_LONGEST_TEXT])
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())


def _escaped(text: str) -> str:
    return html.escape(_UNPRINTABLE.sub("", html.unescape(text)), quote=False)


def _shown(cue: Cue) -> bool:
    return bool(cue.text) and 0 <= cue.start < cue.end <= _LONGEST_TIME


def _seconds(hours: str | None, minutes: str, seconds: str, fraction: str) -> float:
    return int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds) + int(fraction.ljust(3, "0")) / 1000


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return math.nan


def _stamp(seconds: float) -> str:
    thousandths = round(seconds * 1000)
    minutes, rest = divmod(thousandths, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest // 1000:02}.{rest % 1000:03}"
