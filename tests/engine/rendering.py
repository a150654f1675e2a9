"""What the tests of renderings do."""

import uuid
from pathlib import Path
from typing import Any, TypeGuard

from viddlws.engine.messages import Event, Failed, Finished, Format, Limits, Progress, Render, Step
from viddlws.engine.supervisor import Engine, EngineSettings

LIMITS = Limits(stall=60, total=120)


def order(settings: EngineSettings, source: Path, wanted: Format, **given: Any) -> Render:
    name = uuid.uuid4().hex
    return Render(name, str(source), str(settings.jobs / name), wanted, **{"limits": LIMITS, **given})


def made(engine: Engine, job: Render) -> Path:
    """The file that the engine made."""
    *_, last = engine.render(job)
    assert isinstance(last, Finished), last
    (file,) = last.files
    path = Path(job.folder, file.path)
    assert path.stat().st_size == file.size
    return path


def refused(engine: Engine, job: Render) -> Failed:
    *_, last = engine.render(job)
    assert isinstance(last, Failed), last
    return last


def is_converting(event: Event) -> TypeGuard[Progress]:
    return isinstance(event, Progress) and event.step is Step.CONVERTING
