"""The kinds of value an option may have, read from text. Every complaint is the end of a sentence: `NAME ...`."""

from ipaddress import ip_network
from typing import Annotated
from urllib.parse import urlsplit

import dj_database_url
from pydantic import AfterValidator, BeforeValidator, Field

_FACTORS = {"K": 1000, "M": 1000**2, "G": 1000**3, "T": 1000**4}


def _split(value: object) -> object:
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


def _networks(values: tuple[str, ...]) -> tuple[str, ...]:
    try:
        return tuple(str(ip_network(value, strict=False)) for value in values)
    except ValueError as error:
        raise ValueError("must be networks with commas between them, like 192.168.7.0/24, fd00::/8") from error


def _public_urls(values: tuple[str, ...]) -> tuple[str, ...]:
    for value in values:
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
            raise ValueError("must be addresses with commas between them, like https://videos.example.org")
    return tuple(value.rstrip("/") for value in values)


def _prefix(value: str) -> str:
    value = value.rstrip("/")
    if value and not value.startswith("/"):
        raise ValueError("must begin with a slash, like /videos")
    return value


def _size(value: object) -> object:
    """'500 MB', '2G', '1.5 TiB', '1073741824' -> bytes."""
    if not isinstance(value, str):
        return value
    text = value.strip().upper().removesuffix("B").removesuffix("I").strip()
    factor = _FACTORS.get(text[-1:], 1)
    try:
        return int(float(text[:-1].strip() if factor > 1 else text) * factor)
    except (ValueError, OverflowError) as error:
        raise ValueError("must be a size, like 500 MB or 20 GB") from error


def _database(value: str) -> str:
    try:
        known = (
            dj_database_url.parse(value)["ENGINE"].rpartition(".")[2] in {"postgresql", "sqlite3"} if value else True
        )
    except (ValueError, KeyError) as error:
        raise ValueError("must be an address like postgres://user:password@host:5432/name") from error
    if not known:
        raise ValueError("must name a PostgreSQL or SQLite database, like postgres://user:password@host:5432/name")
    return value


def _broker(value: str) -> str:
    """Valkey's own spellings become those that Celery knows."""
    for theirs, ours in (("valkey://", "redis://"), ("valkeys://", "rediss://"), ("unix://", "redis+socket://")):
        if value.startswith(theirs):
            value = ours + value.removeprefix(theirs)
    if value and urlsplit(value).scheme not in {"redis", "rediss", "redis+socket"}:
        raise ValueError("must be an address like redis://redis:6379/0")
    return value


Names = Annotated[tuple[str, ...], BeforeValidator(_split)]
Networks = Annotated[tuple[str, ...], BeforeValidator(_split), AfterValidator(_networks)]
Urls = Annotated[tuple[str, ...], BeforeValidator(_split), AfterValidator(_public_urls)]
Size = Annotated[int, BeforeValidator(_size), Field(ge=0)]
Prefix = Annotated[str, AfterValidator(_prefix)]
Port = Annotated[int, Field(ge=0, le=65535)]
Count = Annotated[int, Field(ge=1)]
Seconds = Annotated[int, Field(ge=0)]
Number = Annotated[int, Field(ge=0)]
Database = Annotated[str, AfterValidator(_database)]
Broker = Annotated[str, AfterValidator(_broker)]
