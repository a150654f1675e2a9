"""What the zygote compiled stays compiled."""

import _strptime  # type: ignore[import-not-found]  # typeshed has none of it
import re
from datetime import datetime

import pytest

from viddlws.engine import rehearsal


def test_python_remembers_every_pattern_and_date_format(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(re, "_MAXCACHE", re._MAXCACHE)  # type: ignore[attr-defined]
    monkeypatch.setattr(_strptime, "_CACHE_MAX_SIZE", _strptime._CACHE_MAX_SIZE)

    assert rehearsal.remember_patterns() == []

    first = re.compile("the first of many [0-9]")
    for number in range(600):
        re.compile(f"pattern {number}")
    assert re.compile("the first of many [0-9]") is first
    formats = [f"%Y {number}" for number in range(60)]
    for each in formats:
        datetime.strptime(each.replace("%Y", "2024"), each)
    assert set(formats) <= set(_strptime._regex_cache)


def test_a_python_without_those_limits_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(re, "_MAXCACHE")

    assert "_MAXCACHE" in rehearsal.remember_patterns()
