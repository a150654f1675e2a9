"""The log of an attempt says what happened, and nothing secret."""

from pathlib import Path

import pytest

from viddlws.engine import attempt_log
from viddlws.engine.attempt_log import AttemptLog, censor


@pytest.mark.parametrize(
    "line",
    [
        "Authorization: Bearer abcSECRETdef",
        "proxy-authorization=Basic am9iOlNFQ1JFVA==SECRET",
        "{'Cookie': 'sid=SECRET; other=SECRET'}",
        "Set-Cookie: sid=SECRET; Path=/",
        "proxy http://job42:SECRET@127.0.0.1:4000",
        "GET https://cdn.example.org/v.mp4?id=1&sig=SECRET&expires=2",
        "GET https://cdn.example.org/v.mp4?X-Amz-Signature=SECRET",
        "GET https://cdn.example.org/v.mp4?access_token=SECRET#t=1",
        "https://example.org/#__youtubedl_smuggle=%7B%22password%22%3A%22SECRET%22%7D",
        "sent bearer SECRETSECRET",
    ],
)
def test_secrets_are_left_out(line: str) -> None:
    assert "SECRET" not in censor(line)


def test_the_rest_of_a_line_stays() -> None:
    line = "[download] https://cdn.example.org/film.mp4?id=1&sig=abc&t=9 got error 503"

    assert censor(line) == "[download] https://cdn.example.org/film.mp4?id=1&sig=***&t=9 got error 503"


def test_each_message_is_one_line(tmp_path: Path) -> None:
    log = AttemptLog(tmp_path / "log")
    log.debug("two\nlines")
    log.warning("\x1b careful")
    log.error("broken \ud800")
    log.info("")

    lines = (tmp_path / "log").read_text().splitlines()
    assert [line.split(maxsplit=1)[1] for line in lines] == ["two lines", "warning: careful", "error: broken"]


def test_a_site_cannot_fill_the_disk_with_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempt_log, "LONGEST", 10_000)
    log = AttemptLog(tmp_path / "log")
    for _ in range(50):
        log.info("word " * 1000)

    assert 2_000 < (tmp_path / "log").stat().st_size <= 10_000
