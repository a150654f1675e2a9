"""Where the rows are: PostgreSQL by address, or SQLite in the data folder."""

from typing import Any

import dj_database_url

from viddlws.config.options import Options

_SQLITE = {
    "transaction_mode": "IMMEDIATE",  # a writer waits for its turn at BEGIN instead of failing in the middle
    "timeout": 30,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-16000;"
    " PRAGMA mmap_size=134217728; PRAGMA foreign_keys=ON;",
}


def from_options(options: Options) -> dict[str, dict[str, Any]]:
    """Django's DATABASES: DATABASE_URL, else POSTGRES_HOST and its kin, else SQLite in the data folder."""
    if options.database_url:
        return {"default": _tuned(dict(dj_database_url.parse(options.database_url)))}
    if options.postgres_host:
        return {
            "default": _tuned(
                {
                    "ENGINE": "django.db.backends.postgresql",
                    "NAME": options.postgres_db,
                    "USER": options.postgres_user,
                    "PASSWORD": options.postgres_password,
                    "HOST": options.postgres_host,
                    "PORT": options.postgres_port,
                }
            )
        }
    return {"default": _tuned({"ENGINE": "django.db.backends.sqlite3", "NAME": options.data_dir / "viddlws.sqlite3"})}


def _tuned(database: dict[str, Any]) -> dict[str, Any]:
    if database["ENGINE"].endswith("sqlite3"):
        return {**database, "OPTIONS": _SQLITE, "CONN_MAX_AGE": None}
    return {**database, "CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
