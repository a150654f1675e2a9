"""Chapters as podcast apps read them: JSON Chapters 1.2.0 of the Podcasting 2.0 namespace."""

from collections.abc import Iterable, Mapping
from typing import Any

MIME = "application/json+chapters"


def as_json(title: str, chapters: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """`chapters` as the library keeps them; times in seconds, in order, as the format demands."""
    found = [
        {
            "startTime": max(0.0, float(chapter["start"])),
            **({"endTime": float(chapter["end"])} if float(chapter["end"]) > float(chapter["start"]) else {}),
            "title": str(chapter["title"]).strip() or f"Chapter {number}",
        }
        for number, chapter in enumerate(chapters, 1)
    ]
    return {"version": "1.2.0", "title": title, "chapters": sorted(found, key=lambda each: each["startTime"])}
