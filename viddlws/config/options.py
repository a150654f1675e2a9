"""The one table of options: every setting an operator may change, with its type, default and help.

An option is read from the environment under each of its names, first name first, or from the file that `NAME_FILE`
points to (for secrets that are mounted as files). The settings page of the documentation is made from this table.
"""

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from viddlws.config.values import Broker, Count, Database, Names, Networks, Number, Port, Prefix, Seconds, Size, Urls


def option(default: Any, *names: str, help: str, secret: bool = False, group: str) -> Any:  # noqa: A002 - the field's word
    """One row of the table. Without names, the option is called VIDDLWS_ and the field's name."""
    return Field(default, description=help, json_schema_extra={"names": list(names), "secret": secret, "group": group})


class Options(BaseModel):
    """All options, typed and checked. Sizes are bytes, times are seconds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # Where things are
    data_dir: Path = option(
        Path("~/.local/share/viddlws"),
        group="Places",
        help="Folder for everything ViddlWS keeps when it is not told otherwise: database, media, secret key, sockets.",
    )
    media_dir: Path | None = option(
        None, group="Places", help="Folder for the downloaded media; the data folder's `media` when empty."
    )
    database_url: Database = option(
        "",
        "DATABASE_URL",
        secret=True,
        group="Places",
        help="Database, like postgres://user:password@host:5432/name. "
        "Empty: POSTGRES_HOST and its kin, else SQLite in the data folder.",
    )
    postgres_host: str = option("", "POSTGRES_HOST", group="Places", help="Host of the PostgreSQL server.")
    postgres_port: Port = option(5432, "POSTGRES_PORT", group="Places", help="Port of the PostgreSQL server.")
    postgres_db: str = option("viddlws", "POSTGRES_DB", group="Places", help="Name of the PostgreSQL database.")
    postgres_user: str = option("viddlws", "POSTGRES_USER", group="Places", help="User of the PostgreSQL database.")
    postgres_password: str = option("", "POSTGRES_PASSWORD", secret=True, group="Places", help="Its password.")
    redis_url: Broker = option(
        "",
        "REDIS_URL",
        "CELERY_BROKER_URL",
        secret=True,
        group="Places",
        help="Redis or Valkey, like redis://redis:6379/0. Empty: `viddlws up` starts a Valkey of its own.",
    )

    # Who may come in, and from where
    secret_key: str = option(
        "",
        "VIDDLWS_SECRET_KEY",
        "DJANGO_SECRET_KEY",
        secret=True,
        group="Access",
        help="Signs sessions and links. Empty: made once and kept in the data folder.",
    )
    public_urls: Urls = option(
        (),
        "VIDDLWS_PUBLIC_URLS",
        "PUBLIC_URLS",
        group="Access",
        help="Addresses under which people reach ViddlWS, the canonical one first, like https://videos.example.org.",
    )
    allowed_hosts: Names = option(
        (),
        "VIDDLWS_ALLOWED_HOSTS",
        "DJANGO_ALLOWED_HOSTS",
        group="Access",
        help="Further host names to answer to, besides those of PUBLIC_URLS.",
    )
    url_prefix: Prefix = option(
        "", "VIDDLWS_URL_PREFIX", "URL_PREFIX", group="Access", help="Path below which ViddlWS lives, like /videos."
    )
    admin_url: str = option(
        "",
        "VIDDLWS_ADMIN_URL",
        "DJANGO_ADMIN_URL",
        group="Access",
        help="Path of Django's own administration, like `hidden-door/`. Empty: it is switched off.",
    )
    allow_registration: bool = option(
        False,
        "VIDDLWS_ALLOW_REGISTRATION",
        "DJANGO_ACCOUNT_ALLOW_REGISTRATION",
        group="Access",
        help="Whether strangers may sign up.",
    )
    admin_password: str = option(
        "",
        "VIDDLWS_ADMIN_PASSWORD",
        secret=True,
        group="Access",
        help="Password of the first administrator, `admin`, made at the first start. "
        "Empty: a one-time address is printed instead.",
    )
    secure_cookies: bool | None = option(
        None,
        group="Access",
        help="Send cookies over https only. Empty: yes when the canonical public address is https.",
    )

    trusted_proxies: Number = option(
        0,
        group="Access",
        help="How many proxies in front add the caller's address to X-Forwarded-For. "
        "0: that header is not believed, and the connection's own address counts.",
    )

    # The engine
    allowed_networks: Networks = option(
        (),
        group="Engine",
        help="Networks of our own that links may point at although they are not public, like 192.168.7.0/24.",
    )
    download_concurrency: Count = option(
        6,
        "VIDDLWS_DOWNLOAD_CONCURRENCY",
        group="Engine",
        help="How many downloads run at once.",
    )
    site_concurrency: Count = option(3, group="Engine", help="How many downloads from one site run at once.")
    max_attempts: Count = option(
        5, group="Engine", help="How often a download is tried when what failed may pass by itself."
    )
    task_time_limit: Seconds = option(
        6 * 3600,
        "VIDDLWS_TASK_TIME_LIMIT",
        "CELERY_TASK_TIME_LIMIT",
        group="Engine",
        help="Most seconds one download may take. 0: no limit.",
    )
    stall_timeout: Seconds = option(
        90, group="Engine", help="Seconds without a byte after which a download is given up."
    )
    max_size: Size = option(0, group="Engine", help="Most bytes one download may take, like `20 GB`. 0: no limit.")
    max_height: Count = option(1080, group="Engine", help="Largest picture height that is fetched.")
    allow_live: bool = option(False, group="Engine", help="Whether live streams may be recorded.")
    playlist_limit: Count = option(500, group="Engine", help="Most entries taken from one playlist.")
    playlist_ask_above: Count = option(50, group="Engine", help="A playlist longer than this is asked about first.")
    audio_codec: Literal["m4a", "mp3"] = option("m4a", group="Engine", help="Kind of audio file: m4a or mp3.")
    subtitle_languages: Names = option(("en.*", "de"), group="Engine", help="Subtitles to keep, as yt-dlp names them.")
    ffmpeg: str = option("", group="Engine", help="Path of the ffmpeg to use. Empty: the one that came with ViddlWS.")

    # Disk and delivery
    disk_reserve: Size | None = option(
        None, group="Disk", help="Bytes that stay free, like `5 GB`. Empty: 1 GB or 2 % of the disk, whichever is less."
    )
    media_delivery: Literal["django", "nginx"] = option(
        "django", group="Disk", help="Who sends media: `django` itself, or `nginx` in front by X-Accel-Redirect."
    )

    # Processes
    host: str = option("127.0.0.1", group="Processes", help="Address the pages are served on; 0.0.0.0 means every one.")
    port: Port = option(8000, group="Processes", help="Port the pages are served on. 0: any free one.")
    web_threads: Count = option(64, group="Processes", help="Requests served at once by one web process.")
    web_concurrency: Count = option(1, "WEB_CONCURRENCY", group="Processes", help="Number of web processes.")
    flower_host: str = option("127.0.0.1", group="Processes", help="Address Flower is served on.")
    flower_port: Port = option(5555, group="Processes", help="Port Flower is served on.")
    flower_user: str = option("flower", "CELERY_FLOWER_USER", group="Processes", help="User name for Flower.")
    flower_password: str = option(
        "",
        "CELERY_FLOWER_PASSWORD",
        secret=True,
        group="Processes",
        help="Password for Flower. Empty: made once and kept in the data folder.",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = option(
        "INFO", group="Processes", help="How much is logged."
    )
    log_format: Literal["text", "json"] = option("text", group="Processes", help="One event a line, as text or JSON.")
    debug: bool = option(False, "VIDDLWS_DEBUG", "DJANGO_DEBUG", group="Processes", help="For developers only.")

    # Mail
    email_host: str = option(
        "", "EMAIL_HOST", "DJANGO_EMAIL_HOST", group="Mail", help="Mail server. Empty: no mail is sent."
    )
    email_port: Port = option(587, "EMAIL_PORT", "DJANGO_EMAIL_PORT", group="Mail", help="Its port.")
    email_host_user: str = option(
        "", "EMAIL_HOST_USER", "DJANGO_EMAIL_HOST_USER", group="Mail", help="User name there."
    )
    email_host_password: str = option(
        "", "EMAIL_HOST_PASSWORD", "DJANGO_EMAIL_HOST_PASSWORD", secret=True, group="Mail", help="Password there."
    )
    email_use_tls: bool = option(
        True, "EMAIL_USE_TLS", "DJANGO_EMAIL_USE_TLS", group="Mail", help="Whether to use STARTTLS."
    )
    email_use_ssl: bool = option(
        False, "EMAIL_USE_SSL", "DJANGO_EMAIL_USE_SSL", group="Mail", help="Whether the connection begins with TLS."
    )
    default_from_email: str = option(
        "ViddlWS <noreply@localhost>",
        "DEFAULT_FROM_EMAIL",
        "DJANGO_DEFAULT_FROM_EMAIL",
        group="Mail",
        help="Sender of our mail.",
    )

    @property
    def media(self) -> Path:
        return self.media_dir or self.data_dir / "media"


def names_of(field: str) -> list[str]:
    """The environment names of a field, the one to use first."""
    return [str(name) for name in _extra(field)["names"]] or [f"VIDDLWS_{field.upper()}"]


def is_secret(field: str) -> bool:
    """Whether the value must never be shown."""
    return bool(_extra(field)["secret"])


def group_of(field: str) -> str:
    """Heading under which the documentation lists the field."""
    return str(_extra(field)["group"])


def _extra(field: str) -> dict[str, Any]:
    extra = Options.model_fields[field].json_schema_extra
    assert isinstance(extra, dict)
    return dict(extra)
