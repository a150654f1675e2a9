"""Whose things, and which of them, a command is about."""

from typing import TypeVar
from uuid import UUID

import click
from django.db.models import Model, QuerySet

from viddlws.accounts.models import User
from viddlws.downloads.models import Download
from viddlws.feeds.models import Feed

SHORTEST_ID = 4  # characters of an id's beginning
_FULL = 32

Row = TypeVar("Row", bound=Model)


def user_named(name: str | None) -> User:
    """This person; without a name the only one there is. Raises ClickException when that is not clear."""
    if name is not None:
        found = User.objects.filter(username__iexact=name).first()
        if not found:
            raise click.ClickException(f"There is no account {name}. `viddlws user list` names those there are.")
        return found
    users = list(User.objects.order_by("pk")[:2])
    if not users:
        raise click.ClickException("There is no account yet. Make one with `viddlws user add NAME --admin`.")
    if len(users) > 1:
        raise click.ClickException("There is more than one account, so say whose with --user NAME.")
    return users[0]


def download_with(beginning: str) -> Download:
    """The one download whose id begins like this. Raises ClickException when there is none, or more than one."""
    return _only("download", beginning, Download.objects.select_related("owner"))


def feed_with(beginning: str) -> Feed:
    """The one feed whose id begins like this; else as `download_with`."""
    return _only("feed", beginning, Feed.objects.select_related("owner", "tag"))


def _only(what: str, beginning: str, rows: QuerySet[Row]) -> Row:
    digits = beginning.replace("-", "").lower()
    if not SHORTEST_ID <= len(digits) <= _FULL or not set(digits) <= set("0123456789abcdef"):
        raise click.ClickException(f"{beginning!r} is no id: give at least its first {SHORTEST_ID} characters.")
    span = UUID(digits.ljust(_FULL, "0")), UUID(digits.ljust(_FULL, "f"))
    found = list(rows.filter(pk__range=span)[:2])
    if not found:
        raise click.ClickException(f"There is no {what} {beginning}.")
    if len(found) > 1:
        raise click.ClickException(f"More than one {what} begins with {beginning}; give more of the id.")
    return found[0]
