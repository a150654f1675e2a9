"""Text on its way out: in blocks worth sending, compressed for those who take it."""

import re
import zlib
from collections.abc import Iterable, Iterator

_BLOCK = 64 * 1024  # bytes
_LEVEL = 1  # a tenth of the text, at a third of the usual level's time
_GZIP = re.compile(r"(?:^|,)\s*(?:gzip|x-gzip|\*)\s*(?:;\s*q\s*=\s*(?P<weight>[\d.]+)\s*)?(?=,|$)", re.IGNORECASE)


def takes_gzip(header: str) -> bool:
    """Whether an Accept-Encoding wants gzip; a weight of 0 says no."""
    match = _GZIP.search(header)
    return bool(match and (match["weight"] or "1").strip("0.") != "")


def blocks(pieces: Iterable[str]) -> Iterator[bytes]:
    """The same text in UTF-8, in fewer and larger parts."""
    waiting: list[str] = []
    size = 0
    for piece in pieces:
        waiting.append(piece)
        size += len(piece)
        if size >= _BLOCK:
            yield "".join(waiting).encode()
            waiting, size = [], 0
    if waiting:
        yield "".join(waiting).encode()


def gzipped(parts: Iterable[bytes]) -> Iterator[bytes]:
    """Compressed as one gzip member without a date: the same text gives the same bytes."""
    compressor = zlib.compressobj(_LEVEL, zlib.DEFLATED, 31)
    for part in parts:
        if data := compressor.compress(part):
            yield data
    yield compressor.flush()
