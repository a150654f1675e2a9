"""What `viddlws doctor` looks at. Each finding says how it stands and, where it must be mended, what to do."""

import os
import platform
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from urllib.parse import urlsplit

import deno
import imageio_ffmpeg
from django.conf import settings

from viddlws.downloads.waiting import size
from viddlws.engine.guard import sandbox
from viddlws.library import storage
from viddlws.ops import checks

_PATIENCE = 20.0  # seconds a program may take to tell its version


@dataclass(frozen=True)
class Finding:
    """`advice` is empty when all is well. `broken`: without mending this, ViddlWS does not do its work."""

    subject: str
    text: str
    advice: str = ""
    broken: bool = False


def all_findings() -> Iterator[Finding]:
    for look in (_versions, _data_folder, _database, _broker, _ffmpeg, _javascript, _disk, _guard, contradictions):
        yield from look()


def _versions() -> Iterator[Finding]:
    names = ("viddlws", "yt-dlp", "django", "celery")
    told = ", ".join(f"{name} {metadata.version(name)}" for name in names)
    yield Finding("versions", f"{told}, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}")


def _data_folder() -> Iterator[Finding]:
    for subject, folder in (("data folder", settings.OPTIONS.data_dir), ("media folder", Path(settings.MEDIA_ROOT))):
        existing = folder
        while not existing.exists():
            existing = existing.parent
        if os.access(existing, os.W_OK | os.X_OK):
            yield Finding(subject, str(folder))
        else:
            advice = f"Let the user {os.geteuid()} write in {existing}, or choose another folder."
            yield Finding(subject, f"{folder} cannot be written.", advice, broken=True)


def _database() -> Iterator[Finding]:
    engine = settings.DATABASES["default"]["ENGINE"].rpartition(".")[2]
    if trouble := checks.database_trouble():
        yield Finding(
            "database", trouble, "Start it, and check DATABASE_URL or POSTGRES_HOST and its kin.", broken=True
        )
    elif waiting := checks.migration_trouble():
        yield Finding("database", f"{engine}: {waiting}", "Run `viddlws up`, or `viddlws manage migrate`.", broken=True)
    else:
        yield Finding("database", f"{engine}, up to date")


def _broker() -> Iterator[Finding]:
    if trouble := checks.broker_trouble():
        advice = "Start it, and check REDIS_URL." if settings.OPTIONS.redis_url else "Start ViddlWS with `viddlws up`."
        yield Finding("broker", trouble, advice, broken=True)
        return
    yield Finding("broker", "answers")
    if names := checks.workers():
        yield Finding("worker", ", ".join(sorted(names)))
    else:
        yield Finding("worker", "No worker answers.", "Start one: `viddlws up` or `viddlws worker`.", broken=True)


def _ffmpeg() -> Iterator[Finding]:
    yield from _program(
        "ffmpeg",
        lambda: settings.OPTIONS.ffmpeg or imageio_ffmpeg.get_ffmpeg_exe(),
        "-version",
        "Let VIDDLWS_FFMPEG name an ffmpeg that runs, or leave it empty for the one that came along.",
    )


def _javascript() -> Iterator[Finding]:
    advice = "Install the Python package deno again; without it YouTube does not work."
    yield from _program("JavaScript runtime", deno.find_deno_bin, "--version", advice)


def _program(subject: str, find: Callable[[], object], question: str, advice: str) -> Iterator[Finding]:
    try:
        program = str(find())
        answer = subprocess.run([program, question], capture_output=True, text=True, timeout=_PATIENCE, check=True)
    except (OSError, RuntimeError, subprocess.SubprocessError) as error:
        yield Finding(subject, f"It does not run: {error}.", advice, broken=True)
    else:
        yield Finding(subject, f"{answer.stdout.partition(chr(10))[0].partition(' Copyright')[0]} ({program})")


def _disk() -> Iterator[Finding]:
    space = storage.free_space()
    text = f"{size(space.free)} of {size(space.total)} free, {size(space.reserve)} are kept in reserve"
    advice = "Free some space, or lower VIDDLWS_DISK_RESERVE; until then downloads wait." if space.short else ""
    yield Finding("disk", text, advice, broken=space.short)


def _guard() -> Iterator[Finding]:
    level = sandbox.level()
    weak = "" if level == sandbox.FULL else "A newer Linux kernel (6.7 or later) lets the kernel itself stand guard."
    yield Finding("guard", f"{level}: {sandbox.explain(level)}", weak)


def contradictions() -> Iterator[Finding]:
    """Settings of which one makes the other useless or unsafe."""
    options = settings.OPTIONS
    schemes = {urlsplit(url).scheme for url in options.public_urls}
    beyond = options.host not in {"127.0.0.1", "localhost", "::1"}
    rules = (
        (options.database_url and options.postgres_host,
         "DATABASE_URL and POSTGRES_HOST are both set; the first holds.",
         "Keep one of them."),
        (options.media_delivery == "nginx" and not options.public_urls,
         "VIDDLWS_MEDIA_DELIVERY is nginx, but no PUBLIC_URLS says that a proxy is in front.",
         "Set PUBLIC_URLS, or VIDDLWS_MEDIA_DELIVERY=django: without nginx nothing can be played."),
        (options.secure_cookies and "http" in schemes,
         "VIDDLWS_SECURE_COOKIES is on, but an address of PUBLIC_URLS is http: nobody can sign in there.",
         "Use https, or switch it off."),
        (options.secure_cookies is False and "https" in schemes,
         "VIDDLWS_SECURE_COOKIES is off although PUBLIC_URLS is https.", "Leave it empty."),
        (options.email_use_ssl and os.environ.get("EMAIL_USE_TLS", "").lower() in {"1", "true", "yes", "on"},
         "EMAIL_USE_SSL and EMAIL_USE_TLS are both on; the first holds.", "Keep one of them."),
        (options.site_concurrency > options.download_concurrency,
         "VIDDLWS_SITE_CONCURRENCY is above VIDDLWS_DOWNLOAD_CONCURRENCY, so it has no effect.", "Lower it."),
        (options.playlist_ask_above > options.playlist_limit,
         "VIDDLWS_PLAYLIST_ASK_ABOVE is above VIDDLWS_PLAYLIST_LIMIT, so long lists are cut without a question.",
         "Lower it."),
        (options.task_time_limit and options.task_time_limit < options.stall_timeout,
         "VIDDLWS_TASK_TIME_LIMIT is below VIDDLWS_STALL_TIMEOUT.", "Raise the first."),
        (options.debug and (beyond or options.public_urls),
         "VIDDLWS_DEBUG is on while others can reach ViddlWS: error pages show its insides.", "Switch it off."),
    )  # fmt: skip
    for holds, text, advice in rules:
        if holds:
            yield Finding("settings", text, advice, broken=True)
