"""Accounts from the shell."""

import sys
from typing import TextIO

import click

from viddlws.accounts import services
from viddlws.accounts.models import User
from viddlws.ops import place, printing


@click.group()
def user() -> None:
    """Make and list accounts."""
    place.make_database()


@user.command()
@click.argument("name")
@click.option("--admin", is_flag=True, help="Make an administrator.")
@click.option("--password-file", type=click.File(), metavar="F|-", help="File with the password; - reads it from here.")
def add(name: str, admin: bool, password_file: TextIO | None) -> None:
    """Make an account."""
    made = services.add_user(name, _password(password_file), admin)
    click.echo(f"{made.username} can sign in{' and is administrator' if admin else ''}.")


@user.command("list")
def list_() -> None:
    """List all accounts: name, kind, when they last signed in."""
    for account in User.objects.order_by("username"):
        kind = "administrator" if account.is_staff else "user"
        seen = f"{account.last_login:%Y-%m-%d %H:%M} UTC" if account.last_login else "never signed in"
        closed = "" if account.is_active else ", closed"
        click.echo(f"{printing.one_line(account.username):24}  {kind}{closed}, {seen}")


def _password(file: TextIO | None) -> str:
    if file:
        return file.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise click.UsageError("Give the password with --password-file F, or --password-file - to read it from here.")
    return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
