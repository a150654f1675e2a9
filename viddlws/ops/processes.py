"""What each process of ViddlWS does, whether alone or as a member of the group: pages, worker, clock, Flower."""

import logging
import signal
import socket
import sys
import warnings
from importlib import import_module
from typing import Any

from celery import current_app
from celery.beat import Scheduler, Service
from django.conf import settings
from django.core.servers.basehttp import get_internal_wsgi_application
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger

from viddlws.engine.kernel import die_with
from viddlws.lib import secrets

_LATER = (  # imported by Celery and gunicorn only when they start, which would be once in each process
    "billiard.pool",
    "celery.app.amqp",
    "celery.app.control",
    "celery.app.events",
    "celery.app.log",
    "celery.app.routes",
    "celery.apps.worker",
    "celery.concurrency.thread",
    "celery.events",
    "celery.worker.autoscale",
    "celery.worker.components",
    "celery.worker.consumer",
    "celery.worker.control",
    "celery.worker.strategy",
    "gunicorn.workers.gthread",
    "kombu.transport.redis",
)


def load() -> None:
    """Import what the processes need, so that those forked from this one share it."""
    get_internal_wsgi_application()
    current_app.loader.import_default_modules()
    current_app.finalize()
    for name in _LATER:
        import_module(name)
    for part in ("amqp", "backend", "control", "events", "log"):
        getattr(current_app, part)  # made on first use


def pages(bind: str) -> None:
    """Serve the pages on `host:port`, `unix:path` or `fd://number` until told to end."""
    _Pages(bind).run()


def worker() -> None:
    """Run downloads and errands until told to end; what runs then goes back into the queue."""
    warnings.filterwarnings("ignore", "You're running the worker with superuser")  # as a container may
    running = current_app.Worker(
        hostname=f"worker@{socket.gethostname()}",
        pool=current_app.conf.worker_pool,
        loglevel=logging.WARNING,
        without_gossip=True,
        without_mingle=True,
        quiet=True,
    )
    running.start()
    raise SystemExit(running.exitcode or 0)


def beat() -> None:
    """Ring by the clock until told to end."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    _Clock(current_app).start()


def flower() -> None:
    """Serve Flower, always behind a password, until told to end."""
    options = settings.OPTIONS
    current_app.start(
        [
            "--quiet",
            "flower",
            f"--address={options.flower_host}",
            f"--port={options.flower_port}",
            f"--basic-auth={options.flower_user}:{flower_password()}",
            "--logging=warning",
        ]
    )


def flower_password() -> str:
    """The operator's, else one that is made once and kept in the data folder."""
    return str(settings.OPTIONS.flower_password or secrets.kept(settings.OPTIONS.data_dir / "flower_password"))


class _Clock(Service):
    """Celery's clock with its plain scheduler, found without searching all installed packages for others."""

    def get_scheduler(self, lazy: bool = False, extension_namespace: str = "") -> Scheduler:
        return Scheduler(app=self.app, max_interval=self.max_interval, lazy=lazy)


class _Log(Logger):  # type: ignore[misc]
    """Gunicorn's words take the same way as all others."""

    def setup(self, cfg: Any) -> None:
        self.error_log.setLevel(logging.WARNING)
        self.access_log.disabled = True


class _Pages(BaseApplication):  # type: ignore[misc]
    """Gunicorn with threads, so that stalled players leave the pages quick."""

    def __init__(self, bind: str) -> None:
        self.bind = bind
        super().__init__()

    def load_config(self) -> None:
        options = settings.OPTIONS
        values = {
            "bind": self.bind,
            "worker_class": "gthread",
            "workers": options.web_concurrency,
            "threads": options.web_threads,
            "worker_connections": 1000,
            "preload_app": True,
            "timeout": 60,
            "graceful_timeout": 3,
            "keepalive": 15,
            "control_socket_disable": True,
            "logger_class": _Log,
            "post_fork": lambda arbiter, child: die_with(arbiter.pid),
        }
        for name, value in values.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        return get_internal_wsgi_application()
