"""The job queue: Celery's settings, its queues, and the whole table of what happens by the clock.

A task is only a doorbell (see `lib.bell`): losing the broker loses no work, and ringing twice does no harm.
"""

import os
import threading
from importlib import import_module
from typing import Any

from celery import Celery
from celery.signals import setup_logging, task_postrun, task_prerun, worker_ready, worker_shutdown, worker_shutting_down
from django.conf import settings
from django.db import close_old_connections

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "viddlws.config.settings")

_FOR_NOW = {"expires": 60.0}  # seconds; few bells pile up while no worker listens, and clocks may differ a little

app = Celery("viddlws", fixups=[])  # its fixup for Django would run every system check in each process
app.set_default()  # in every thread, not in this one alone
app.conf.update(
    broker_url=settings.BROKER_URL,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,  # the broker will be back, and until then there is nothing else to do
    broker_transport_options={
        "visibility_timeout": 7 * 24 * 3600,  # shorter, and a long download is handed out a second time
        "socket_timeout": 5,
        "socket_connect_timeout": 5,
        "socket_keepalive": True,
        "max_retries": 0,  # of publishing: whoever rings a bell does not wait; a worker's own connection tries for ever
        "interval_start": 0,
    },
    task_ignore_result=True,
    task_acks_late=False,
    task_publish_retry=False,  # a bell nobody hears is rung again by the clock
    task_default_queue="viddlws",
    task_send_sent_event=True,
    worker_send_task_events=True,
    worker_prefetch_multiplier=1,
    worker_redirect_stdouts=False,
    worker_concurrency=settings.OPTIONS.download_concurrency + 3,  # downloads, a rendition, two for short errands
    worker_pool="threads",  # a task only supervises a process of the engine
    timezone="UTC",
    beat_scheduler="celery.beat:Scheduler",  # all entries are frequent: nothing worth remembering over a restart
    beat_schedule={
        "dispatch what waits": {"task": "downloads.dispatch", "schedule": 5.0, "options": _FOR_NOW},
        "find lost work": {"task": "downloads.sweep", "schedule": 5.0, "options": _FOR_NOW},
        "make what feeds want": {"task": "library.render", "schedule": 5.0, "options": _FOR_NOW},
        "clear what nobody owns": {"task": "downloads.tidy", "schedule": 3600.0, "options": _FOR_NOW},
        "clear pictures that no feed needs": {"task": "feeds.tidy", "schedule": 3600.0, "options": _FOR_NOW},
    },
)
app.autodiscover_tasks(["viddlws.library", "viddlws.downloads", "viddlws.feeds"])


@task_prerun.connect
@task_postrun.connect
def close_stale_connections(**_: Any) -> None:
    """What a request does for the pages: drop database connections that broke or grew old."""
    close_old_connections()


@setup_logging.connect
def keep_our_logging(**_: Any) -> None:
    """Having an answer here keeps Celery from setting up logging in its own way."""


@worker_ready.connect
def warm_up(**_: Any) -> None:
    """Start the engine and look for work."""
    import_module("viddlws.downloads.worker").start()


@worker_shutdown.connect
def end_the_engine(**_: Any) -> None:
    """Called when no task runs any more."""
    import_module("viddlws.downloads.worker").close()


@worker_shutting_down.connect
def give_back_what_runs(**_: Any) -> None:
    """Put what runs back into its queue, aside: this is called inside a signal handler."""
    threading.Thread(target=_stop, name="giving back").start()


def _stop() -> None:
    for subject in ("library", "downloads"):
        import_module(f"viddlws.{subject}.worker").stop()
