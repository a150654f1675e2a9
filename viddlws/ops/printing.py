"""Downloads on a terminal: as JSON for programs, a line each for people."""

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import click

from viddlws.downloads.describe import describe
from viddlws.downloads.models import Download
from viddlws.downloads.waiting import size

_BATCH = 500  # described at once, so that a long list needs little memory


def as_json(downloads: Iterable[Download]) -> None:
    """Print one array, an object a line."""
    click.echo("[", nl=False)
    for number, item in enumerate(_described(downloads)):
        click.echo(("," if number else "") + "\n" + json.dumps(item), nl=False)
    click.echo("\n]")


def as_lines(downloads: Iterable[Download]) -> None:
    for item in _described(downloads):
        click.echo(_line(item))


def one_line(text: str) -> str:
    """Text from strangers, made harmless for a terminal."""
    return "".join(character if character.isprintable() else " " for character in text)


def _described(downloads: Iterable[Download]) -> Iterator[dict[str, Any]]:
    ahead = iter(downloads)
    while batch := list(islice(ahead, _BATCH)):
        yield from describe(batch)


def _line(item: dict[str, Any]) -> str:
    tags = "".join(f" #{tag}" for tag in item["tags"])
    line = f"{item['id'][:8]}  {item['state']:9}  {_amount(item):>8}  {one_line((item['title'] or item['url']) + tags)}"
    if item["state"] in {"failed", "queued"} and item["error"]:
        line += f"\n{'':31}{one_line(item['error']['message'])}"
    return line


def _amount(item: dict[str, Any]) -> str:
    if item["progress"]:
        return f"{item['progress']['percent']:.0f} %"
    return size(sum(file["size"] for file in item["files"])) if item["files"] else ""
