"""Small landscapes, painted from a number: pictures that tell one video from another."""

import io
import random

from PIL import Image, ImageDraw

from tests.site.exchange import Exchange

SIZE = (640, 360)
SKIES = (((255, 208, 150), (95, 120, 190)), ((250, 170, 160), (70, 80, 140)), ((200, 230, 245), (80, 150, 205)))


def painted(exchange: Exchange) -> None:
    """`/painted/N.jpg`: the same N is the same picture."""
    chance = random.Random(exchange.address)
    number = int("".join(filter(str.isdigit, exchange.address)) or 0)
    picture = _sky(*SKIES[number % len(SKIES)])
    draw = ImageDraw.Draw(picture)
    x, y, radius = chance.randint(80, 560), chance.randint(70, 170), chance.randint(28, 48)
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=(255, 244, 214))
    for layer in range(4):
        shade = 150 - 34 * layer
        colour = (shade // 2 + chance.randint(0, 24), shade - 10 + chance.randint(0, 20), shade + 10)
        draw.polygon(_ridge(chance, 190 + 42 * layer, 60 - 8 * layer), fill=colour)
    content = io.BytesIO()
    picture.save(content, "JPEG", quality=88)
    exchange.send(content.getvalue(), "image/jpeg")


def _sky(low: tuple[int, int, int], high: tuple[int, int, int]) -> Image.Image:
    across = Image.linear_gradient("L").resize(SIZE)
    return Image.composite(Image.new("RGB", SIZE, low), Image.new("RGB", SIZE, high), across)


def _ridge(chance: random.Random, base: int, height: int) -> list[tuple[float, float]]:
    tops = [(x, base + chance.uniform(-height, height) / 2) for x in range(-80, 800, 80)]
    return [(-80.0, 400.0), *tops, (800.0, 400.0)]
