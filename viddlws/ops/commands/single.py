"""The single processes, for production, where something else keeps them running; and Django's own commands."""

import click
from django.conf import settings
from django.core.management import execute_from_command_line

from viddlws.ops import processes
from viddlws.ops.options import served


@click.command()
@served
def web() -> None:
    """Serve the pages until told to end."""
    processes.load()
    host = f"[{settings.OPTIONS.host}]" if ":" in settings.OPTIONS.host else settings.OPTIONS.host
    processes.pages(f"{host}:{settings.OPTIONS.port}")


@click.command()
def worker() -> None:
    """Run downloads until told to end; what runs then goes back into the queue."""
    processes.worker()


@click.command()
def beat() -> None:
    """Ring by the clock until told to end. Run it once only."""
    processes.beat()


@click.command()
def flower() -> None:
    """Serve Flower, a view of workers and tasks, always behind a password."""
    options = settings.OPTIONS
    processes.flower_password()
    where = "in CELERY_FLOWER_PASSWORD" if options.flower_password else f"in {options.data_dir / 'flower_password'}"
    click.echo(f"Flower is at http://{options.flower_host}:{options.flower_port}")
    click.echo(f"User name: {options.flower_user}; the password is {where}.")
    processes.flower()


@click.command(
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False, "help_option_names": []}
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def manage(arguments: tuple[str, ...]) -> None:
    """Django's own commands, such as `viddlws manage dbshell`."""
    execute_from_command_line(["viddlws manage", *arguments])
