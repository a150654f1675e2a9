"""Thumbnail and subtitles: fetched beside the media, never a reason to fail."""

import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from viddlws.engine.finalise import Sidecar
from viddlws.engine.mediainfo import text
from viddlws.engine.messages import Format, Job

LARGEST_PICTURE = 20 << 20  # bytes
PICTURES_TRIED = 6  # sites name sizes that they do not have
TIME = 30.0  # seconds after which nothing more is begun; with one fetch under way it stays below a stall
PATIENCE = {"retries": 1, "fragment_retries": 1}  # a site that throttles captions must not hold up the film


class Beside:
    """Fetches what goes beside the media of `info`, while there is time."""

    def __init__(self, ydl: Any, info: Mapping[str, Any]) -> None:
        self._ydl, self._info = ydl, info
        self._until = time.monotonic() + TIME

    def subtitles(self, job: Job) -> tuple[Sidecar, ...]:
        """Those the job asks for; one made by a machine when there is none made by people."""
        if job.format is Format.AUDIO or not job.subtitles:
            return ()
        chosen, automatic = self._info.get("requested_subtitles") or {}, False
        if not chosen:
            chosen, automatic = _one_automatic(self._ydl, self._info), True
        found = (
            _fetched_subtitles(self._ydl, self._info, language, each, automatic)
            for language, each in chosen.items()
            if time.monotonic() < self._until
        )
        return tuple(sidecar for sidecar in found if sidecar)

    def thumbnail(self) -> Path | None:
        """The best picture that can be had, as the site sent it."""
        for each in list(reversed(self._info.get("thumbnails") or []))[:PICTURES_TRIED]:
            picture = _fetched_picture(self._ydl, each) if time.monotonic() < self._until else None
            if picture:
                return picture
        return None


def _fetched_picture(ydl: Any, picture: Mapping[str, Any]) -> Path | None:
    path = Path.cwd() / "thumbnail.source"
    try:
        path.write_bytes(ydl.fetch(picture["url"], picture.get("http_headers") or {}, LARGEST_PICTURE))
    except Exception as error:
        ydl.report_warning(f"no thumbnail: {error}")
        return None
    return path


def _one_automatic(ydl: Any, info: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    captions = info.get("automatic_captions")
    if not captions:
        return {}
    from_speech = {language: each for language, each in captions.items() if language.endswith("-orig")}
    with ydl.changed({"writeautomaticsub": True}):
        chosen = ydl.process_subtitles(info.get("id"), {}, from_speech) or ydl.process_subtitles(
            info.get("id"), {}, captions
        )
    return dict(list((chosen or {}).items())[:1])


def _fetched_subtitles(
    ydl: Any, info: Mapping[str, Any], language: str, record: Mapping[str, Any], auto: bool
) -> Sidecar | None:
    extension = re.sub("[^a-z0-9]", "", str(record.get("ext", "")))[:6] or "vtt"
    path = Path.cwd() / f"subtitle.{re.sub('[^A-Za-z0-9-]', '_', language)[:30]}.{extension}"
    try:
        if isinstance(record.get("data"), str):
            path.write_text(record["data"], encoding="utf-8", errors="replace", newline="")
        else:
            path.unlink(missing_ok=True)
            with ydl.changed(PATIENCE):
                ydl.dl(path.name, {"http_headers": info.get("http_headers"), **record}, subtitle=True)
    except Exception as error:
        ydl.report_warning(f"no subtitles in {language}: {error}")
        return None
    name = text(record, "name", longest=100) or language
    return Sidecar(path, language.removesuffix("-orig"), name, auto) if path.is_file() else None
