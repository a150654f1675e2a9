"""An engine for the whole run of a test process, put to work for the test that asks for `works`."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import tests.site
from viddlws.downloads import worker
from viddlws.engine.supervisor import Engine, EngineSettings
from viddlws.library import engine_room

PLUGINS = Path(tests.site.__file__).parent / "plugins"


@pytest.fixture(scope="session")
def shared_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    home = tmp_path_factory.mktemp("engine-home")
    everywhere = tmp_path_factory.getbasetemp()  # each test has a media folder of its own below it
    engine = Engine(EngineSettings(home, everywhere, allowed_networks=("127.0.0.0/8",), plugins=PLUGINS))
    engine.start()
    yield engine
    engine.close()


@pytest.fixture
def works(shared_engine: Engine, media: Path) -> Iterator[Engine]:
    """Downloads can be performed in this test; their files go to `media`."""
    with engine_room.using(shared_engine):
        yield shared_engine
    worker.resume()
