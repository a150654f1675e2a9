"""What the job folder remembers about half-fetched files, in one small file that is replaced, never changed."""

import json
import threading
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

NAME = "resume.json"
LONGEST = 1 << 20  # bytes; a state file larger than this is none of ours


@dataclass(frozen=True)
class Origin:
    """What a `.part` was begun from: the validators of that answer, and the full length in bytes where told."""

    etag: str = ""
    modified: str = ""
    total: int | None = None

    @property
    def validator(self) -> str:
        """For If-Range: the ETag if it is a strong one, else the date; empty when there is neither."""
        if self.etag and not self.etag.startswith("W/"):
            return self.etag
        return self.modified


@dataclass
class State:
    """`plan`: what was asked for. `formats`: what was chosen of it. `parts`: origins of half-fetched files by the name
    of the `.part`. `done`: sizes of whole files by name."""

    plan: str = ""
    formats: list[Any] = field(default_factory=list)
    parts: dict[str, Origin] = field(default_factory=dict)
    done: dict[str, int] = field(default_factory=dict)


lock = threading.RLock()  # around each load-change-save


def load(folder: Path) -> State:
    """The state of that folder; an empty one when there is none or it is not whole."""
    try:
        text = (folder / NAME).read_bytes()
        return _parsed(json.loads(text)) if len(text) <= LONGEST else State()
    except (OSError, ValueError, TypeError, AttributeError):
        return State()


def save(folder: Path, state: State) -> None:
    """Replace the state, so that a kill leaves the old or the new one. Raises OSError."""
    aside = folder / f"{NAME}.new"
    aside.write_text(json.dumps(asdict(state)), encoding="utf-8")
    aside.replace(folder / NAME)


def _parsed(record: dict[str, Any]) -> State:
    """Raises ValueError, TypeError or AttributeError for anything that `save` cannot have written."""
    plan, formats = record.get("plan"), record.get("formats", [])
    if not isinstance(plan, str) or not isinstance(formats, list):
        raise ValueError("not a state")
    parts = {str(name): _parsed_origin(origin) for name, origin in record.get("parts", {}).items()}
    done = {str(name): int(size) for name, size in record.get("done", {}).items()}
    return State(plan, formats, parts, done)


def _parsed_origin(record: dict[str, Any]) -> Origin:
    etag, modified, total = record.get("etag", ""), record.get("modified", ""), record.get("total")
    if not isinstance(etag, str) or not isinstance(modified, str) or not isinstance(total, int | None):
        raise ValueError("not an origin")
    return Origin(etag, modified, total)
