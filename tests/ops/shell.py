"""The command line inside the test's own process and database."""

from click.testing import CliRunner, Result

from viddlws.ops.cli import main


def viddlws(*arguments: str, said: str = "") -> Result:
    """Run one command; its exit code, output and errors are in the result."""
    return CliRunner().invoke(main, list(arguments), input=said)
