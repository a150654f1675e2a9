"""The one poll of a page."""

from datetime import timedelta

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.conftest import signed_in
from tests.library.material import video_of
from tests.web.pages import download_of, text
from viddlws.accounts.models import User
from viddlws.downloads.models import Download, State


def touch(download: Download, **columns: object) -> None:
    Download.objects.filter(pk=download.pk).update(changed_at=timezone.now(), **columns)


def test_only_what_changed_is_sent(alice: User) -> None:
    old, changed = download_of(alice), download_of(alice, state=State.RUNNING)
    Download.objects.update(changed_at=timezone.now() - timedelta(hours=1))
    touch(changed, percent=42.4, speed=1_250_000, eta=95)

    answer = signed_in(alice).get(reverse("changes"), {"since": _a_minute_ago()})

    assert f'id="d-{changed.pk}"' in text(answer)
    assert str(old.pk) not in text(answer)
    assert "42" in text(answer)
    assert "1.2 MB/s" in text(answer)
    assert "about 2 minutes left" in text(answer)
    assert answer["Live-Active"] == "1"


def test_nothing_new_is_an_empty_answer(alice: User) -> None:
    download_of(alice)
    Download.objects.update(changed_at=timezone.now() - timedelta(hours=1))

    answer = signed_in(alice).get(reverse("changes"), {"since": _a_minute_ago()})

    assert answer.status_code == 204
    assert answer["Live-Since"]
    assert answer["Live-Active"] == "1"


def test_when_nothing_runs_or_waits_the_page_need_not_ask_again(alice: User) -> None:
    download_of(alice, state=State.FAILED)

    answer = signed_in(alice).get(reverse("changes"), {"since": _a_minute_ago()})

    assert "Live-Active" not in answer
    assert 'data-list="failed"' in text(answer)


def test_what_is_done_comes_as_the_card_of_the_library(alice: User, media: object) -> None:
    video = video_of(alice, "A walk")
    download_of(alice, state=State.DONE, id=video.pk, video=video)

    page = text(signed_in(alice).get(reverse("changes"), {"since": _a_minute_ago(), "page": "library"}))

    assert f'id="d-{video.pk}" data-list="grid"' in page


def test_the_changes_of_others_are_not_told(alice: User, bob: User) -> None:
    download_of(alice, state=State.RUNNING)

    answer = signed_in(bob).get(reverse("changes"), {"since": _a_minute_ago()})

    assert answer.status_code == 204


def test_so_much_that_is_new_is_a_reason_to_load_the_page_again(alice: User) -> None:
    for _ in range(101):
        download_of(alice, state=State.FAILED)

    assert signed_in(alice).get(reverse("changes"), {"since": _a_minute_ago()})["HX-Refresh"] == "true"


def test_a_stranger_gets_401_from_a_script_not_the_sign_in_page(db: None) -> None:
    answer = Client().get(reverse("changes"), headers={"HX-Request": "true"})

    assert answer.status_code == 401
    assert answer["HX-Refresh"] == "true"


def _a_minute_ago() -> str:
    return (timezone.now() - timedelta(minutes=1)).isoformat()
