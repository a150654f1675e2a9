"""`python -m viddlws.config.example` writes `.env.example` from the option table."""

import textwrap
from itertools import groupby

from viddlws.config.options import Options, group_of, is_secret, names_of
from viddlws.config.reference import shown_default

_HEAD = """\
# Settings of ViddlWS, which it reads from its environment. Take away the # before what you change and give this file
# to what starts it: `EnvironmentFile=` of systemd, `env_file:` of a container.
# Secrets may also be given as NAME_FILE=/path/of/a/file. The settings page of the documentation says the same.
"""


def render() -> str:
    """Every option with its help, commented out, at its default."""
    parts = [_HEAD]
    for group, fields in groupby(Options.model_fields, group_of):
        parts.append(f"\n# --- {group} ---\n")
        parts += [_option(field) for field in fields]
    return "".join(parts)


def _option(field: str) -> str:
    help_text = str(Options.model_fields[field].description) + (" (secret)" if is_secret(field) else "")
    lines = textwrap.wrap(help_text, 118, initial_indent="# ", subsequent_indent="# ")
    return "\n".join(["", *lines, f"#{names_of(field)[0]}={shown_default(field)}", ""])


if __name__ == "__main__":
    print(render(), end="")  # noqa: T201 - this is its purpose
