"""What `viddlws up` does before the first start, and what it says when it runs."""

import http.client
import sys
import time

import click
from django.conf import settings
from django.db import DatabaseError
from django.urls import reverse

from viddlws.accounts import services as accounts
from viddlws.ops import checks, place

_ANY = {"0.0.0.0", "::"}  # noqa: S104 - compared with, not listened on
_FIRST_ANSWER = 60.0  # seconds the pages may take to come up


def prepare() -> None:
    """Bring the database up to date and make `admin` when its password is given. Ends the process when it cannot."""
    if trouble := checks.database_trouble():
        click.echo(f"Error: {trouble}", err=True)
        sys.exit(1)
    try:
        place.update_database()
        if settings.OPTIONS.admin_password and (code := accounts.first_run_code()):
            accounts.create_first_administrator(code, "admin", settings.OPTIONS.admin_password)
    except accounts.AccountError as error:
        click.echo(f"Error: VIDDLWS_ADMIN_PASSWORD cannot be used: {error.message}", err=True)
        sys.exit(1)
    except DatabaseError as error:
        click.echo(f"Error: The database could not be brought up to date: {error}", err=True)
        sys.exit(1)


def say(host: str, port: int) -> None:
    """Wait until the pages answer, then print their address and, while nobody is administrator, the one-time one."""
    near = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared with, not listened on
    _await_answer(near, port)
    prefix, public = settings.OPTIONS.url_prefix, settings.OPTIONS.public_urls
    own = f"http://{f'[{near}]' if ':' in near else near}:{port}"
    address = (public[0] if public else own).removesuffix(prefix) + prefix
    click.echo(f"ViddlWS is at {address}")
    if host in _ANY:
        click.echo(f"and at port {port} of this machine's other addresses.")
    if code := accounts.first_run_code():
        click.echo(f"Make the first administrator: {address}{_path(code)}")


def _path(code: str) -> str:
    return reverse("first-run", args=[code]).removeprefix(settings.OPTIONS.url_prefix)


def _await_answer(host: str, port: int) -> None:
    deadline = time.monotonic() + _FIRST_ANSWER
    while time.monotonic() < deadline:
        connection = http.client.HTTPConnection(host, port, timeout=_FIRST_ANSWER)
        try:
            connection.request("GET", "/healthz/live")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.2)
        finally:
            connection.close()
