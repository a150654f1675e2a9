"""The outline of an MP4 or QuickTime file, read from its boxes without touching the media in it."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

_FIRST = {b"ftyp", b"styp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"}
_MOST_BOXES = 1_000_000  # far above a day of one-second fragments; bounds the work a hostile file can cause
_MOST_INSIDE = 10_000


@dataclass(frozen=True)
class Layout:
    brand: str  # the major brand, such as "isom" or "qt"; empty when there is none
    index_first: bool  # players can begin before the whole file is there ("faststart")
    fragmented: bool
    cut: bool  # a box says it goes on after the file's end, or there is media and no index
    turned: bool  # the picture is to be shown turned by 90 or 270 degrees


@dataclass(frozen=True)
class _Box:
    kind: bytes
    body: int  # offset of its contents
    end: int  # as the box claims; may lie after the file's end


def layout(path: Path) -> Layout | None:
    """None when the file does not begin like an MP4."""
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        boxes = _boxes(file, 0, size, _MOST_BOXES)
        if not boxes or boxes[0].kind not in _FIRST:
            return None
        order = [box.kind for box in boxes]
        index = order.index(b"moov") if b"moov" in order else None
        media = order.index(b"mdat") if b"mdat" in order else len(order)
        fragmented = b"moof" in order
        overlong = any(box.end > size and box.kind in {b"mdat", b"moov", b"moof"} for box in boxes)
        return Layout(
            brand=_brand(file, boxes[0]),
            index_first=index is not None and index < media,
            fragmented=fragmented,
            cut=overlong or (index is None and not fragmented),
            turned=index is not None and _turned(file, boxes[index], size),
        )


def _boxes(file: BinaryIO, start: int, end: int, most: int) -> list[_Box]:
    found: list[_Box] = []
    while start + 8 <= end and len(found) < most:
        file.seek(start)
        head = file.read(16)
        size, kind, body = int.from_bytes(head[:4], "big"), head[4:8], start + 8
        if size == 1 and len(head) == 16:
            size, body = int.from_bytes(head[8:], "big"), start + 16
        elif size == 0:
            size = end - start
        if size < body - start or kind == b"\0\0\0\0":
            break
        found.append(_Box(kind, body, start + size))
        start += size
    return found


def _brand(file: BinaryIO, first: _Box) -> str:
    if first.kind != b"ftyp":
        return ""
    file.seek(first.body)
    return file.read(4).decode("latin-1").strip()


def _turned(file: BinaryIO, index: _Box, size: int) -> bool:
    """True when the first track that has a picture carries a matrix without a diagonal (ISO 14496-12, 8.3.2)."""
    for track in _inside(file, index, b"trak", size):
        for header in _inside(file, track, b"tkhd", size):
            file.seek(header.body)
            long_times = file.read(1) == b"\x01"
            file.seek(header.body + (52 if long_times else 40))
            matrix = file.read(44)
            if len(matrix) == 44 and any(matrix[36:]):
                a, b, c, d = (matrix[at : at + 4] for at in (0, 4, 12, 16))
                return not any(a + d) and any(b) and any(c)
    return False


def _inside(file: BinaryIO, box: _Box, kind: bytes, size: int) -> list[_Box]:
    return [inner for inner in _boxes(file, box.body, min(box.end, size), _MOST_INSIDE) if inner.kind == kind]
