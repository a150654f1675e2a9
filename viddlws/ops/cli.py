"""The `viddlws` command. Each command is a module of its own, loaded with Django's settings only when it is called."""

import os
import sys
from collections.abc import Sequence
from importlib import import_module, metadata
from typing import Any

import click
import django
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError

from viddlws.ops.options import data, take_settings

_COMMANDS = {  # name: module of `commands`, what it does
    "up": ("up", "Run everything: Valkey, web, worker and beat as one group."),
    "web": ("single", "Serve the pages (one process for production)."),
    "worker": ("single", "Run downloads (one process for production)."),
    "beat": ("single", "Ring by the clock (one process for production)."),
    "flower": ("single", "Watch workers and tasks in a browser."),
    "add": ("downloads", "Download links."),
    "list": ("downloads", "List downloads and their files."),
    "retry": ("downloads", "Try a failed download again."),
    "cancel": ("downloads", "Cancel a download."),
    "remove": ("downloads", "Remove a download with its video and files."),
    "feed": ("feeds", "Make, list and close feeds for podcast apps."),
    "user": ("users", "Make and list accounts."),
    "doctor": ("doctor", "Check that everything works, and say what to mend."),
    "manage": ("single", "Django's own commands."),
}


class Commands(click.Group):
    """Finds a command by name and gets everything ready that it needs."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        _set_up()
        module = import_module(f"viddlws.ops.commands.{_COMMANDS[cmd_name][0]}")
        command: click.Command = getattr(module, {"list": "list_"}.get(cmd_name, cmd_name))
        if data not in command.params:
            command.params.append(data)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in _COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except DatabaseError as error:
            reason = (str(error).strip().splitlines() or ["no reason given"])[0]
            raise click.ClickException(
                f"The database cannot be used: {reason}. `viddlws doctor` says what to do."
            ) from error
        except Exception as error:
            if words := _plain_words(error):
                raise click.ClickException(words) from error
            raise

    def main(self, args: Sequence[str] | None = None, *more: Any, **named: Any) -> Any:
        return super().main(take_settings(sys.argv[1:] if args is None else args), *more, **named)


@click.group(cls=Commands, params=[data], context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(metadata.version("viddlws"), message="ViddlWS %(version)s")
def main() -> None:
    """The Video Download Web Service: paste a link, keep it, play it."""


def _plain_words(error: Exception) -> str:
    """What an error of our services says to people; empty for any other error."""
    if isinstance(error, click.ClickException):
        return ""
    return f"{getattr(error, 'message', '')} {getattr(error, 'advice', '')}".strip() if hasattr(error, "advice") else ""


def _set_up() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "viddlws.config.settings")
    try:
        django.setup()
    except ImproperlyConfigured as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(2)
