"""A worker is killed while it files a finished download: the next one ends as if nothing had been."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from tests.library import material
from tests.library.killing import Killer
from tests.library.material import INFO, content, finished_job, tree
from viddlws.accounts.models import User
from viddlws.library import storage

FILES = material.FILES[:2]
EXPECTED = ["alice/Hills/A walk [w4lk].jpg", "alice/Hills/A walk [w4lk].mp4"]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def other_disk(media: Path) -> Iterator[Path]:
    """A folder on another file system than the media folder."""
    shm = Path("/dev/shm")
    if not shm.is_dir() or shm.stat().st_dev == media.stat().st_dev:
        pytest.skip("there is only one file system here")
    with tempfile.TemporaryDirectory(dir=shm) as folder:
        yield Path(folder)


def new_job(folder: Path, media: Path) -> None:
    for old in (folder, media / "alice"):
        shutil.rmtree(old, ignore_errors=True)
    folder.mkdir(parents=True)
    (media / ".jobs").mkdir(exist_ok=True)
    for file in FILES:
        (folder / file.path).write_bytes(content(file))


def everything(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


@pytest.mark.parametrize("disk", ["same", "other"])
def test_killed_at_any_step_the_next_try_ends_the_same(
    media: Path, alice: User, tmp_path: Path, disk: str, request: pytest.FixtureRequest
) -> None:
    video_id = uuid4()
    folder = storage.job_folder(video_id) if disk == "same" else request.getfixturevalue("other_disk") / "job"
    killer = Killer(tmp_path, media, folder)

    def act() -> list[str]:
        return [each.path for each in storage.place(video_id, alice, INFO, "A walk", folder, FILES)]

    tried = []
    for step in killer.at_every_step(act, lambda: new_job(folder, media)):
        assert sorted(killer.run(act)) == EXPECTED
        assert tree(media) == EXPECTED
        for file in FILES:
            assert (media / f"alice/Hills/A walk [w4lk]{file.path[-4:]}").read_bytes() == content(file)
        assert everything(folder) == ["placed.json"]
        tried.append(step)
    assert len(tried) > 10


@pytest.mark.parametrize("disk", ["same", "other"])
def test_killed_at_any_step_it_can_be_undone(
    media: Path, alice: User, tmp_path: Path, disk: str, request: pytest.FixtureRequest
) -> None:
    video_id = uuid4()
    folder = storage.job_folder(video_id) if disk == "same" else request.getfixturevalue("other_disk") / "job"
    killer = Killer(tmp_path, media, folder)

    def act() -> int:
        return len(storage.place(video_id, alice, INFO, "A walk", folder, FILES))

    for _ in killer.at_every_step(act, lambda: new_job(folder, media)):
        killer.run(lambda: storage.unplace(folder))
        assert tree(media) == []
        assert not (media / "alice").exists() or not (folder / "placed.json").exists()
        assert "placed.json" not in everything(folder)


def test_undoing_killed_at_any_step_is_undone_by_the_next(media: Path, alice: User, tmp_path: Path) -> None:
    video_id = uuid4()
    folder = storage.job_folder(video_id)
    killer = Killer(tmp_path, media)

    def prepare() -> None:
        new_job(folder, media)
        storage.place(video_id, alice, INFO, "A walk", folder, FILES)

    for _ in killer.at_every_step(lambda: storage.unplace(folder), prepare):
        killer.run(lambda: storage.unplace(folder))
        assert tree(media) == []


def test_two_jobs_at_once_never_want_the_same_name(media: Path, alice: User, tmp_path: Path) -> None:
    """The first is killed at every step; a second job of the same link goes on beside it, then the first again."""
    first, second = uuid4(), uuid4()
    folders = {first: storage.job_folder(first), second: storage.job_folder(second)}
    killer = Killer(tmp_path, media)

    def act(video_id: UUID) -> list[str]:
        return [each.path for each in storage.place(video_id, alice, INFO, "A walk", folders[video_id], FILES)]

    def prepare() -> None:
        new_job(folders[first], media)
        shutil.rmtree(folders[second], ignore_errors=True)
        finished_job(second, FILES)

    for _ in killer.at_every_step(lambda: act(first), prepare):
        paths = {*killer.run(lambda: act(second)), *killer.run(lambda: act(first))}
        assert len(paths) == 2 * len(FILES)
        assert tree(media) == sorted(paths)
