"""Media by their addresses."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.conftest import signed_in
from tests.library.material import FILES, content, video_of
from tests.web.pages import download_of
from viddlws.accounts.models import User
from viddlws.downloads.models import State
from viddlws.library import storage
from viddlws.library.models import MediaFile
from viddlws.web.templatetags.address import media_address

pytestmark = pytest.mark.usefixtures("media")


def file_of(user: User, kind: str = "video") -> MediaFile:
    return MediaFile.objects.get(video=video_of(user, 'A "walk" / ümläut'), kind=kind)


def test_the_owner_gets_the_bytes_and_may_seek(alice: User) -> None:
    client, address = signed_in(alice), media_address(file_of(alice))

    whole = client.get(address)
    part = client.get(address, headers={"Range": "bytes=1000-1999"})

    assert b"".join(whole.streaming_content) == content(FILES[0])  # type: ignore[attr-defined]
    assert part.status_code == 206
    assert part["Content-Range"] == "bytes 1000-1999/3000"
    assert b"".join(part.streaming_content) == content(FILES[0])[1000:2000]  # type: ignore[attr-defined]
    assert whole["Cache-Control"] == "private"


def test_it_is_saved_under_its_readable_name_when_asked(alice: User) -> None:
    file = file_of(alice)

    answer = signed_in(alice).get(media_address(file), {"download": "1"})

    assert answer["Content-Disposition"].startswith("attachment")
    assert "uml" in answer["Content-Disposition"] or "%C3%BCml" in answer["Content-Disposition"]


def test_another_name_is_not_found(alice: User) -> None:
    assert signed_in(alice).get(reverse("media", args=[file_of(alice).pk, "other.mp4"])).status_code == 404


def test_a_file_that_is_gone_is_not_found(alice: User) -> None:
    file = file_of(alice)
    storage.path_of(file).unlink()

    assert signed_in(alice).get(media_address(file)).status_code == 404


def test_a_path_that_leads_out_of_the_media_folder_is_not_found(alice: User) -> None:
    file = file_of(alice)
    MediaFile.objects.filter(pk=file.pk).update(path="../../../../etc/passwd")

    assert signed_in(alice).get(reverse("media", args=[file.pk, "passwd"])).status_code == 404


def test_others_do_not_find_it_and_strangers_are_sent_to_sign_in(alice: User, bob: User, carol: User) -> None:
    address = media_address(file_of(alice))

    assert signed_in(bob).get(address).status_code == 404
    assert signed_in(carol).get(address).status_code == 404
    assert Client().get(address)["Location"].startswith(reverse("account_login"))


def test_the_picture_of_a_running_download_is_its_owners(alice: User, bob: User) -> None:
    running = download_of(alice, state=State.RUNNING)
    address = reverse("early-thumbnail", args=[running.pk])
    assert signed_in(alice).get(address).status_code == 404

    storage.job_folder(running.pk).mkdir(parents=True)
    (storage.job_folder(running.pk) / "thumbnail.jpg").write_bytes(b"picture")

    answer = signed_in(alice).get(address)
    assert answer.content == b"picture"
    assert answer["Cache-Control"].startswith("private")
    assert address in signed_in(alice).get(reverse("library")).content.decode()
    assert signed_in(bob).get(address).status_code == 404


def test_the_early_picture_is_still_found_when_the_download_has_just_ended(alice: User, bob: User) -> None:
    picture = file_of(alice, "thumbnail")
    done = download_of(alice, state=State.DONE, video=picture.video)
    address = reverse("early-thumbnail", args=[done.pk])

    assert b"".join(signed_in(alice).get(address).streaming_content)[:1]  # type: ignore[attr-defined]
    assert signed_in(bob).get(address).status_code == 404
