"""A job as yt-dlp's options. Pure: nothing is imported from yt-dlp, nothing is read from the machine.

The set is as small as it can be: nearly every weakness found in yt-dlp sat in an option that we do not set.
What a person wrote reaches no option except as a link and a list of language codes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from viddlws.engine.messages import Format, Job

RETRIES = 5
RETRY_SLEEP_MOST = 10.0  # seconds; all retries together stay below any sensible limit for a stall
FRAGMENT_THREADS = 4  # of segments at once: full speed from servers that limit a connection, half the cost of 16
SMALL_BLOCK = 64 << 10  # bytes: yt-dlp grows a file's block by itself, so a slow server is seen moving early
RECORDED_SHARE = 0.9  # of the job's limits, for a live stream; the rest is for reading and finishing
LARGE_BLOCK = 1 << 20  # bytes: a segment is read in few steps, which halves the work for HLS and DASH

Hook = Callable[[dict[str, Any]], None]


@dataclass(frozen=True)
class Surroundings:
    """What a job is given by the machine it runs on."""

    proxy: str  # the guard's address with the job's own credentials
    ffmpeg: str
    deno: str
    logger: object  # has debug, info, warning and error, each taking a text
    progress_hook: Hook
    resumable: bool = True  # what an attempt before has left may be continued


def build(job: Job, given: Surroundings) -> dict[str, Any]:
    """yt-dlp's parameters for `job`. Paths in them are relative to the job's folder."""
    return {
        **_behaviour(given),
        **_network(given),
        **_wanted(job),
        **_recording(job),
        "continuedl": given.resumable,
    }


def _behaviour(given: Surroundings) -> dict[str, Any]:
    return {
        "quiet": True,
        "noprogress": True,
        "color": "never",
        "logger": given.logger,
        "progress_hooks": [given.progress_hook],
        "progress_delta": 1,
        "outtmpl": {"default": "media.%(ext)s"},
        "updatetime": False,
        "cachedir": False,  # a cache that jobs share would let one job poison the next
        "ignoreerrors": False,
        "extract_flat": "in_playlist",
        "lazy_playlist": True,
        "noplaylist": True,
        "ffmpeg_location": given.ffmpeg,
        "js_runtimes": {"deno": {"path": given.deno}} if given.deno else {},
        "remote_components": [],
        "enable_file_urls": False,
        "external_downloader": None,
        "hls_prefer_native": True,
    }


def _network(given: Surroundings) -> dict[str, Any]:
    return {
        "proxy": given.proxy,
        "socket_timeout": 20,
        "retries": RETRIES,
        "fragment_retries": RETRIES,
        "file_access_retries": 3,
        "extractor_retries": 3,
        "retry_sleep_functions": {"http": retry_sleep, "fragment": retry_sleep},
        "concurrent_fragment_downloads": FRAGMENT_THREADS,
        "skip_unavailable_fragments": False,  # a film with a hole is not the film
        "buffersize": SMALL_BLOCK,
    }


def _wanted(job: Job) -> dict[str, Any]:
    audio_only = job.format is Format.AUDIO
    wanted: dict[str, Any] = {
        "format": "ba[acodec^=mp4a]/ba/b" if audio_only else "bv*+ba/b",
        "merge_output_format": "mp4/mkv",
        "writesubtitles": bool(job.subtitles) and not audio_only,
        "subtitleslangs": [*job.subtitles, "-live_chat"],
        "subtitlesformat": "vtt/srt/best",
    }
    sorting = _sorting(job)
    if sorting:
        wanted["format_sort"] = sorting
    return wanted


def _recording(job: Job) -> dict[str, Any]:
    """A live stream has no end of its own: ffmpeg ends it in good order before a limit does so by force."""
    if not job.live:
        return {}
    ends = []
    if job.limits.total:
        ends += ["-t", str(int(job.limits.total * RECORDED_SHARE))]
    if job.limits.size:
        ends += ["-fs", str(int(job.limits.size * RECORDED_SHARE))]
    return {"external_downloader_args": {"ffmpeg_o": ends}} if ends else {}


def _sorting(job: Job) -> list[str]:
    """The codec stands before the resolution: a picture that plays everywhere beats a sharper one that does not."""
    if job.best_quality:
        return []
    height = max(job.max_height, 1)
    return ["vcodec:h264", "lang", "quality", f"res:{height}", "fps", "hdr:12", "acodec:aac"]


def retry_sleep(n: int) -> float:
    """Seconds to wait before try number `n`."""
    return min(2.0 ** min(n, 10), RETRY_SLEEP_MOST)


def stream_options(stream: Mapping[str, Any]) -> dict[str, Any]:
    """What changes in the options while `stream`, one of yt-dlp's format records, is fetched."""
    fragmented = "fragments" in stream or str(stream.get("protocol", "")) not in ("http", "https", "")
    return {"buffersize": LARGE_BLOCK if fragmented else SMALL_BLOCK}
