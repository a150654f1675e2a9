"""The doorbell of renditions."""

from celery import shared_task

from viddlws.library import worker


@shared_task(name="library.render")
def render() -> None:
    worker.render()
