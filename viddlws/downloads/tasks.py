"""The doorbells of the queue."""

from uuid import UUID

from celery import shared_task

from viddlws.downloads import worker


@shared_task(name="downloads.perform")
def perform(download_id: str) -> None:
    worker.perform(UUID(download_id))


@shared_task(name="downloads.dispatch")
def dispatch() -> None:
    worker.dispatch()


@shared_task(name="downloads.sweep")
def sweep() -> None:
    worker.sweep()


@shared_task(name="downloads.tidy")
def tidy() -> None:
    worker.tidy()
