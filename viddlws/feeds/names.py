"""What everything in a feed's folder is called: the last part of an address, made and read. Pure.

Each name belongs to one thing for good and occurs once in a feed, whatever the titles are: podcast apps name files
after it, and two of a name become one. None needs percent-encoding.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

ENDINGS = {"audio/mp4": "m4a", "audio/mpeg": "mp3", "video/mp4": "mp4", "video/webm": "webm", "video/x-matroska": "mkv"}
OTHER_ENDINGS = {"audio/ogg": "ogg", "audio/opus": "opus", "audio/flac": "flac", "audio/webm": "weba"}
_UUID = r"(?P<video>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
_LANGUAGE = re.compile(r"[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*")
_SPELLINGS = {
    "feed": re.compile(r"feed(?:-(?P<number>[1-9]\d{0,5}))?\.xml", re.ASCII),
    "cover": re.compile(r"cover-(?P<mark>[0-9a-f]{8})\.jpg"),
    "picture": re.compile(rf"{_UUID}-(?P<mark>[0-9a-f]{{8}})\.jpg"),
    "chapters": re.compile(rf"{_UUID}-chapters\.json"),
    "captions": re.compile(rf"{_UUID}\.(?P<mark>{_LANGUAGE.pattern})\.vtt"),
    "alternate": re.compile(rf"{_UUID}-(?P<number>[1-9]\d{{0,17}})\.(?P<mark>[a-z0-9]{{2,4}})", re.ASCII),
    "media": re.compile(rf"{_UUID}\.(?P<mark>[a-z0-9]{{2,4}})"),
}


class What(StrEnum):
    FEED = "feed"
    COVER = "cover"
    PICTURE = "picture"
    CHAPTERS = "chapters"
    CAPTIONS = "captions"
    ALTERNATE = "alternate"
    MEDIA = "media"


@dataclass(frozen=True)
class Thing:
    """What a name stands for. `number`: page of a feed, id of a file. `mark`: of a picture, language, or ending."""

    what: What
    video: UUID | None = None
    number: int = 0
    mark: str = ""

    @property
    def name(self) -> str:
        match self.what:
            case What.FEED:
                return f"feed-{self.number}.xml" if self.number > 1 else "feed.xml"
            case What.COVER:
                return f"cover-{self.mark}.jpg"
            case What.PICTURE:
                return f"{self.video}-{self.mark}.jpg"
            case What.CHAPTERS:
                return f"{self.video}-chapters.json"
            case What.CAPTIONS:
                return f"{self.video}.{self.mark}.vtt"
            case What.ALTERNATE:
                return f"{self.video}-{self.number}.{self.mark}"
            case What.MEDIA:
                return f"{self.video}.{self.mark}"


def ending(mime: str) -> str:
    return ENDINGS.get(mime) or OTHER_ENDINGS.get(mime) or "bin"


def sayable(language: str) -> bool:
    """Whether a language can stand in a name."""
    return bool(_LANGUAGE.fullmatch(language))


def read(name: str) -> Thing | None:
    """The thing of this name; None for a name that we would not give."""
    for what, spelling in _SPELLINGS.items():
        if match := spelling.fullmatch(name):
            found = match.groupdict()
            video = UUID(found["video"]) if "video" in found else None
            number = int(found.get("number") or (what == "feed"))
            thing = Thing(What(what), video, number, found.get("mark") or "")
            return thing if thing.name == name else None
    return None
