"""The one table of options: every setting an operator may change, with its type, default and help.

An option is read from the environment under each of its names, first name first, or from the file that `NAME_FILE`
points to (for secrets that are mounted as files). The settings page of the documentation is made from this table.
"""

import os
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError


class OptionError(Exception):
    """A setting has a value we cannot use; the text is one sentence that names it."""


def _split(value: object) -> object:
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


def _networks(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(str(ip_network(value, strict=False)) for value in values)


def _public_urls(values: tuple[str, ...]) -> tuple[str, ...]:
    for value in values:
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
            raise ValueError(f"{value!r} is not an address like https://videos.example.org")
    return tuple(value.rstrip("/") for value in values)


def _prefix(value: str) -> str:
    value = value.rstrip("/")
    if value and not value.startswith("/"):
        raise ValueError("must begin with a slash, like /videos")
    return value


def _size(value: object) -> object:
    """'500 MB', '2G', '1073741824' -> bytes."""
    if not isinstance(value, str):
        return value
    text = value.strip().upper().removesuffix("B").removesuffix("I").strip()
    factor = {"K": 1000, "M": 1000**2, "G": 1000**3, "T": 1000**4}.get(text[-1:], 1)
    return int(float(text[:-1].strip() if factor > 1 else text) * factor)


Names = Annotated[tuple[str, ...], BeforeValidator(_split)]
Networks = Annotated[tuple[str, ...], BeforeValidator(_split), AfterValidator(_networks)]
Urls = Annotated[tuple[str, ...], BeforeValidator(_split), AfterValidator(_public_urls)]
Size = Annotated[int, BeforeValidator(_size), Field(ge=0)]
Prefix = Annotated[str, AfterValidator(_prefix)]


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
    database_url: str = option(
        "",
        "DATABASE_URL",
        secret=True,
        group="Places",
        help="Database, like postgres://user:password@host:5432/name. "
        "Empty: POSTGRES_HOST and its kin, else SQLite in the data folder.",
    )
    postgres_host: str = option("", "POSTGRES_HOST", group="Places", help="Host of the PostgreSQL server.")
    postgres_port: int = option(5432, "POSTGRES_PORT", group="Places", help="Port of the PostgreSQL server.")
    postgres_db: str = option("viddlws", "POSTGRES_DB", group="Places", help="Name of the PostgreSQL database.")
    postgres_user: str = option("viddlws", "POSTGRES_USER", group="Places", help="User of the PostgreSQL database.")
    postgres_password: str = option("", "POSTGRES_PASSWORD", secret=True, group="Places", help="Its password.")
    redis_url: str = option(
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

    # The engine
    allowed_networks: Networks = option(
        (),
        group="Engine",
        help="Networks of our own that links may point at although they are not public, like 192.168.7.0/24.",
    )
    download_concurrency: int = option(
        6,
        "VIDDLWS_DOWNLOAD_CONCURRENCY",
        group="Engine",
        help="How many downloads run at once.",
    )
    site_concurrency: int = option(3, group="Engine", help="How many downloads from one site run at once.")
    max_attempts: int = option(
        5, group="Engine", help="How often a download is tried when what failed may pass by itself."
    )
    task_time_limit: int = option(
        6 * 3600,
        "VIDDLWS_TASK_TIME_LIMIT",
        "CELERY_TASK_TIME_LIMIT",
        group="Engine",
        help="Most seconds one download may take. 0: no limit.",
    )
    stall_timeout: int = option(90, group="Engine", help="Seconds without a byte after which a download is given up.")
    max_size: Size = option(0, group="Engine", help="Most bytes one download may take, like `20 GB`. 0: no limit.")
    max_height: int = option(1080, group="Engine", help="Largest picture height that is fetched.")
    allow_live: bool = option(False, group="Engine", help="Whether live streams may be recorded.")
    playlist_limit: int = option(500, group="Engine", help="Most entries taken from one playlist.")
    playlist_ask_above: int = option(50, group="Engine", help="A playlist longer than this is asked about first.")
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
    web_threads: int = option(64, group="Processes", help="Requests served at once by one web process.")
    web_concurrency: int = option(1, "WEB_CONCURRENCY", group="Processes", help="Number of web processes.")
    flower_user: str = option("", "CELERY_FLOWER_USER", group="Processes", help="User name for Flower.")
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
    email_port: int = option(587, "EMAIL_PORT", "DJANGO_EMAIL_PORT", group="Mail", help="Its port.")
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
    extra = Options.model_fields[field].json_schema_extra
    assert isinstance(extra, dict)
    given = extra["names"]
    assert isinstance(given, list)
    return [str(name) for name in given] or [f"VIDDLWS_{field.upper()}"]


def _given(field: str, environ: Mapping[str, str]) -> tuple[str, str] | None:
    """Name and text of an option as the environment has it; an empty text counts as not given."""
    for name in names_of(field):
        if environ.get(name):
            return name, environ[name]
        if path := environ.get(f"{name}_FILE"):
            try:
                return f"{name}_FILE", Path(path).read_text(encoding="utf-8").strip()
            except OSError as error:
                raise OptionError(f"{name}_FILE names {path}, which cannot be read: {error.strerror}.") from error
    return None


def load(environ: Mapping[str, str] = os.environ) -> Options:
    """The options as the environment has them. Raises OptionError with one sentence when a value cannot be used."""
    found = {field: given for field in Options.model_fields if (given := _given(field, environ))}
    try:
        options = Options(**{field: text for field, (_, text) in found.items()})  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        field = str(first["loc"][0])
        name, text = found[field]
        extra = Options.model_fields[field].json_schema_extra
        shown = "" if isinstance(extra, dict) and extra["secret"] else f" (it is {text!r})"
        raise OptionError(f"{name} cannot be used{shown}: {first['msg'].removeprefix('Value error, ')}.") from error
    places = {"data_dir": options.data_dir.expanduser().absolute()}
    if options.media_dir:
        places["media_dir"] = options.media_dir.expanduser().absolute()
    return options.model_copy(update=places)
