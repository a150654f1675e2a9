"""The page of one video, and of one that is not there yet."""

import pytest
from django.urls import reverse

from tests.conftest import signed_in
from tests.library.material import INFO, video_of
from tests.web.pages import download_of, text
from viddlws.accounts.models import User
from viddlws.downloads.models import Download, State
from viddlws.engine.messages import Chapter, File, MediaInfo
from viddlws.library.models import MediaFile, Video

pytestmark = pytest.mark.usefixtures("media")


def watch(user: User, video: Video | Download, **query: str) -> str:
    return text(signed_in(user).get(reverse("watch", args=[video.pk]), query))


def test_the_player_has_the_file_the_captions_and_the_picture(alice: User) -> None:
    video = video_of(alice)
    files = {file.kind: file.pk for file in video.files.all()}

    page = watch(alice, video)

    assert f'<source src="/media/{files["video"]}/' in page
    assert f'<track kind="captions" src="/media/{files["subtitle"]}/' in page
    assert f'poster="/media/{files["thumbnail"]}/' in page


def test_a_link_with_a_time_begins_there_also_without_a_script(alice: User) -> None:
    video = video_of(alice)

    assert '#t=90"' in watch(alice, video, t="90")
    assert '#t=90"' in watch(alice, video, t="90s")
    assert "#t=" not in watch(alice, video, t='"><script>')


def test_what_was_kept_as_both_can_be_watched_and_listened_to(alice: User) -> None:
    files = (File("video", "a.mp4", 10, "video/mp4"), File("audio", "a.m4a", 5, "audio/mp4"))
    video = video_of(alice, files=files)

    assert 'type="video/mp4"' in watch(alice, video)
    assert 'type="audio/mp4"' in watch(alice, video, **{"as": "audio"})


def test_chapters_lead_into_the_player(alice: User) -> None:
    chapters = (Chapter(0, 30, "Begin --> <b>"), Chapter(30.5, 61.5, "End"))
    video = video_of(alice, info=MediaInfo(title="A walk", duration=61.5, chapters=chapters))

    answer = signed_in(alice).get(reverse("chapters", args=[video.pk]))

    assert f'href="/watch/{video.pk}/?t=30" data-seek="30.500"' in watch(alice, video)
    assert answer["Content-Type"].startswith("text/vtt")
    assert "00:00:30.500 --> 00:01:01.500\nEnd" in text(answer)
    assert text(answer).count("-->") == 2


def test_links_and_times_in_a_description_are_links_and_nothing_else_is(alice: User) -> None:
    words = 'See https://example.org/a?b=1&c="x". At 0:42 it begins, 9:99 and 99:00 are none. javascript:alert(1) <b>'
    video = video_of(alice, info=MediaInfo(description=words, duration=61.5))

    page = watch(alice, video)

    assert 'href="https://example.org/a?b=1&amp;c="' in page
    assert 'rel="noopener noreferrer nofollow ugc"' in page
    assert f'href="/watch/{video.pk}/?t=42" data-seek="42"' in page
    assert "9:99 and 99:00 are none. javascript:alert(1) &lt;b&gt;" in page


def test_title_and_tags_are_edited_in_place(alice: User) -> None:
    video = video_of(alice, tags=("old",))

    signed_in(alice).post(reverse("edit", args=[video.pk]), {"title": "  New  title ", "tags": "a, b,,a"})

    video.refresh_from_db()
    assert video.title == "New title"
    assert {tag.name for tag in video.tags.all()} == {"a", "b"}


def test_a_title_of_nothing_is_refused_and_what_was_typed_stays(alice: User) -> None:
    video = video_of(alice, "film")

    answer = signed_in(alice).post(reverse("edit", args=[video.pk]), {"title": "  ", "tags": "kept, words"})

    assert answer.status_code == 422
    assert "This field is required" in text(answer)
    assert 'value="kept, words"' in text(answer)
    assert Video.objects.get().title == "film"


def test_deleting_asks_first_then_files_and_rows_are_gone(
    alice: User, media: object, django_capture_on_commit_callbacks: object
) -> None:
    video = video_of(alice)
    download_of(alice, state=State.DONE, id=video.pk, video=video)
    client = signed_in(alice)
    address = reverse("delete", args=[video.pk])

    assert "cannot be undone" in text(client.get(address))
    assert Video.objects.exists()
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        assert client.post(address)["Location"] == reverse("library")

    assert not Video.objects.exists()
    assert not Download.objects.exists()
    assert not MediaFile.objects.exists()


def test_a_failed_one_says_why_what_to_do_and_what_was_tried(alice: User) -> None:
    page = watch(alice, download_of(alice, "https://example.org/film", State.FAILED))

    for words in ("The page is gone.", "Look for another.", "Retry", "Change link", "Remove", "2026.10.26", "404"):
        assert words in page


def test_its_link_can_be_changed_and_it_is_tried_again(alice: User) -> None:
    download = download_of(alice, "https://example.org/film", State.FAILED)

    signed_in(alice).post(reverse("change-link", args=[download.pk]), {"url": "https://example.org/other"})

    download.refresh_from_db()
    assert (download.url, download.state) == ("https://example.org/other", State.QUEUED)


def test_a_link_that_is_none_is_refused_with_the_reason_and_what_was_typed(alice: User) -> None:
    download = download_of(alice, state=State.FAILED)

    answer = signed_in(alice).post(reverse("change-link", args=[download.pk]), {"url": "file:///etc/passwd"})

    assert answer.status_code == 422
    assert 'value="file:///etc/passwd"' in text(answer)
    download.refresh_from_db()
    assert download.state == State.FAILED


def test_one_that_runs_shows_how_far_it_is(alice: User) -> None:
    page = watch(alice, download_of(alice, state=State.RUNNING, percent=41.6, speed=2_000_000, eta=30))

    assert 'value="41.6"' in page
    assert "2.0 MB/s" in page
    assert "30 s left" in page


def test_an_address_of_nothing_is_not_found_in_our_own_words(alice: User) -> None:
    answer = signed_in(alice).get(reverse("watch", args=["00000000-0000-0000-0000-000000000000"]))

    assert answer.status_code == 404
    assert "There is nothing here" in text(answer)


def test_the_link_of_a_video_is_followed_only_when_it_is_http(alice: User) -> None:
    video = video_of(alice, info=INFO)
    Video.objects.update(url="javascript:alert(1)")

    assert 'href="javascript' not in watch(alice, video)
