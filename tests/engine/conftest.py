"""An engine for the whole run of a test process, and jobs for it."""

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import tests.site
from viddlws.engine.messages import Job, Limits
from viddlws.engine.supervisor import Engine, EngineSettings

PLUGINS = Path(tests.site.__file__).parent / "plugins"
LIMITS = Limits(reading=30, stall=30, total=60)


@pytest.fixture(scope="session")
def engine_settings(tmp_path_factory: pytest.TempPathFactory) -> EngineSettings:
    folder = tmp_path_factory.mktemp("engine")
    return EngineSettings(folder / "home", folder / "jobs", allowed_networks=("127.0.0.0/8",), plugins=PLUGINS)


@pytest.fixture(scope="session")
def engine(engine_settings: EngineSettings) -> Iterator[Engine]:
    engine = Engine(engine_settings)
    engine.start()
    yield engine
    engine.close()


@pytest.fixture
def new_job(engine_settings: EngineSettings) -> Callable[..., Job]:
    """`new_job(url, **fields)`: a job with a folder of its own."""

    def new(url: str, **given: Any) -> Job:
        name = uuid.uuid4().hex
        return Job(name, url, str(engine_settings.jobs / name), **{"limits": LIMITS, **given})

    return new
