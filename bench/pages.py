"""(g) The library page and its queries with 100, 10,000 and 100,000 videos."""

import os
import subprocess
import sys
from pathlib import Path

from bench.report import cost, show

SIZES = (100, 10_000, 100_000)
_MEASURE = Path(__file__).with_name("pages_measured.py")


def run(folder: Path) -> None:
    costs = {size: _cost(folder / str(size), size) for size in SIZES}
    few = costs[SIZES[0]]
    figures = [
        cost(f"{page}, {size:,} videos, {queries} queries", milliseconds, few[page][0], "ms", 1.3)
        for size in SIZES[1:]
        for page, (milliseconds, queries) in costs[size].items()
    ]
    show(f"(g) cost of the library page beside one of {SIZES[0]} videos ({few['first page'][1]} queries)", figures)


def _cost(data: Path, size: int) -> dict[str, tuple[float, int]]:
    """Milliseconds of processor and number of queries for each page, measured in a process of its own."""
    environ = {**os.environ, "VIDDLWS_DATA_DIR": str(data), "VIDDLWS_LOG_LEVEL": "ERROR"}
    done = subprocess.run(
        [sys.executable, str(_MEASURE), str(size)], env=environ, capture_output=True, text=True, check=True
    )
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    return {page: (float(milliseconds), int(queries)) for page, milliseconds, queries in rows}
