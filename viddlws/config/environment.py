"""Reads the option table from the environment and says in one sentence what is wrong with it."""

import difflib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from pydantic import ValidationError

from viddlws.config.options import Options, is_secret, names_of


class OptionError(ImproperlyConfigured):
    """A setting has a value we cannot use; the text is one sentence that names it and never shows a secret."""


_COMPLAINTS = {  # pydantic's kinds of error, in our words
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_parsing": "must be a number",
    "bool_parsing": "must be yes or no",
    "literal_error": "must be {expected}",
    "greater_than_equal": "must be {ge} or more",
    "less_than_equal": "must be {le} or less",
    "value_error": "{error}",
}


def load(environ: Mapping[str, str] = os.environ) -> Options:
    """The options as the environment has them. Raises OptionError when a value cannot be used."""
    found = {field: given for field in Options.model_fields if (given := _given(field, environ))}
    values: dict[str, Any] = {field: text for field, (_, text) in found.items()}
    try:
        options = Options(**values)
    except ValidationError as error:
        raise OptionError(_sentence(error, found)) from error
    places = {"data_dir": options.data_dir.expanduser().absolute()}
    if options.media_dir:
        places["media_dir"] = options.media_dir.expanduser().absolute()
    return options.model_copy(update=places)


def unknown(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Variables that look like ours but mean nothing, each with the name that was probably meant or an empty text."""
    names = [name for field in Options.model_fields for name in names_of(field)]
    known = {*names, *(f"{name}_FILE" for name in names)}
    return {
        name: next(iter(difflib.get_close_matches(name, known, 1, 0.8)), "")
        for name in sorted(environ)
        if name.startswith("VIDDLWS_") and name not in known
    }


def _given(field: str, environ: Mapping[str, str]) -> tuple[str, str] | None:
    """Name and text of an option as the environment has it; an empty text counts as not given."""
    for name in names_of(field):
        if environ.get(name):
            return name, environ[name]
        if path := environ.get(f"{name}_FILE"):
            return f"{name}_FILE", _text_of(f"{name}_FILE", path)
    return None


def _text_of(name: str, path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = (error.strerror or "it cannot be opened") if isinstance(error, OSError) else "it is not text"
        raise OptionError(f"{name} names {path}, which cannot be read: {reason}.") from error


def _sentence(error: ValidationError, found: Mapping[str, tuple[str, str]]) -> str:
    first = error.errors()[0]
    field = str(first["loc"][0])
    name, text = found[field]
    complaint = _COMPLAINTS.get(first["type"], "cannot be used").format(**first.get("ctx", {}))
    shown = "" if is_secret(field) else f", but it is {text[:100]!r}"
    return f"{name} {complaint}{shown}."
