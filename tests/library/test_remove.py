"""A video is deleted: its rows and its files, both or neither."""

import shutil
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import transaction

from tests.library.killing import Killer
from tests.library.material import FILES, INFO, finished_job, tree, video_of
from viddlws.accounts.models import User
from viddlws.library import services, storage
from viddlws.library.models import Leftover, MediaFile, Tag, Video


@pytest.mark.django_db(transaction=True)
def test_files_and_empty_folders_go_with_the_video(media: Path, alice: User) -> None:
    kept, gone = video_of(alice, "Kept"), video_of(alice, "Gone")
    assert services.remove(alice, [gone.id]) == 1
    assert {file.path for file in kept.files.all()} == set(tree(media))
    assert services.remove(alice, [kept.id]) == 1
    assert not (media / "alice").exists()
    assert media.exists()
    assert not Leftover.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_bob_cannot_delete_what_alice_has(media: Path, alice: User, bob: User) -> None:
    video = video_of(alice)
    assert services.remove(bob, [video.id, uuid4()]) == 0
    assert len(tree(media)) == len(FILES)


@pytest.mark.django_db(transaction=True)
def test_files_stay_when_the_deleting_is_undone(media: Path, alice: User) -> None:
    video = video_of(alice)
    with transaction.atomic():
        services.remove(alice, [video.id])
        transaction.set_rollback(True)
    services.tidy()
    assert len(tree(media)) == len(FILES)
    assert Video.objects.filter(id=video.id).exists()


@pytest.mark.django_db(transaction=True)
def test_killed_at_any_step_neither_row_nor_file_is_left_alone(media: Path, alice: User, tmp_path: Path) -> None:
    video_id = uuid4()
    killer = Killer(tmp_path, media)

    def prepare() -> None:
        services.remove(alice, [video_id])
        shutil.rmtree(storage.job_folder(video_id), ignore_errors=True)
        folder = finished_job(video_id)
        placed = storage.place(video_id, alice, INFO, "A walk", folder, FILES)
        tags = services.tags_named(alice, ["hills"])
        services.add(video_id=video_id, owner=alice, url="u", title="t", info=INFO, placed=placed, tags=tags)

    def named() -> list[str]:
        services.tidy()
        return sorted(MediaFile.objects.values_list("path", flat=True))

    counts = set()
    for _ in killer.at_every_step(lambda: services.remove(alice, [video_id]), prepare):
        rows = killer.run(named)
        assert tree(media) == rows
        counts.add(len(rows))
    assert counts == {0, len(FILES)}  # killed before the commit, and after it


@pytest.mark.django_db(transaction=True)
def test_a_deleted_person_leaves_no_file(media: Path, alice: User, bob: User) -> None:
    video_of(alice, tags=("hills",))
    kept = video_of(bob)
    alice.delete()
    assert services.tidy() == len(FILES)
    assert tree(media) == sorted(file.path for file in kept.files.all())
    assert not Tag.objects.exists()


@pytest.mark.django_db
def test_an_unmounted_media_folder_forgets_nothing(media: Path, alice: User) -> None:
    Leftover.objects.create(path="alice/Hills/lost.mp4")
    assert services.tidy() == 0
    assert Leftover.objects.count() == 1


@pytest.mark.django_db
def test_a_leftover_that_leads_out_deletes_nothing(media: Path, alice: User, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("s")
    (media / "link").symlink_to(tmp_path)
    for path in ("../secret", str(secret), "link/secret", "alice/../../secret", ".."):
        Leftover.objects.create(path=path)
    assert services.tidy() == 0
    assert secret.exists()


@pytest.mark.django_db
def test_a_name_is_not_given_out_before_its_old_file_is_gone(media: Path, alice: User) -> None:
    Leftover.objects.create(path="alice/Hills/A walk [w4lk].mp4")
    video = video_of(alice)
    services.tidy()
    assert tree(media) == sorted(file.path for file in video.files.all())


@pytest.mark.django_db
def test_filing_again_with_other_files_replaces_the_old_ones(media: Path, alice: User) -> None:
    video = video_of(alice)
    shutil.rmtree(storage.job_folder(video.id))
    folder = finished_job(video.id, FILES[:1])
    placed = storage.place(video.id, alice, INFO, "A walk", folder, FILES[:1])
    services.add(video_id=video.id, owner=alice, url="u", title="t", info=INFO, placed=placed, tags=[])
    services.tidy()
    assert tree(media) == [placed[0].path] == [file.path for file in video.files.all()]
