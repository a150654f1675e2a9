"""Pasting links into the box that every page has."""

import re

from django.test import Client
from django.urls import reverse

from tests.conftest import signed_in
from tests.web.pages import download_of, text
from viddlws.accounts.models import User
from viddlws.downloads.models import Download, State


def paste(client: Client, links: str, **fields: str) -> str:
    return text(client.post(reverse("add"), {"links": links, **fields}, follow=True))


def test_a_pasted_link_is_queued_and_its_card_is_on_the_library(alice: User) -> None:
    page = paste(signed_in(alice), "https://example.org/film", format="audio", title="My title", tags="jazz, live")

    download = Download.objects.visible_to(alice).get()
    assert (download.url, download.format, download.title) == ("https://example.org/film", "audio", "My title")
    assert {tag.name for tag in download.tags.all()} == {"jazz", "live"}
    assert f'id="d-{download.pk}"' in page
    assert 'data-active="1"' in page


def test_many_links_go_one_a_line(alice: User) -> None:
    page = paste(signed_in(alice), "https://example.org/1\n\n https://example.org/2 \r\nhttps://example.org/3")

    assert Download.objects.count() == 3
    assert "3 links are in the queue" in page


def test_five_thousand_links_at_once_are_taken(alice: User) -> None:
    client = signed_in(alice)
    page = paste(client, "\n".join(f"https://example.org/{'x' * 150}/{number}" for number in range(5000)))

    assert Download.objects.count() == 5000
    assert "5,000 links are in the queue" in page
    assert page.count("<article") < 50
    assert text(client.get(reverse("downloads"))).count("<article") <= 100


def test_a_refused_line_is_named_with_its_reason_and_stays_in_the_box(alice: User) -> None:
    page = paste(signed_in(alice), "https://example.org/1\nthis is no link\nfile:///etc/passwd")

    assert Download.objects.count() == 1
    assert "Line 2:" in page
    assert "Line 3:" in page
    box = re.search(r"<textarea id=\"links\".*?>(.*?)</textarea>", page, re.S)
    assert box
    assert box[1] == "this is no link\nfile:///etc/passwd"


def test_what_was_refused_is_in_the_box_only_once(alice: User) -> None:
    client = signed_in(alice)
    paste(client, "no link")

    assert "no link</textarea>" not in text(client.get(reverse("library")))


def test_the_same_link_again_leads_to_the_one_we_have(alice: User) -> None:
    old = download_of(alice, "https://example.org/film", title="The film")

    page = paste(signed_in(alice), "https://example.org/film")

    assert Download.objects.count() == 1
    assert f'<a class="link" href="{reverse("watch", args=[old.pk])}">The film</a>' in page


def test_another_format_of_the_same_link_is_another_download(alice: User) -> None:
    download_of(alice, "https://example.org/film")

    paste(signed_in(alice), "https://example.org/film", format="audio")

    assert set(Download.objects.values_list("format", flat=True)) == {"video", "audio"}


def test_a_failed_link_pasted_again_is_tried_again(alice: User) -> None:
    old = download_of(alice, "https://example.org/film", State.FAILED)

    page = paste(signed_in(alice), "https://example.org/film")

    old.refresh_from_db()
    assert old.state == State.QUEUED
    assert "it is tried again" in page


def test_what_was_chosen_last_is_the_default(alice: User) -> None:
    client = signed_in(alice)
    paste(client, "https://example.org/1", format="both", tags="jazz")

    page = text(client.get(reverse("tags")))

    assert '<option value="both" selected>' in page
    assert 'name="tags" value="jazz"' in page


def test_an_empty_box_says_what_to_do(alice: User) -> None:
    assert "Paste a link first." in paste(signed_in(alice), "  ")


def test_a_format_there_is_none_of_is_refused_without_an_error_page(alice: User) -> None:
    page = paste(signed_in(alice), "https://example.org/1", format="hologram")

    assert "hologram" in page
    assert not Download.objects.exists()


def test_after_pasting_one_is_on_the_page_one_was_on_and_never_on_another_site(alice: User) -> None:
    client = signed_in(alice)

    here = client.post(reverse("add"), {"links": "https://example.org/1", "next": "/tags/?a=b"})
    elsewhere = [
        client.post(reverse("add"), {"links": "https://example.org/1", "next": target})
        for target in ("https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)")
    ]

    assert here["Location"] == "/tags/?a=b"
    assert {answer["Location"] for answer in elsewhere} == {"/"}


def test_more_than_we_take_in_one_go_is_told_in_our_own_words(alice: User) -> None:
    answer = signed_in(alice).post(reverse("add"), {"links": "x" * 5_000_001})

    assert answer.status_code == 413
    assert "Paste fewer links at a time" in text(answer)
