"""What a feed lacks is wanted once, made one at a time, tried three times, and never lost."""

import threading

import pytest
from django.db import connection, transaction
from django.db.models import QuerySet
from pytest_django.fixtures import DjangoAssertNumQueries

from tests.library.material import INFO, video_of
from tests.library.rendered import lapse, rendition
from viddlws.accounts.models import User
from viddlws.engine.messages import File
from viddlws.library import renditions, services
from viddlws.library.models import MediaFile, Rendition, Video
from viddlws.library.storage import Placed

WEBM = File("video", "media.webm", 3000, "video/webm", 12, codecs=("vp9", "opus"))
MP4 = File("video", "media.mp4", 3000, "video/mp4", 12, codecs=("h264", "aac"))
SOUND = File("audio", "sound.m4a", 3000, "audio/mp4", 12, codecs=("aac",))

pytestmark = pytest.mark.usefixtures("media")


def of(user: User) -> QuerySet[Video]:
    return Video.objects.visible_to(user)


@pytest.mark.parametrize(
    ("mime", "codecs", "ready"),
    [
        ("video/mp4", "h264,aac", True),
        ("video/mp4", "h264", True),
        ("video/mp4", "h264,mp3", False),
        ("video/mp4", "vp9,opus", False),
        ("video/mp4", "", False),
        ("video/webm", "vp9,opus", False),
        ("audio/mp4", "aac", True),
        ("audio/mp4", "opus", False),
        ("audio/mpeg", "mp3", True),
        ("text/vtt", "", False),
    ],
)
def test_the_database_knows_which_files_every_podcast_app_plays(
    alice: User, mime: str, codecs: str, ready: bool
) -> None:
    video = video_of(alice)
    file = MediaFile.objects.create(video=video, kind="video", path="x", size=1, mime=mime, codecs=codecs)

    assert file.plays_in_podcast_apps is ready
    assert MediaFile.objects.filter(pk=file.pk, podcast_ready=ready).exists()


def test_codecs_are_kept_from_the_engine_to_the_row(alice: User) -> None:
    assert video_of(alice, files=(WEBM,)).files.get().codecs == "vp9,opus"


def test_what_a_feed_lacks_is_asked_for_once(alice: User, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    lacking = video_of(alice, files=(WEBM,))
    video_of(alice, files=(MP4, SOUND))

    assert renditions.want_missing(of(alice), "audio") == 1
    with django_assert_num_queries(1):
        assert renditions.want_missing(of(alice), "audio") == 0
    assert renditions.want([lacking.pk], "audio") == 0
    assert [(row.video_id, row.kind, row.state) for row in Rendition.objects.all()] == [(lacking.pk, "audio", "wanted")]
    assert renditions.want_missing(of(alice), "video") == 1


def test_nothing_is_asked_of_what_has_no_picture(alice: User) -> None:
    video_of(alice, files=(SOUND,))

    assert renditions.want_missing(of(alice), "video") == 0


def test_a_feed_of_bobs_asks_for_nothing_of_alices(alice: User, bob: User) -> None:
    video_of(alice, files=(WEBM,))

    assert renditions.want_missing(of(bob), "audio") == 0
    assert not Rendition.objects.exists()


def test_the_newest_video_comes_first_and_one_at_a_time(alice: User) -> None:
    old, new = video_of(alice, files=(WEBM,)), video_of(alice, files=(WEBM,))
    renditions.want_missing(of(alice), "audio")

    assert renditions.due() == rendition(new).pk
    assert renditions.claim(rendition(new).pk)
    assert renditions.due() is None
    assert renditions.claim(rendition(old).pk) is None
    assert rendition(old).attempts == 0


@pytest.mark.django_db(transaction=True)
def test_of_many_who_claim_different_ones_at_once_one_has_it(alice: User) -> None:
    for _ in range(8):
        video_of(alice, files=(WEBM,))
    renditions.want_missing(of(alice), "audio")
    ids = list(Rendition.objects.values_list("pk", flat=True))
    line, won = threading.Barrier(8), []

    def claim(number: int) -> None:
        line.wait()
        won.append(renditions.claim(ids[number]))
        connection.close()

    claimers = [threading.Thread(target=claim, args=[number]) for number in range(8)]
    for each in claimers:
        each.start()
    for each in claimers:
        each.join()

    assert len(won) == 8
    assert sum(each is not None for each in won) == 1


def claimed(user: User) -> Rendition:
    video = video_of(user, files=(WEBM,))
    renditions.want([video.pk], "audio")
    held = renditions.claim(rendition(video).pk)
    assert held
    return held


def made_of(held: Rendition) -> Placed:
    return Placed("audio", f"alice/Hills/{held.pk}.m4a", 500, "audio/mp4", 12, codecs="aac")


def test_a_lost_one_is_wanted_again_and_the_late_worker_changes_nothing(alice: User) -> None:
    late = claimed(alice)
    assert renditions.sweep() == 0
    lapse()

    assert renditions.sweep() == 1

    again = renditions.claim(late.pk)
    assert again
    for act in (
        lambda: renditions.renew(late),
        lambda: renditions.finish(late, made_of(late)),
        lambda: renditions.fail(late, "late", True),
        lambda: renditions.put_back(late),
    ):
        with pytest.raises(renditions.Fenced):
            act()
    row = rendition(late.video)
    assert (row.state, row.token) == ("running", again.token)
    assert not MediaFile.objects.filter(derived=True).exists()


def test_what_is_lost_three_times_has_failed(alice: User) -> None:
    held = claimed(alice)
    for _ in range(3):
        lapse()
        renditions.sweep()
        renditions.claim(held.pk)

    row = rendition(held.video)
    assert (row.state, row.attempts) == ("failed", 3)
    assert row.reason


def test_what_may_go_better_is_tried_three_times_and_then_not_asked_for_again(alice: User) -> None:
    held = claimed(alice)

    assert renditions.fail(held, "The file could not be converted.", passing=True)
    assert renditions.claim(held.pk) is None  # it has to wait
    Rendition.objects.update(attempts=2, due_at=held.due_at)
    third = renditions.claim(held.pk)
    assert third
    assert not renditions.fail(third, "The file could not be converted.", passing=True)

    row = rendition(held.video)
    assert (row.state, row.reason) == ("failed", "The file could not be converted.")
    assert renditions.want_missing(of(alice), "audio") == 0


def test_what_will_not_go_better_is_tried_once(alice: User) -> None:
    held = claimed(alice)

    assert not renditions.fail(held, "The video has no sound.", passing=False)
    assert rendition(held.video).state == "failed"


def test_a_finished_one_is_filed_with_its_row_and_made_anew_when_its_file_is_gone(alice: User) -> None:
    held = claimed(alice)
    renditions.finish(held, made_of(held))

    video = Video.objects.get()
    file = MediaFile.objects.get(derived=True)
    assert (video.size, video.has_audio, file.podcast_ready) == (3500, False, True)
    assert renditions.want_missing(of(alice), "audio") == 0

    file.delete()
    assert renditions.want_missing(of(alice), "audio") == 1
    assert (rendition(video).state, rendition(video).attempts) == ("wanted", 0)


def test_a_video_that_is_filed_again_forgets_what_was_made_of_its_old_files(alice: User) -> None:
    held = claimed(alice)
    renditions.finish(held, made_of(held))
    video = held.video
    files = [Placed("video", "alice/Hills/new.webm", 700, "video/webm", codecs="vp9,opus")]

    services.add(video_id=video.pk, owner=alice, url=video.url, title="", info=INFO, placed=files, tags=[])

    assert [file.path for file in video.files.all()] == ["alice/Hills/new.webm"]
    assert Video.objects.get().size == 700
    assert renditions.want_missing(of(alice), "audio") == 1


def test_a_video_removed_meanwhile_is_the_end_of_it(alice: User) -> None:
    held = claimed(alice)
    services.remove(alice, [held.video_id])

    with pytest.raises(renditions.Fenced):
        renditions.finish(held, made_of(held))

    assert not MediaFile.objects.exists()
    assert renditions.want([held.video_id], "audio") == 0


@pytest.mark.django_db(transaction=True)
def test_who_removes_a_video_waits_for_who_files_a_rendition_of_it(alice: User) -> None:
    held = claimed(alice)
    removed: list[int] = []

    def remove() -> None:
        removed.append(services.remove(alice, [held.video_id]))
        connection.close()

    remover = threading.Thread(target=remove)
    with transaction.atomic():
        renditions.finish(held, made_of(held))
        remover.start()
        remover.join(0.5)
        assert remover.is_alive()
    remover.join()

    assert removed == [1]
    assert not MediaFile.objects.exists()
    assert not Video.objects.exists()
