"""The cover of a feed: its name on a ground of its own colour. Drawn here, the same every time."""

import colorsys
import hashlib
from functools import cache

from PIL import Image, ImageDraw, ImageFont

from viddlws.feeds.models import Feed, Kind
from viddlws.feeds.text import one_line

_VERSION = 1  # count on when the drawing changes: apps keep a picture as long as its address stays
_MARGIN = 0.1  # of the side
_SIZES = (0.17, 0.13, 0.1, 0.08, 0.06)  # of the name's letters, the largest that fits
_MOST_LINES = 5
_WHITE = (255, 255, 255)


def mark(feed: Feed) -> str:
    """Eight hexadecimal digits that change when the cover does."""
    text = f"{_VERSION} {feed.guid} {feed.kind} {feed.title}"
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:8]


def draw(feed: Feed, side: int) -> Image.Image:
    """The cover as a square picture. A name in letters that our font lacks is left out."""
    hue = feed.guid.int % 360 / 360
    picture = _ground(hue, side)
    pen = ImageDraw.Draw(picture)
    _sign(pen, side, feed.kind)
    name = one_line(feed.title)
    if name and all(map(_drawable, set(name))):
        text, font = _fitted(name, side)
        pen.multiline_text((side * _MARGIN, side * (1 - _MARGIN)), text, _WHITE, font, "ld", spacing=side * 0.02)
    return picture


def _ground(hue: float, side: int) -> Image.Image:
    """From light above to dark below."""
    column = Image.new("RGB", (1, 32))
    for row in range(32):
        red, green, blue = colorsys.hls_to_rgb(hue, 0.42 - 0.28 * row / 31, 0.5)
        column.putpixel((0, row), (round(red * 255), round(green * 255), round(blue * 255)))
    return column.resize((side, side), Image.Resampling.BICUBIC)


def _sign(pen: ImageDraw.ImageDraw, side: int, kind: str) -> None:
    """A triangle for video, bars of sound for audio."""
    left, top, size = side * _MARGIN, side * _MARGIN, side * 0.22
    if kind == Kind.VIDEO:
        pen.polygon(((left, top), (left + size * 0.9, top + size / 2), (left, top + size)), _WHITE)
        return
    for number, height in enumerate((0.4, 0.8, 1.0, 0.6, 0.3)):
        x = left + number * size * 0.24
        pen.rectangle((x, top + size * (1 - height) / 2, x + size * 0.12, top + size * (1 + height) / 2), _WHITE)


def _fitted(name: str, side: int) -> tuple[str, ImageFont.FreeTypeFont]:
    room = side * (1 - 2 * _MARGIN)
    for part in _SIZES:
        font = _font(round(side * part))
        lines = _lines(name, font, room)
        if len(lines) <= _MOST_LINES and all(font.getlength(line) <= room for line in lines):
            return "\n".join(lines), font
    whole = [line for line in lines if font.getlength(line) <= room]
    return "\n".join(whole[:_MOST_LINES]), font


def _lines(name: str, font: ImageFont.FreeTypeFont, room: float) -> list[str]:
    lines: list[str] = []
    for word in name.split():
        if lines and font.getlength(f"{lines[-1]} {word}") <= room:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(size)
    assert isinstance(font, ImageFont.FreeTypeFont)
    return font


@cache
def _missing() -> bytes:
    return bytes(_font(40).getmask("\U0010fffd"))


def _drawable(character: str) -> bool:
    return character == " " or bytes(_font(40).getmask(character)) != _missing()
