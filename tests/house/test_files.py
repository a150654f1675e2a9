"""What must not stand in any tracked file."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
# Written in pieces, so that this file passes its own test.
HOSTS = re.compile("|".join(("pypi" r"\.org", "python" r"hosted\.org", "npm" r"js\.org", "deb" r"\.debian\.org")))
SCRIPTS_IN_PAGES = re.compile(
    r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/(ld\+)?json\")|\sstyle=|\son\w+=\"", re.I
)


def tracked(*patterns: str) -> list[Path]:
    listing = subprocess.run(["git", "ls-files", "-z", *patterns], cwd=ROOT, capture_output=True, check=True).stdout
    return [ROOT / name.decode() for name in listing.split(b"\0") if name and (ROOT / name.decode()).is_file()]


def test_no_tracked_file_names_the_host_of_a_package_registry() -> None:
    naming = [
        str(path.relative_to(ROOT))
        for path in tracked()
        if HOSTS.search(path.read_bytes().decode("utf-8", errors="replace"))
    ]

    assert naming == []


def test_the_lock_holds_a_hash_for_every_package() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / name).read_text()
        packages = re.split(r"\n(?=\S)", text.strip())

        assert len(packages) > 50
        assert [
            package for package in packages if "--hash=sha256:" not in package and not package.startswith("#")
        ] == []


def test_pages_hold_no_inline_script_style_or_handler() -> None:
    pages = tracked("viddlws/web/templates")
    holding = [str(page.relative_to(ROOT)) for page in pages if SCRIPTS_IN_PAGES.search(page.read_text())]

    assert pages
    assert holding == []
