"""An engine for the tests that make renditions."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.downloads.conftest import shared_engine
from viddlws.engine.supervisor import Engine
from viddlws.library import engine_room, worker

__all__ = ["shared_engine"]


@pytest.fixture
def works(shared_engine: Engine, media: Path) -> Iterator[Engine]:
    """Renditions can be made in this test; their files go to `media`."""
    with engine_room.using(shared_engine):
        yield shared_engine
    worker.resume()
