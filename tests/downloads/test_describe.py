"""What the command line prints and the API answers, exactly; what a page is told of changes; who sees what."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.downloads.acts import asked, fresh, performed
from tests.site import Site
from viddlws.accounts.models import User
from viddlws.downloads import moves, services
from viddlws.downloads.changes import changed
from viddlws.downloads.describe import describe
from viddlws.downloads.models import SMUGGLED, Download
from viddlws.engine.messages import ErrorClass, Failed
from viddlws.engine.supervisor import Engine

LINK = "https://videos.example.org/walk"


def test_a_waiting_download(alice: User) -> None:
    download = asked(alice, LINK, tags=["b", "A"], title="A walk", format="both")

    assert describe([download]) == [
        {
            "id": str(download.pk), "state": "queued", "title": "A walk", "url": LINK, "format": "both",
            "tags": ["A", "b"], "attempts": 0, "progress": None, "error": None, "files": [],
        }
    ]  # fmt: skip


def test_a_running_one(alice: User) -> None:
    held = moves.claim(asked(alice, LINK).pk)
    assert held
    moves.renew(held, percent=12.5, step="fetching", speed=1000.0, eta=3.0)

    (told,) = describe([fresh(held)])

    assert told["state"] == "running"
    assert told["attempts"] == 1
    assert told["progress"] == {"percent": 12.5, "step": "fetching", "speed": 1000.0, "eta": 3.0}
    assert json.loads(json.dumps(told)) == told


def test_one_that_failed(alice: User) -> None:
    held = moves.claim(asked(alice, LINK).pk)
    assert held
    moves.fail(held, Failed(ErrorClass.GONE, "It is gone.", "Look for another."), "")

    (told,) = describe([fresh(held)])

    assert told["error"] == {"class": "gone", "message": "It is gone.", "advice": "Look for another."}
    assert (told["state"], told["progress"]) == ("failed", None)


def test_one_that_is_done(site: Site, alice: User, works: Engine, media: Path) -> None:
    download = performed(asked(alice, site.url("/jsonld?t=describe"), tags=["x"]))

    (told,) = describe([download])

    assert told["title"] == "Told by JSON-LD"
    assert told["tags"] == ["x"]
    assert told["error"] is told["progress"] is None
    assert all(set(file) == {"kind", "path", "size", "mime", "duration", "width", "height"} for file in told["files"])
    video = next(file for file in told["files"] if file["kind"] == "video")
    assert Path(video["path"]).is_absolute()
    assert Path(video["path"]).stat().st_size == video["size"]
    assert (video["mime"], video["width"] > 0, video["height"] > 0) == ("video/mp4", True, True)
    assert video["duration"] == pytest.approx(12, abs=0.5)
    assert json.loads(json.dumps(told)) == told


def test_what_yt_dlp_writes_behind_a_link_is_not_told(alice: User) -> None:
    asked(alice, LINK)
    Download.objects.update(url=f"{LINK}{SMUGGLED}=secret")

    assert describe(Download.objects.all())[0]["url"] == LINK


def test_many_cost_as_many_queries_as_one(alice: User) -> None:
    def queries(count: int) -> int:
        rows = list(Download.objects.all()[:count])
        with CaptureQueriesContext(connection) as captured:
            describe(rows)
        return len(captured)

    services.request(alice, "\n".join(f"{LINK}/{number}" for number in range(30)), tags=["x", "y"])
    assert queries(30) == queries(1)


def test_a_page_is_told_only_what_changed(alice: User, bob: User) -> None:
    old, new = asked(alice, LINK), asked(alice, LINK + "/2")
    asked(bob, LINK)
    long_ago = timezone.now() - timedelta(minutes=1)
    Download.objects.update(changed_at=long_ago)
    nothing = changed(alice)
    assert (nothing.downloads, nothing.active) == ([], True)

    assert changed(alice, nothing.cursor).downloads == []
    assert moves.claim(new.pk)
    news = changed(alice, nothing.cursor)

    assert news.downloads == [new]
    assert news.active
    services.cancel(alice, old.pk)
    services.cancel(alice, new.pk)
    assert not changed(alice, news.cursor).active


@pytest.mark.parametrize("cursor", ["", "nonsense", "2026-01-01", "2026-13-45T00:00:00", "2026-01-01T00:00:00", "\0"])
def test_a_cursor_of_any_text_is_safe(alice: User, cursor: str) -> None:
    asked(alice, LINK)
    assert changed(alice, cursor).downloads == []


def test_bob_sees_nothing_of_alices(alice: User, bob: User) -> None:
    download = asked(alice, LINK)

    assert not Download.objects.visible_to(bob).exists()
    assert not services.current(bob).exists()
    assert services.remove(bob, [download.pk]) == 0
    assert services.retry_failed(bob) == 0
    acts: tuple[Callable[[], object], ...] = (
        lambda: services.cancel(bob, download.pk),
        lambda: services.retry(bob, download.pk),
        lambda: services.change_link(bob, download.pk, LINK + "/2"),
    )
    for act in acts:
        with pytest.raises(Download.DoesNotExist):
            act()
    assert fresh(download).state == "queued"
