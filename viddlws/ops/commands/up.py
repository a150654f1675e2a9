"""`viddlws up`: everything on one machine, as one group of processes."""

import gc
import os
import socket
import sys
from collections.abc import Callable
from functools import partial

import click
from celery import current_app
from django.conf import settings

from viddlws.ops import announce, place, processes, valkey
from viddlws.ops.group import Group, Member
from viddlws.ops.options import served


@click.command()
@served
def up() -> None:
    """Run everything: Valkey, web, worker and beat as one group. Ctrl-C ends it; nothing is lost."""
    options = settings.OPTIONS
    try:
        lock = place.take(options.data_dir)
        door = _open_door(options.host, options.port)
    except (place.TakenError, OSError) as error:
        raise click.ClickException(str(error)) from error
    gc.disable()  # until each member is forked: a collection would touch what they are to share
    group = Group()
    try:
        _start(group, door, lock)
        group.keep()
        click.echo("Ending ...", err=True)
    finally:
        group.end()


def _start(group: Group, door: socket.socket, lock: int) -> None:
    def inside(run: Callable[..., object], *arguments: object) -> Callable[[], object]:
        return partial(_member, lock, partial(run, *arguments))

    options = settings.OPTIONS
    if not options.redis_url:
        current_app.conf.update(broker_url=valkey.prepare(options.data_dir))
        group.add(Member("valkey", inside(valkey.serve, options.data_dir), outlives=True))
    processes.load()
    if group.call(inside(announce.prepare)):
        group.end()
        sys.exit(1)
    group.add(Member("web", inside(processes.pages, f"fd://{door.fileno()}")))
    group.add(Member("worker", inside(processes.worker)))
    group.add(Member("beat", inside(processes.beat)))
    group.add(Member("announcement", inside(announce.say, *door.getsockname()[:2]), once=True))


def _member(lock: int, run: Callable[[], object]) -> None:
    """What every member does first: let go of the group's lock, so that it ends with the group's head alone."""
    os.close(lock)
    gc.enable()
    run()


def _open_door(host: str, port: int) -> socket.socket:
    """The socket the pages are served on; opened here, so that it stays the same when web is started again."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    door = socket.socket(family, socket.SOCK_STREAM)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        door.bind((host, port))
    except OSError as error:
        reason = error.strerror or str(error)
        raise OSError(
            f"{host} port {port} cannot be served: {reason}. Choose another with --host and --port."
        ) from error
    door.listen(2048)
    return door
