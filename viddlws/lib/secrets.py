"""Secrets that are made once and kept in the data folder when the operator gives none."""

import contextlib
import os
import secrets
import tempfile
from pathlib import Path


def kept(path: Path) -> str:
    """The secret in this file, made now when there is none. Safe when several processes start at once."""
    with contextlib.suppress(FileNotFoundError):
        return path.read_text(encoding="ascii").strip()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, aside = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(48))
        file.flush()
        os.fsync(file.fileno())
    with contextlib.suppress(FileExistsError):
        os.link(aside, path)  # fails when another process was first: then its secret holds
    Path(aside).unlink()
    return path.read_text(encoding="ascii").strip()
