"""Every bell that is rung has a task that answers."""

import re
from pathlib import Path

from viddlws.config.celery import app

RING = re.compile(r"""\bring\(\s*["']([\w.]+)["']""")


def rung() -> set[str]:
    package = Path(__file__).parents[2] / "viddlws"
    return {name for path in package.rglob("*.py") for name in RING.findall(path.read_text())}


def test_every_bell_has_an_answerer() -> None:
    app.loader.import_default_modules()

    assert rung()
    assert rung() <= set(app.tasks)


def test_everything_in_the_clocks_table_exists() -> None:
    app.loader.import_default_modules()

    assert {entry["task"] for entry in app.conf.beat_schedule.values()} <= set(app.tasks)
