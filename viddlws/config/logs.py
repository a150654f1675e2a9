"""Logs: one event a line on standard error, as text for people or JSON for machines, never with a secret."""

import logging.config
import re
from collections.abc import Mapping
from typing import Any

import structlog

from viddlws.config.options import Options

_SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]
# A feed's key stands in its address, and an address in whatever says what was asked for.
_KEYS = re.compile(r"(podcast(?:/|%2f)+)(?!\w+\.py)[^\s/\"'?%]+", re.IGNORECASE)
_QUIET = ("amqp", "celery", "django_structlog", "gunicorn", "kombu", "urllib3")


def set_up(options: Options) -> None:
    """Set up structlog and the standard library's logging to the same end."""
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    renderer: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if options.log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=False, pad_event_to=28)
    )
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "line": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "foreign_pre_chain": _SHARED,
                    "processors": [
                        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                        structlog.processors.format_exc_info,
                        renderer,
                        without_keys,
                    ],
                }
            },
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
            "root": {"handlers": ["stderr"], "level": options.log_level},
            "loggers": {name: {"level": "WARNING"} for name in _QUIET},
        }
    )


def without_keys(_logger: object, _name: str, line: str) -> str:
    """The last step for every line, whoever wrote it: no key of a feed is in it."""
    return _KEYS.sub(r"\1***", line)


def warn_of_unknown(names: Mapping[str, str]) -> None:
    """Say which variables look like options and are none; see `environment.unknown`."""
    log = structlog.get_logger(__name__)
    for name, meant in names.items():
        log.warning("option.unknown", name=name, **({"meant": meant} if meant else {}))
