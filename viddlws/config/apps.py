"""Makes the job queue known wherever Django is set up, so that bells are heard."""

from importlib import import_module

from django.apps import AppConfig


class Config(AppConfig):
    name = "viddlws.config"
    label = "viddlws_config"

    def ready(self) -> None:
        import_module("viddlws.config.celery")  # needs the settings, so it cannot be imported above
