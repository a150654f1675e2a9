"""Options of the command line that are settings: they go into the environment before the settings are read."""

import os
from collections.abc import Callable, Sequence
from typing import Any

import click

_EVERYWHERE = {"--data": "VIDDLWS_DATA_DIR"}
_SERVED = {"--host": "VIDDLWS_HOST", "--port": "VIDDLWS_PORT"}
_SERVERS = {"up", "web"}

data = click.Option(["--data"], metavar="DIR", expose_value=False, help="Data folder, instead of VIDDLWS_DATA_DIR.")


def served(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds --host and --port to the help of a command that serves pages."""
    command = click.option("--port", metavar="PORT", expose_value=False, help="Port; 0: any free. [8000]")(command)
    return click.option("--host", metavar="HOST", expose_value=False, help="Address; 0.0.0.0: every. [127.0.0.1]")(
        command
    )


def take_settings(arguments: Sequence[str]) -> list[str]:
    """Put settings among the arguments into the environment; return the other arguments."""
    rest: list[str] = []
    command = ""
    ahead = iter(arguments)
    for argument in ahead:
        if argument == "--":
            return [*rest, argument, *ahead]
        name, given, value = argument.partition("=")
        variable = {**_EVERYWHERE, **(_SERVED if command in _SERVERS else {})}.get(name)
        text = value if given else next(ahead, None) if variable else None
        if variable and text is not None:
            os.environ[variable] = text
            continue
        command = command or ("" if argument.startswith("-") else argument)
        rest.append(argument)
    return rest
