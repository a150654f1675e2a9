"""Folders that nobody needs go; what anybody needs, and what is not ours, stays."""

from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.utils import timezone

from tests.downloads.acts import asked
from viddlws.accounts.models import User
from viddlws.downloads import folders, moves, worker
from viddlws.downloads.models import Download, State
from viddlws.library import storage

LINK = "https://videos.example.org/walk"


def folder_of(download_id: object) -> Path:
    folder = storage.job_folder(download_id)  # type: ignore[arg-type]
    folder.mkdir(parents=True)
    (folder / "media.mp4.part").write_bytes(b"x" * 100)
    return folder


def test_a_folder_without_a_row_goes(alice: User, media: Path) -> None:
    folder = folder_of(uuid4())
    assert worker.tidy() == 1
    assert not folder.exists()


@pytest.mark.parametrize("state", [State.QUEUED, State.RUNNING])
def test_a_folder_with_work_to_do_stays(alice: User, media: Path, state: State) -> None:
    download = asked(alice, LINK)
    if state == State.RUNNING:
        assert moves.claim(download.pk)
    folder = folder_of(download.pk)

    assert worker.tidy() == 0
    assert (folder / "media.mp4.part").exists()


def test_the_folder_of_a_failed_one_waits_a_day_for_its_owner(alice: User, media: Path) -> None:
    download = asked(alice, LINK)
    Download.objects.update(state=State.FAILED, ended_at=timezone.now())
    folder = folder_of(download.pk)
    assert worker.tidy() == 0

    Download.objects.update(ended_at=timezone.now() - timedelta(days=2))
    assert worker.tidy() == 1
    assert not folder.exists()


def test_what_somebody_works_in_stays(alice: User, media: Path) -> None:
    download_id = uuid4()
    with folders.held(download_id) as folder:
        assert worker.tidy() == 0
        assert folder.exists()
        assert folders.drop(download_id) is False
        with pytest.raises(folders.InUse), folders.held(download_id):
            pass
    assert worker.tidy() == 1


def test_what_is_not_ours_is_left_alone(alice: User, media: Path) -> None:
    outside = media.parent / "outside"
    outside.mkdir()
    (outside / "precious").write_text("x")
    place = media / ".jobs"
    place.mkdir()
    (place / "notes").mkdir()
    (place / str(uuid4())).symlink_to(outside)
    (place / str(uuid4())).write_text("a file")

    assert worker.tidy() == 0

    assert (outside / "precious").exists()
    assert len(list(place.iterdir())) == 3


def test_the_log_is_cut_to_its_end_and_has_no_nul(media: Path) -> None:
    (media / folders.LOG).write_bytes(b"begin" + b"\0\xff" * 100_000 + b"end")

    tail = folders.log_tail(media)

    assert tail.endswith("end")
    assert "\0" not in tail
    assert len(tail) <= folders.LOG_TAIL
    assert folders.log_tail(media / "nowhere") == ""
