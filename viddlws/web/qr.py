"""QR codes as outlines for an <svg>: drawn here, so that no address is told to anybody."""

from dataclasses import dataclass
from itertools import groupby

import segno


@dataclass(frozen=True)
class Code:
    """`side` in modules, without the white border; `path` fills the dark ones."""

    side: int
    path: str


def code(text: str) -> Code:
    matrix = segno.make_qr(text, error="m").matrix
    parts = []
    for y, row in enumerate(matrix):
        x = 0
        for dark, run in groupby(row):
            length = len(list(run))
            if dark:
                parts.append(f"M{x} {y}h{length}v1h-{length}z")
            x += length
    return Code(len(matrix), "".join(parts))
