"""Everything that crosses the engine's border: a `Job` goes in, events come out.

All are frozen dataclasses of plain values, so they travel as one line of JSON between the
processes. Sizes are bytes, times are seconds, speeds are bytes per second, percent is 0 to 100.
"""

from dataclasses import dataclass, field
from enum import StrEnum


class Format(StrEnum):
    """What a person wants to keep of a link."""

    VIDEO = "video"
    AUDIO = "audio"
    BOTH = "both"


class ErrorClass(StrEnum):
    """Why a download failed, in the words the interface, the command line and the log share."""

    GONE = "gone"
    NEEDS_LOGIN = "needs-login"
    GEO_BLOCKED = "geo-blocked"
    UNSUPPORTED = "unsupported"
    RATE_LIMITED = "rate-limited"
    NETWORK = "network"
    DISK_FULL = "disk-full"
    TOO_LARGE = "too-large"
    LIVE = "live"
    ENGINE_OUTDATED = "engine-outdated"
    STALLED = "stalled"
    BLOCKED = "blocked"  # the guard refused an address in our own network
    UNKNOWN = "unknown"


class Step(StrEnum):
    """What a running job is doing; the interface translates these."""

    STARTING = "starting"
    READING_PAGE = "reading-page"
    FETCHING = "fetching"  # one stream that has both, or we cannot tell
    FETCHING_VIDEO = "fetching-video"
    FETCHING_AUDIO = "fetching-audio"
    JOINING = "joining"
    CONVERTING = "converting"
    CHECKING = "checking"


@dataclass(frozen=True)
class Limits:
    """When a job is given up. Zero means no limit, except for `reserve`."""

    size: int = 0  # most bytes all files of one job may take
    reading: float = 120.0  # most seconds for reading the page
    stall: float = 90.0  # most seconds without a byte
    total: float = 0.0  # most seconds for the whole job
    reserve: int = 0  # bytes that must stay free on the job folder's disk
    entries: int = 500  # most entries taken from one playlist
    ask_above: int = 50  # a playlist longer than this is reported, not taken, unless `Job.confirmed`


@dataclass(frozen=True)
class Job:
    """One link to fetch. `folder` is private to the job and outlives an attempt, so that the next can resume."""

    id: str
    url: str
    folder: str
    format: Format = Format.VIDEO
    audio_codec: str = "m4a"  # "m4a" (copied where possible) or "mp3"
    best_quality: bool = False  # False: H.264 up to `max_height`, plays everywhere
    max_height: int = 1080
    subtitles: tuple[str, ...] = ("en.*", "de")  # yt-dlp's subtitleslangs
    live: bool = False  # a live stream may be recorded
    confirmed: bool = False  # a long playlist was asked about and wanted
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True)
class Chapter:
    start: float
    end: float
    title: str


@dataclass(frozen=True)
class MediaInfo:
    """What is known of a medium: yt-dlp's info record without formats, captions and secrets.

    Any text may hold any character except a lone surrogate or NUL; it is not yet safe as HTML, XML or a file name.
    """

    title: str = ""
    description: str = ""
    channel: str = ""
    channel_url: str = ""
    extractor: str = ""  # yt-dlp's extractor key, "Generic" for a plain page
    extractor_id: str = ""  # the site's own id of the medium
    webpage_url: str = ""
    duration: float | None = None
    published: str = ""  # ISO 8601 with offset, or empty
    language: str = ""
    is_live: bool = False
    chapters: tuple[Chapter, ...] = ()


@dataclass(frozen=True)
class Render:
    """A finished file of ours, of which another is to be made that plays everywhere: the picture as H.264 with its
    sound as AAC in an MP4, or the sound alone, MP3 or AAC as it is, else as AAC. `folder` is private to the job."""

    id: str
    source: str  # absolute path; it is only read
    folder: str
    format: Format = Format.AUDIO  # not BOTH
    thumbnail: str = ""  # absolute path of a JPEG to put into a sound file
    info: MediaInfo = field(default_factory=MediaInfo)  # what is written into the file
    max_height: int = 1080  # of the picture's shorter side
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True)
class File:
    """One finished file in the job folder. `path` is relative to that folder."""

    kind: str  # "video", "audio", "thumbnail", "subtitle" or "info"
    path: str
    size: int
    mime: str
    duration: float | None = None
    width: int | None = None
    height: int | None = None
    language: str = ""  # BCP 47, subtitles only
    label: str = ""
    codecs: tuple[str, ...] = ()  # of the picture, then of the sound, as ffmpeg names them: ("h264", "aac")


@dataclass(frozen=True)
class Entry:
    """One entry of a playlist; becomes a download of its own."""

    url: str
    title: str = ""
    duration: float | None = None


@dataclass(frozen=True)
class Started:
    """A child was forked. Always the first event."""

    pid: int
    engine_version: str  # yt-dlp's version


@dataclass(frozen=True)
class Found:
    """The page was read; comes before the first byte of media."""

    info: MediaInfo
    expected_size: int | None = None


@dataclass(frozen=True)
class Progress:
    """Comes at least once a second while a job runs, repeated when nothing changed. `percent` never falls."""

    percent: float
    step: Step
    speed: float | None = None
    eta: float | None = None
    downloaded: int = 0


@dataclass(frozen=True)
class Playlist:
    """The link is a list. `total` is the full length when known; `taken` says whether `entries` is to be queued
    (False: longer than `Limits.ask_above` and not confirmed, so ask first; `entries` is then empty). Last event."""

    title: str
    entries: tuple[Entry, ...]
    total: int | None
    taken: bool
    at_least: bool = False  # counting stopped; there are `total` or more


@dataclass(frozen=True)
class Finished:
    """Done: every file is complete, verified, and in the job folder. Last event."""

    info: MediaInfo
    files: tuple[File, ...]


@dataclass(frozen=True)
class Failed:
    """Did not work. Last event. `message` is one plain sentence; `detail` is the engine's own words, censored."""

    error: ErrorClass
    message: str
    advice: str
    detail: str = ""
    passing: bool = False  # may work by itself later, so retry
    retry_after: float | None = None  # the server's Retry-After


Event = Started | Found | Progress | Playlist | Finished | Failed
