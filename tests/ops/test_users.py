"""Accounts from the shell."""

from pathlib import Path

import pytest

from tests.ops.shell import viddlws
from viddlws.accounts.models import User

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"


def test_an_account_with_its_password_from_a_pipe_or_a_file(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text(f"{PASSWORD}\n")

    assert viddlws("user", "add", "alice", "--password-file", "-", said=f"{PASSWORD}\n").exit_code == 0
    assert viddlws("user", "add", "carol", "--admin", "--password-file", str(file)).exit_code == 0

    alice, carol = User.objects.order_by("username")
    assert alice.check_password(PASSWORD)
    assert carol.check_password(PASSWORD)
    assert (alice.is_staff, carol.is_staff) == (False, True)
    listed = viddlws("user", "list").stdout.splitlines()
    assert [line.split()[:2] for line in listed] == [["alice", "user,"], ["carol", "administrator,"]]


def test_a_weak_password_a_taken_name_and_a_missing_password_are_refused_in_words(alice: User) -> None:
    weak = viddlws("user", "add", "bob", "--password-file", "-", said="12345\n")
    taken = viddlws("user", "add", "Alice", "--password-file", "-", said=f"{PASSWORD}\n")
    missing = viddlws("user", "add", "bob")

    assert (weak.exit_code, "too short" in weak.stderr) == (1, True)
    assert (taken.exit_code, "Alice is taken" in taken.stderr) == (1, True)
    assert (missing.exit_code, "--password-file" in missing.stderr) == (2, True)
    assert User.objects.count() == 1
