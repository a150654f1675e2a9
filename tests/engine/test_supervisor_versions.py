"""The engine runs on the yt-dlp it is given, and says what it cannot do with it."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yt_dlp

from tests.engine.running import finished
from tests.site import Site
from viddlws.engine.messages import Job
from viddlws.engine.supervisor import Engine, EngineError, EngineSettings


def unpacked(folder: Path, version: str, **changes: tuple[str, str]) -> Path:
    """A copy of the installed yt-dlp that calls itself `version`, with one text in a module replaced by another."""
    package = folder / "yt_dlp"
    shutil.copytree(Path(yt_dlp.__file__).parent, package, copy_function=os.link)
    _replace(package / "version.py", f"'{yt_dlp.version.__version__}'", f"'{version}'")
    for module, (old, new) in changes.items():
        _replace(package / f"{module.replace('__', '/')}.py", old, new)
    return folder


def _replace(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.unlink()  # it is a link to the installed one
    file.write_text(text.replace(old, new))


@contextmanager
def engine_on(version_folder: Path, tmp_path: Path) -> Iterator[Engine]:
    networks = ("127.0.0.0/8",)
    engine = Engine(EngineSettings(tmp_path / "home", tmp_path / "jobs", networks, version_folder=version_folder))
    try:
        yield engine
    finally:
        engine.close()


def test_another_version_is_used_when_its_folder_is_given(fresh_site: Site, tmp_path: Path) -> None:
    folder = unpacked(tmp_path / "version", "2027.01.02")
    with engine_on(folder, tmp_path) as engine:
        assert engine.version == "2027.01.02"
        assert finished(engine, Job("1", fresh_site.url("/clip.mp4"), str(tmp_path / "jobs" / "1"))).files


def test_a_version_with_known_weaknesses_is_refused(tmp_path: Path) -> None:
    folder = unpacked(tmp_path / "version", "2026.06.09")
    with engine_on(folder, tmp_path) as engine, pytest.raises(EngineError, match="too old"):
        engine.start()


def test_the_installed_version_takes_all_our_repairs(engine: Engine) -> None:
    assert engine.unpatched == ()
    assert engine.version == yt_dlp.version.__version__


def test_a_version_built_differently_runs_without_our_repairs_and_says_so(fresh_site: Site, tmp_path: Path) -> None:
    renamed = ("_prepare_frag_download", "_prepare_fragments")
    folder = unpacked(tmp_path / "version", "2027.01.02", downloader__fragment=renamed)
    with engine_on(folder, tmp_path) as engine:
        assert any("_prepare_frag_download" in name for name in engine.unpatched)
        job = Job("1", fresh_site.url("/hls/master.m3u8"), str(tmp_path / "jobs" / "1"))
        assert finished(engine, job).files


def test_an_engine_that_cannot_start_says_where_the_reason_is(tmp_path: Path) -> None:
    broken = tmp_path / "version" / "yt_dlp"
    broken.mkdir(parents=True)
    (broken / "__init__.py").write_text("raise ImportError('half unpacked')")
    with engine_on(broken.parent, tmp_path) as engine, pytest.raises(EngineError, match=r"zygote\.log"):
        engine.start()

    assert "half unpacked" in (tmp_path / "home" / "zygote.log").read_text()
