"""Builds the pages' scripts and styles before a wheel or an editable install is made.

Skipped when nothing changed since the last build, and where there is no `frontend/`: an sdist carries the built files.
"""

import hashlib
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

CONFIGURATION = ("package.json", "package-lock.json", "vite.config.ts", "tsconfig.json", ".npmrc")
SOURCES = ("frontend", "viddlws/web/templates", "viddlws/web/templatetags")  # Tailwind reads the last two
BUILT = "viddlws/web/static/dist"


def fingerprint(root: Path) -> str:
    """The same as long as the build would give the same."""
    files = [root / name for name in CONFIGURATION]
    files += sorted(path for folder in SOURCES for path in (root / folder).rglob("*.*") if path.suffix != ".pyc")
    told = hashlib.sha256()
    for path in files:
        told.update(f"{path.relative_to(root)}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    return told.hexdigest()


class FrontEnd(BuildHookInterface[Any]):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        stamp = root / BUILT / ".built"
        if not (root / "frontend").is_dir():
            return
        now = fingerprint(root)
        if stamp.is_file() and stamp.read_text() == now:
            return
        for command in (["npm", "ci", "--no-audit", "--no-fund"], ["npm", "run", "build"]):
            subprocess.run(command, cwd=root, check=True)
        stamp.write_text(now)
