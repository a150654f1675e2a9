"""The doorbells of feeds."""

from celery import shared_task

from viddlws.feeds import pictures


@shared_task(name="feeds.tidy")
def tidy() -> None:
    pictures.tidy()
