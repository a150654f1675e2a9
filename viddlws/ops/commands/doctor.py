"""`viddlws doctor`: looks at everything ViddlWS needs."""

import click

from viddlws.ops.findings import Finding, all_findings


@click.command()
def doctor() -> None:
    """Check that everything works; exit with 1 when something must be mended, and say what to do."""
    broken = 0
    for finding in all_findings():
        click.echo(_line(finding))
        broken += finding.broken
    if broken:
        click.echo(f"\n{broken} to mend.", err=True)
        raise SystemExit(1)
    click.echo("\nAll is well.")


def _line(finding: Finding) -> str:
    mark = "MEND" if finding.broken else "note" if finding.advice else "ok"
    line = f"{mark:5} {finding.subject}: {finding.text}"
    return f"{line}\n      -> {finding.advice}" if finding.advice else line
