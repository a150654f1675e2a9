"""Downloads from the shell: what the pages do, by the same services."""

from collections.abc import Collection
from uuid import UUID

import click
from django.db.models import Q

from viddlws.accounts.models import User
from viddlws.downloads import services
from viddlws.downloads.models import Download, State
from viddlws.engine.messages import Format
from viddlws.ops import place, printing, waiting
from viddlws.ops.who import download_with, user_named


@click.command()
@click.argument("urls", metavar="URL...", nargs=-1, required=True)
@click.option("--user", metavar="NAME", help="Whose; may be left out while there is one account.")
@click.option("--format", "format_", type=click.Choice([each.value for each in Format]), default="video")
@click.option("--tag", "tags", metavar="T", multiple=True, help="Tag to give; may be repeated.")
@click.option("--title", metavar="T", default="", help="Title, instead of the page's.")
@click.option("--confirm", is_flag=True, help="Take a long playlist without asking.")
@click.option("--wait", is_flag=True, help="Return when all is over: with 0 when all is done, else with 1.")
@click.option("--json", "as_json", is_flag=True, help="Print what `list --json` would.")
def add(
    urls: tuple[str, ...],
    user: str | None,
    format_: str,
    tags: tuple[str, ...],
    title: str,
    confirm: bool,
    wait: bool,
    as_json: bool,
) -> None:
    """Download links."""
    place.make_database()
    answers = services.request(
        user_named(user), "\n".join(urls), format=format_, title=title, tags=tags, confirmed=confirm
    )
    refused = [answer for answer in answers if not answer.download]
    for answer in answers:
        if answer.message:
            _complain(answer.url, answer.message, answer.advice)
    ids = [answer.download.pk for answer in answers if answer.download]
    rows = _wait(ids) if wait else waiting.with_entries(ids)
    (printing.as_json if as_json else printing.as_lines)(rows)
    if refused or (wait and any(row.state != State.DONE for row in rows)) or (wait and _vanished(ids)):
        raise SystemExit(1)


def _wait(ids: Collection[UUID]) -> list[Download]:
    rows = waiting.until_over(ids)
    for row in rows:
        if row.state != State.DONE:
            _complain(row.title or row.url, row.error_message or f"It was {row.state}.", row.error_advice)
    return rows


def _vanished(ids: Collection[UUID]) -> bool:
    missing = len(set(ids)) - Download.objects.filter(pk__in=ids).count()
    if missing:
        click.echo("Somebody removed what was waited for.", err=True)
    return bool(missing)


def _complain(subject: str, message: str, advice: str) -> None:
    click.echo(printing.one_line(f"{subject[:200]}: {message} {advice}".strip()), err=True)


@click.command("list")
@click.option("--user", metavar="NAME", help="Whose; may be left out while there is one account.")
@click.option("--tag", metavar="T", help="Only those with this tag.")
@click.option("--state", type=click.Choice(State.values), help="Only those in this state.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array.")
def list_(user: str | None, tag: str | None, state: str | None, as_json: bool) -> None:
    """List downloads, newest first. A playlist is listed as its entries."""
    place.make_database()
    rows = Download.objects.visible_to(user_named(user)).exclude(state=State.DONE, entry_count__isnull=False)
    if state:
        rows = rows.filter(state=state)
    if tag:
        rows = rows.filter(Q(video__tags__name__iexact=tag) | Q(video=None, tags__name__iexact=tag)).distinct()
    found = rows.select_related("video").iterator(chunk_size=500)
    (printing.as_json if as_json else printing.as_lines)(found)


@click.command()
@click.argument("beginning", metavar="ID", required=False)
@click.option("--failed", is_flag=True, help="Everything that failed.")
@click.option("--user", metavar="NAME", help="With --failed: whose; everybody's when left out.")
@click.option("--confirm", is_flag=True, help="Take a long playlist without asking.")
def retry(beginning: str | None, failed: bool, user: str | None, confirm: bool) -> None:
    """Try a failed or cancelled download again."""
    if bool(beginning) == failed:
        raise click.UsageError("Give either an ID or --failed.")
    if beginning:
        download = download_with(beginning)
        services.retry(download.owner, download.pk, confirmed=confirm)
        click.echo(f"{download.pk} is in the queue again.")
        return
    owners = [user_named(user)] if user else User.objects.filter(downloads__state=State.FAILED).distinct()
    count = sum(services.retry_failed(owner) for owner in owners)
    click.echo(f"{count} {'is' if count == 1 else 'are'} in the queue again.")


@click.command()
@click.argument("beginning", metavar="ID")
def cancel(beginning: str) -> None:
    """Cancel a download that waits or runs. It stays cancelled until somebody tries it again."""
    download = download_with(beginning)
    services.cancel(download.owner, download.pk)
    click.echo(f"{download.pk} is cancelled.")


@click.command()
@click.argument("beginning", metavar="ID")
def remove(beginning: str) -> None:
    """Remove a download, whatever it is doing, with its video and files."""
    download = download_with(beginning)
    services.remove(download.owner, [download.pk])
    click.echo(f"{download.pk} is removed.")
