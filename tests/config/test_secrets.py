"""A secret nobody gave is made once and kept."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from viddlws.lib import secrets


def test_processes_that_start_at_once_agree_on_one_secret_only_its_owner_can_read(tmp_path: Path) -> None:
    path = tmp_path / "new" / "secret"
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(secrets.kept, [path] * 32))

    assert found == {path.read_text()}
    assert len(found.pop()) >= 50
    assert path.stat().st_mode & 0o077 == 0
    assert [each.name for each in path.parent.iterdir()] == ["secret"]
