"""One download from claim to end, with the real engine and a real site."""

from pathlib import Path

from tests.downloads.acts import asked, last_attempt, no_job_folders, performed
from tests.site import Site
from viddlws.accounts.models import User
from viddlws.downloads.models import Attempt, State
from viddlws.engine.supervisor import Engine


def test_a_link_becomes_a_video_with_its_files(site: Site, alice: User, works: Engine, media: Path) -> None:
    download = performed(asked(alice, site.url("/jsonld"), tags=["hills"]))

    assert download.state == State.DONE, download.error_message
    assert download.video
    assert download.video.pk == download.pk
    assert download.title == download.video.title == "Told by JSON-LD"
    assert download.video.url == site.url("/jsonld")
    assert [tag.name for tag in download.video.tags.all()] == ["hills"]
    assert {file.kind for file in download.video.files.all()} >= {"video", "thumbnail", "info"}
    assert all((media / file.path).stat().st_size == file.size for file in download.video.files.all())
    assert no_job_folders(media)


def test_an_attempt_tells_what_was_done(site: Site, alice: User, works: Engine) -> None:
    attempt = last_attempt(performed(asked(alice, site.url("/clip.mp4"))))

    assert attempt.outcome == Attempt.Outcome.DONE
    assert attempt.number == 1
    assert attempt.engine_version == works.version
    assert attempt.ended_at
    assert attempt.log


def test_a_title_the_owner_gave_stays(site: Site, alice: User, works: Engine) -> None:
    download = performed(asked(alice, site.url("/jsonld"), title="  My\nown "))

    assert download.video
    assert download.title == download.video.title == "My own"


def test_audio_and_both_are_formats_of_their_own(site: Site, alice: User, works: Engine) -> None:
    audio = performed(asked(alice, site.url("/yt/merge"), format="audio"))
    both = performed(asked(alice, site.url("/yt/merge"), format="both"))

    assert audio.video
    assert both.video
    assert audio.pk != both.pk
    assert {file.kind for file in audio.video.files.all()} & {"video", "audio"} == {"audio"}
    assert {file.kind for file in both.video.files.all()} & {"video", "audio"} == {"video", "audio"}


def test_what_is_done_is_not_done_again(site: Site, alice: User, works: Engine) -> None:
    download = performed(asked(alice, site.url("/clip.mp4?t=once")))
    hits = site.hits("/clip.mp4?t=once")

    assert performed(download).attempts_made == 1
    assert site.hits("/clip.mp4?t=once") == hits
