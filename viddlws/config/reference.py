"""The option table as text: the settings page of the documentation."""

from itertools import groupby

from viddlws.config.options import Options, group_of, is_secret, names_of


def render() -> str:
    """reStructuredText: a section for each group, in it a definition for each option."""
    parts: list[str] = []
    for group, fields in groupby(Options.model_fields, group_of):
        parts += [group, "-" * len(group), ""]
        for field in fields:
            parts += _option(field)
    return "\n".join(parts)


def shown_default(field: str) -> str:
    """The default as an operator would write it; empty when there is none."""
    default = Options.model_fields[field].default
    if default is None:
        return ""
    if isinstance(default, bool):
        return "yes" if default else "no"
    return ",".join(default) if isinstance(default, tuple) else str(default)


def _option(field: str) -> list[str]:
    first, *others = names_of(field)
    facts = [f"Also ``{name}``." for name in others]
    if is_secret(field):
        facts.append(f"A secret: ``{first}_FILE`` may name a file that holds it.")
    if default := shown_default(field):
        facts.append(f"Default: ``{default}``.")
    text = str(Options.model_fields[field].description).replace("`", "``")
    return [f"``{first}``", f"   {text}", "", *([f"   {' '.join(facts)}", ""] if facts else [])]
