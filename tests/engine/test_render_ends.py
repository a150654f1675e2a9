"""A rendering ends when it is told to, when it dies, when it is late and when the disk fills; it reaches nothing."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.engine.finishing import FFMPEG, site_clip
from tests.engine.rendering import is_converting, made, order, refused
from tests.engine.running import processes_in, started, wait_for_end
from tests.site import Site, media
from viddlws.engine.guard import sandbox
from viddlws.engine.messages import ErrorClass, Failed, Format, Limits
from viddlws.engine.supervisor import Engine, EngineSettings


@pytest.fixture
def long(tmp_path: Path) -> Path:
    """A film that takes some seconds to convert."""
    path = tmp_path / "long.mkv"
    source = str(media.folder() / "clip.webm")
    command = [FFMPEG, "-v", "error", "-stream_loop", "80", "-i", source, "-c", "copy", str(path)]
    subprocess.run(command, check=True, timeout=60)
    return path


def test_closing_ends_every_process_and_the_source_stays(
    engine: Engine, engine_settings: EngineSettings, long: Path
) -> None:
    job, size = order(engine_settings, long, Format.VIDEO), long.stat().st_size
    events = engine.render(job)
    child = started(events)
    next(event for event in events if is_converting(event) and event.percent > 5)
    programs = [process.pid for process in processes_in(job.folder)]
    assert len(programs) >= 2

    events.close()

    wait_for_end(child, *programs)
    assert long.stat().st_size == size


def test_a_killed_one_says_so_and_the_next_succeeds_in_the_same_folder(
    engine: Engine, engine_settings: EngineSettings, long: Path
) -> None:
    job = order(engine_settings, long, Format.AUDIO)
    events = engine.render(job)
    child = started(events)
    os.kill(child, signal.SIGKILL)

    *_, last = events

    assert isinstance(last, Failed)
    assert last.passing
    assert made(engine, job).name == "audio.m4a"
    assert not list(Path(job.folder).glob("*.tmp"))


def test_what_takes_longer_than_allowed_is_given_up(
    engine: Engine, engine_settings: EngineSettings, long: Path
) -> None:
    failed = refused(engine, order(engine_settings, long, Format.VIDEO, limits=Limits(total=1)))

    assert (failed.error, failed.message) == (ErrorClass.STALLED, "The conversion took longer than allowed.")


def test_what_must_stay_free_on_the_disk_stays_free(
    engine: Engine, engine_settings: EngineSettings, long: Path
) -> None:
    failed = refused(engine, order(engine_settings, long, Format.VIDEO, limits=Limits(reserve=1 << 60)))

    assert failed.error is ErrorClass.DISK_FULL


def test_a_list_of_addresses_in_a_films_clothes_reaches_nobody(
    engine: Engine, engine_settings: EngineSettings, fresh_site: Site, tmp_path: Path
) -> None:
    disguised = tmp_path / "film.mp4"
    disguised.write_text(
        f"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n{fresh_site.url('/clip.mp4')}\n#EXT-X-ENDLIST\n"
    )

    failed = refused(engine, order(engine_settings, disguised, Format.AUDIO))

    assert not failed.passing
    assert fresh_site.hits("/clip.mp4") == 0


def test_without_a_port_nothing_can_be_connected_to(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        code = (
            "import sys; from pathlib import Path; from viddlws.engine.guard import sandbox\n"
            "sandbox.enter(Path(sys.argv[1]), None, ())\n"
            "if sandbox._connects(int(sys.argv[2])): print('libc')\n"
            "import socket\n"
            "try: socket.create_connection(('127.0.0.1', int(sys.argv[2]))); print('python')\n"
            "except OSError: pass\n"
        )
        port = str(listener.getsockname()[1])
        ran = subprocess.run(
            [sys.executable, "-c", code, str(tmp_path), port], capture_output=True, text=True, timeout=60, check=False
        )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.split() == ([] if sandbox.level() == sandbox.FULL else ["libc"])


def test_only_files_that_are_there_and_folders_of_ours_are_taken(
    engine: Engine, engine_settings: EngineSettings, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match="not there"):
        next(engine.render(order(engine_settings, tmp_path / "nothing.mp4", Format.AUDIO)))
    elsewhere = order(engine_settings, site_clip("clip.mp4"), Format.AUDIO)
    object.__setattr__(elsewhere, "folder", str(tmp_path))
    with pytest.raises(ValueError, match="folder for jobs"):
        next(engine.render(elsewhere))
