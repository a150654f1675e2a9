"""`viddlws doctor` finds what is wrong and says what to do."""

from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from tests.ops.shell import viddlws
from viddlws.ops import findings

pytestmark = pytest.mark.django_db


def about(subject: str) -> list[findings.Finding]:
    return [finding for finding in findings.all_findings() if finding.subject == subject]


def test_a_broker_that_is_not_there_must_be_mended(media: Path) -> None:
    answer = viddlws("doctor")

    assert answer.exit_code == 1
    assert "MEND  broker: " in answer.stdout
    assert "-> Start ViddlWS with `viddlws up`." in answer.stdout
    for subject in ("ok    database: ", "ok    ffmpeg: ffmpeg version", "ok    JavaScript runtime: deno"):
        assert subject in answer.stdout


def test_programs_that_do_not_run_a_folder_that_cannot_be_and_a_full_disk(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("no folder")
    settings.MEDIA_ROOT = file / "media"
    change(settings, ffmpeg=str(file), disk_reserve=1 << 60)

    assert all(about(subject)[0].broken for subject in ("ffmpeg", "media folder", "disk"))


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"database_url": "postgres://u@h/n", "postgres_host": "h"}, "POSTGRES_HOST"),
        ({"media_delivery": "nginx"}, "VIDDLWS_MEDIA_DELIVERY"),
        ({"secure_cookies": True, "public_urls": ("http://v.example.org",)}, "VIDDLWS_SECURE_COOKIES"),
        ({"secure_cookies": False, "public_urls": ("https://v.example.org",)}, "VIDDLWS_SECURE_COOKIES"),
        ({"site_concurrency": 9, "download_concurrency": 3}, "VIDDLWS_SITE_CONCURRENCY"),
        ({"playlist_ask_above": 900}, "VIDDLWS_PLAYLIST_ASK_ABOVE"),
        ({"task_time_limit": 10}, "VIDDLWS_TASK_TIME_LIMIT"),
        ({"debug": True, "host": "0.0.0.0"}, "VIDDLWS_DEBUG"),
    ],
)
def test_settings_that_contradict_each_other(settings: Settings, changes: dict[str, Any], word: str) -> None:
    assert list(findings.contradictions()) == []

    change(settings, **changes)

    (finding,) = findings.contradictions()
    assert word in finding.text
    assert finding.broken
    assert finding.advice


def change(settings: Settings, **changes: Any) -> None:
    settings.OPTIONS = settings.OPTIONS.model_copy(update=changes)
