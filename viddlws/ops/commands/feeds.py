"""Feeds from the shell: what the pages do, by the same services."""

import json
from typing import Any

import click
from django.conf import settings
from django.utils import timezone

from viddlws.downloads.waiting import size
from viddlws.feeds import addresses, opml, services
from viddlws.feeds.models import Feed, Kind, Order
from viddlws.ops import place, printing
from viddlws.ops.who import feed_with, user_named

_ANY = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - replaced, not listened on


@click.group()
def feed() -> None:
    """Make, list and close feeds for podcast apps."""
    place.make_database()


@feed.command()
@click.option("--tag", metavar="T", default="", help="What has this tag.")
@click.option("--search", metavar="Q", default="", help="What is found by these words. Neither: everything.")
@click.option("--user", metavar="NAME", help="Whose; may be left out while there is one account.")
@click.option("--kind", type=click.Choice(Kind.values), default=Kind.AUDIO.value)
@click.option(
    "--order", type=click.Choice(Order.values), default=Order.ARCHIVED.value, help="Which date episodes bear."
)
@click.option("--name", metavar="N", default="", help="Name in the app, instead of the tag or the search.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
def add(tag: str, search: str, user: str | None, kind: str, order: str, name: str, as_json: bool) -> None:
    """Make a feed, or find the one there is, and print its address."""
    made = services.subscribe(user_named(user), tag=tag, query=search, kind=kind, order=order, name=name)
    _show(made, as_json)


@feed.command("list")
@click.option("--user", metavar="NAME", help="Whose; may be left out while there is one account.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array.")
def list_(user: str | None, as_json: bool) -> None:
    """List feeds: what is in them, who fetched them last and when."""
    listed = services.feeds_of(user_named(user))
    if as_json:
        click.echo(json.dumps([{**_described(each.feed), "items": each.items, "size": each.size} for each in listed]))
        return
    for each in listed:
        click.echo(_line(each))


@feed.command()
@click.argument("beginning", metavar="ID")
def rotate(beginning: str) -> None:
    """Give a feed another key and print its new address; the old one is closed at once."""
    found = feed_with(beginning)
    click.echo(_address(services.rotate(found.owner, found.pk)))


@feed.command()
@click.argument("beginning", metavar="ID")
def revoke(beginning: str) -> None:
    """Close a feed at once. `rotate` opens it again under another address."""
    found = feed_with(beginning)
    services.revoke(found.owner, found.pk)
    click.echo(f"{found.pk} is closed.")


@feed.command("opml")
@click.option("--user", metavar="NAME", help="Whose; may be left out while there is one account.")
def opml_(user: str | None) -> None:
    """Print all open feeds as OPML, for importing into an app."""
    owner = user_named(user)
    open_feeds = [each.feed for each in services.feeds_of(owner) if not each.feed.revoked]
    named = ((each.full_title, _address(each)) for each in open_feeds)
    click.echo("".join(opml.write(f"ViddlWS of {owner.username}", timezone.now(), named)), nl=False)


def _address(feed: Feed) -> str:
    return addresses.address(feed, _origin())


def _origin() -> str:
    """Where this machine reaches us; counts only while no public address is set."""
    host = _ANY.get(settings.OPTIONS.host, settings.OPTIONS.host)
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.OPTIONS.port}"


def _show(feed: Feed, as_json: bool) -> None:
    click.echo(json.dumps(_described(feed)) if as_json else _address(feed))


def _described(feed: Feed) -> dict[str, Any]:
    return {
        "id": str(feed.pk),
        "name": feed.title,
        "address": None if feed.revoked else _address(feed),
        "tag": feed.tag.name if feed.tag else None,
        "search": feed.query or None,
        "kind": feed.kind,
        "order": feed.order,
        "revoked": feed.revoked,
        "created_at": feed.created_at.isoformat(),
        "fetched_at": feed.fetched_at.isoformat() if feed.fetched_at else None,
        "fetched_by": feed.fetched_by or None,
    }


def _line(each: services.Listed) -> str:
    feed = each.feed
    seen = (
        f"{feed.fetched_at:%Y-%m-%d %H:%M} UTC by {feed.fetched_by or 'an app'}" if feed.fetched_at else "never fetched"
    )
    where = "closed" if feed.revoked else _address(feed)
    text = f"{feed.full_title}, {each.items} items, {size(each.size)}, {seen}"
    return f"{str(feed.pk)[:8]}  {printing.one_line(text)}\n{'':10}{where}"
