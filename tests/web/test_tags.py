"""The page of tags."""

import pytest
from django.urls import reverse

from tests.conftest import signed_in
from tests.library.material import video_of
from tests.web.pages import text
from viddlws.accounts.models import User
from viddlws.library.models import Tag

pytestmark = pytest.mark.usefixtures("media")


def test_each_tag_has_its_count(alice: User) -> None:
    video_of(alice, "one", tags=("jazz", "live"))
    video_of(alice, "two", tags=("jazz",))

    page = text(signed_in(alice).get(reverse("tags")))

    assert page.index("jazz") < page.index(">live<")
    assert '2<span class="sr-only"> videos' in page
    assert '1<span class="sr-only"> video<' in page


def test_renaming_to_the_name_of_another_makes_them_one(alice: User) -> None:
    video = video_of(alice, "one", tags=("jazz", "Jass"))

    signed_in(alice).post(reverse("rename-tag", args=[Tag.objects.get(name="Jass").pk]), {"name": "jazz"})

    assert [tag.name for tag in video.tags.all()] == ["jazz"]


@pytest.mark.parametrize("name", ["", "   ", "x" * 101])
def test_a_name_that_is_none_is_refused_in_words(alice: User, name: str) -> None:
    video_of(alice, "one", tags=("jazz",))

    answer = signed_in(alice).post(reverse("rename-tag", args=[Tag.objects.get().pk]), {"name": name}, follow=True)

    assert 'role="alert"' in text(answer)
    assert Tag.objects.get().name == "jazz"


def test_a_tag_is_hidden_and_shown(alice: User) -> None:
    video_of(alice, "one", tags=("jazz",))
    client, tag = signed_in(alice), Tag.objects.get()

    client.post(reverse("hide-tag", args=[tag.pk]), {"hidden": "1"})
    assert Tag.objects.get().hidden
    client.post(reverse("hide-tag", args=[tag.pk]), {"hidden": ""})
    assert not Tag.objects.get().hidden


def test_deleting_a_tag_keeps_its_videos(alice: User) -> None:
    video = video_of(alice, "one", tags=("jazz",))

    signed_in(alice).post(reverse("delete-tag", args=[Tag.objects.get().pk]))

    assert not Tag.objects.exists()
    video.refresh_from_db()
