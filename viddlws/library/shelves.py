"""Knowing cheaply whether what a feed reads has changed."""

from viddlws.accounts.models import User
from viddlws.library.models import Shelf, Tag


def watch(user: User, tag: Tag | None = None) -> None:
    """Count changes of what this person keeps, and of what has the tag, from now on.

    A tag is never counted without its owner: the owner's row is changed first, so that two transactions which change
    the rows of several tags wait for each other instead of for ever.
    """
    Shelf.objects.get_or_create(owner=user)
    if tag:
        Shelf.objects.get_or_create(tag=tag)
