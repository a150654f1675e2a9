"""Settings on the command line reach the settings wherever they stand."""

import os

import pytest

from tests.ops.shell import viddlws
from viddlws.ops.options import take_settings


@pytest.mark.parametrize(
    ("arguments", "rest", "data"),
    [
        (["--data", "/d", "list"], ["list"], "/d"),
        (["list", "--data=/d", "--json"], ["list", "--json"], "/d"),
        (["add", "--", "--data", "/d"], ["add", "--", "--data", "/d"], None),
        (["list", "--data"], ["list", "--data"], None),
        (["manage", "x", "--host", "h"], ["manage", "x", "--host", "h"], None),
    ],
)
def test_the_data_folder_is_taken_out(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], rest: list[str], data: str | None
) -> None:
    monkeypatch.setattr(os, "environ", environ := dict(os.environ))
    environ.pop("VIDDLWS_DATA_DIR", None)

    assert take_settings(arguments) == rest
    assert environ.get("VIDDLWS_DATA_DIR") == data


def test_host_and_port_are_settings_of_what_serves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", environ := dict(os.environ))

    assert take_settings(["up", "--host", "::1", "--port=9"]) == ["up"]
    assert (environ["VIDDLWS_HOST"], environ["VIDDLWS_PORT"]) == ("::1", "9")


def test_every_command_is_listed_and_explains_itself() -> None:
    helped = viddlws("--help").stdout
    for name in ("up", "web", "worker", "beat", "flower", "add", "list", "retry", "cancel", "remove", "user", "doctor"):
        assert f"\n  {name} " in helped
        own = viddlws(name, "--help")
        assert own.exit_code == 0
        assert "--data DIR" in own.stdout
    assert viddlws("manage", "check").exit_code == 0
    assert viddlws("--version").stdout.startswith("ViddlWS ")
    assert viddlws("dance").exit_code == 2
