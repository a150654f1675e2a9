"""Messages as lines of JSON, and back.

The reader trusts nothing: a line is checked against the dataclass it claims to be, so that whatever happens
inside a job's process, only well-formed messages leave it. A message is one JSON object whose `"type"` names
the class; every other key is a field.
"""

import functools
import json
import types
from collections.abc import Iterator
from dataclasses import MISSING, asdict, fields, is_dataclass
from enum import StrEnum
from typing import Any, Union, get_args, get_origin, get_type_hints

from viddlws.engine.messages import Event, Failed, Finished, Found, Job, Playlist, Progress, Render, Started

LONGEST_LINE = 8 << 20  # bytes; 500 playlist entries with long titles stay far below

EVENTS: dict[str, type] = {kind.__name__: kind for kind in (Started, Found, Progress, Playlist, Finished, Failed)}


class WireError(ValueError):
    """A line that is no message."""


def clean(text: str) -> str:
    """`text` without NUL and lone surrogates, which neither a database nor UTF-8 takes."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def encode(message: Event) -> bytes:
    """One line, with its newline."""
    return _line({"type": type(message).__name__, **asdict(message)})


def decode(line: bytes) -> Event:
    """The event of one line; `WireError` if it is none."""
    record = _parse(line)
    kind = record.pop("type", None)
    if not isinstance(kind, str) or kind not in EVENTS:
        raise WireError(f"no such message: {kind!r}")
    event: Event = _build(EVENTS[kind], record)
    return event


def encode_job(job: Job | Render, **beside: Any) -> bytes:
    """A job and plain values that travel beside it, as one line."""
    return _line({"job" if isinstance(job, Job) else "render": asdict(job), **beside})


def decode_job(line: bytes) -> tuple[Job | Render, dict[str, Any]]:
    """What `encode_job` wrote."""
    record = _parse(line)
    if "render" in record:
        return _build(Render, record.pop("render")), record
    return _build(Job, record.pop("job", None)), record


class LineBuffer:
    """Cuts what arrives in pieces into lines; `WireError` for a line that does not end."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, piece: bytes) -> Iterator[bytes]:
        *lines, self._rest = (self._rest + piece).split(b"\n")
        if len(self._rest) > LONGEST_LINE:
            raise WireError("a line without end")
        yield from lines


def _line(record: dict[str, Any]) -> bytes:
    return json.dumps(record, separators=(",", ":"), allow_nan=False).encode("ascii") + b"\n"


def _parse(line: bytes) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise WireError("not JSON") from error
    if not isinstance(record, dict):
        raise WireError("not an object")
    return record


@functools.cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _build(kind: Any, value: Any) -> Any:
    """`value`, as JSON gave it, as a `kind`."""
    if is_dataclass(kind):
        return _build_dataclass(kind, value)
    if get_origin(kind) in (Union, types.UnionType):
        return _build_union(kind, value)
    if get_origin(kind) is tuple:
        if not isinstance(value, list):
            raise WireError(f"a list expected, not {value!r:.80}")
        return tuple(_build(get_args(kind)[0], item) for item in value)
    return _build_plain(kind, value)


def _build_dataclass(kind: Any, value: Any) -> Any:
    if not isinstance(value, dict):
        raise WireError(f"{kind.__name__} expected, not {value!r:.80}")
    hints = _hints(kind)
    required = {f.name for f in fields(kind) if f.default is MISSING and f.default_factory is MISSING}
    if not value.keys() <= hints.keys() or not required <= value.keys():
        raise WireError(f"{kind.__name__} does not have these fields: {sorted(value)}")
    return kind(**{name: _build(hints[name], item) for name, item in value.items()})


def _build_union(kind: Any, value: Any) -> Any:
    if value is None and type(None) in get_args(kind):
        return None
    return _build(next(arm for arm in get_args(kind) if arm is not type(None)), value)


def _build_plain(kind: Any, value: Any) -> Any:
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        try:
            return kind(value)
        except ValueError as error:
            raise WireError(f"no such {kind.__name__}: {value!r:.80}") from error
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if type(value) is not kind:
        raise WireError(f"{kind.__name__} expected, not {value!r:.80}")
    return clean(value) if isinstance(value, str) else value
