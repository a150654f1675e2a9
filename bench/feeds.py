"""(h) Feeds of 5,000 items: the text against what libraries write, 304 against the full answer, cost by length."""

import os
import subprocess
import sys
from pathlib import Path

from bench.report import Figure, cost, show

ITEMS = 5000
SIZES = (1000, 5000)
_TEXT, _ANSWERS = (Path(__file__).with_name(name) for name in ("feeds_written.py", "feeds_measured.py"))


def run(folder: Path) -> None:
    written = _measured(_TEXT, folder, ITEMS)
    ours = written.pop("ours")
    show(
        f"(h) the text of {ITEMS:,} items: times faster than",
        [_faster(name, ours, theirs) for name, theirs in written.items()],
    )
    answers = {size: _measured(_ANSWERS, folder / str(size), size) for size in SIZES}
    few, many = (answers[size] for size in SIZES)
    show(
        f"    a feed of {SIZES[1]:,} items, asked for as apps do",
        [
            cost("304 beside the first page", many["unchanged"], many["page"], "ms", 0.05),
            cost("304 beside 5 ms", many["unchanged"], 5, "ms", 1),
            cost("first page beside 100 ms", many["page"], 100, "ms", 1),
            cost("first page, gzip, beside 100 ms", many["page, gzip"], 100, "ms", 1),
            cost(f"first page beside one of {SIZES[0]:,} items", many["page"], few["page"], "ms", 1.3),
            cost(f"queries beside {SIZES[0]:,} items", many["queries"], few["queries"], "", 1.5),
            cost(f"peak memory beside {SIZES[0]:,} items", many["memory"], few["memory"], "MB", 1.1),
        ],
    )


def _faster(name: str, ours: float, theirs: float) -> Figure:
    return Figure(name, ours, theirs, "ms", theirs / ours, "at least 1", theirs >= ours)


def _measured(program: Path, data: Path, size: int) -> dict[str, float]:
    """What a program prints, a line a figure, in a process of its own."""
    environ = {**os.environ, "VIDDLWS_DATA_DIR": str(data), "VIDDLWS_LOG_LEVEL": "ERROR"}
    done = subprocess.run(
        [sys.executable, str(program), str(size)], env=environ, capture_output=True, text=True, check=True
    )
    return {name: float(value) for name, value in (line.split("\t") for line in done.stdout.splitlines())}
