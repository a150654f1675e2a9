"""`viddlws up` as a person starts it: first administrator, downloads from the shell, one group on one folder."""

import http.cookiejar
import json
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ops.running import PASSWORD, Up, listed, up, viddlws
from tests.site.server import Site

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    data = tmp_path_factory.mktemp("up") / "data"
    assert viddlws(data, "user", "add", "alice", "--password-file", "-", said=f"{PASSWORD}\n").returncode == 0
    with up(data) as group:
        yield group


def browser() -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))


def test_the_printed_address_makes_the_first_administrator_once(running: Up) -> None:
    assert running.first_run.startswith(f"{running.address}/first-run/")
    person = browser()
    with person.open(running.first_run) as page:
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.read().decode())
    assert token
    form = {"name": "carol", "password": PASSWORD, "again": PASSWORD, "csrfmiddlewaretoken": token[1]}
    with person.open(running.first_run, urllib.parse.urlencode(form).encode()) as page:
        assert page.geturl() == f"{running.address}/"
    with pytest.raises(urllib.error.HTTPError) as refused:
        browser().open(running.first_run)
    assert refused.value.code == 404
    assert re.search(r"carol +administrator", viddlws(running.data, "user", "list").stdout)


def test_a_link_added_from_the_shell_is_done_and_listed(running: Up, site: Site) -> None:
    link = site.url("/clip.mp4?t=up-added")
    added = viddlws(running.data, "add", link, "--user", "alice", "--tag", "hills", "--wait", "--json")

    assert added.returncode == 0, added.stderr
    (found,) = json.loads(added.stdout)
    assert (found["state"], found["url"], found["tags"], found["error"]) == ("done", link, ["hills"], None)
    video = next(file for file in found["files"] if file["kind"] == "video")
    assert Path(video["path"]).stat().st_size == video["size"]
    assert listed(running.data, "--user", "alice", "--tag", "HILLS", "--state", "done") == [found]


def test_a_playlist_is_waited_for_and_listed_as_its_entries(running: Up, site: Site) -> None:
    added = viddlws(running.data, "add", site.url("/playlist/3?t=up"), "--user", "alice", "--wait", "--json")

    assert added.returncode == 0, added.stderr
    assert [item["state"] for item in json.loads(added.stdout)] == ["done"] * 3


def test_a_failure_is_exit_code_1_with_its_cause_and_can_be_retried_and_removed(running: Up, fresh_site: Site) -> None:
    link = fresh_site.url("/status/404")
    added = viddlws(running.data, "add", link, "--user", "alice", "--wait")
    assert added.returncode == 1
    assert "404" in added.stderr
    assert "no longer has it" in added.stderr
    (failed,) = listed(running.data, "--user", "alice", "--state", "failed")
    assert failed["error"]["class"] == "gone"

    before = fresh_site.hits("/status/404")
    assert viddlws(running.data, "retry", failed["id"][:8]).returncode == 0
    again = viddlws(running.data, "add", link, "--user", "alice", "--wait")
    assert again.returncode == 1
    assert fresh_site.hits("/status/404") > before
    assert viddlws(running.data, "remove", failed["id"]).returncode == 0
    assert failed["id"] not in {item["id"] for item in listed(running.data, "--user", "alice")}


def test_a_running_download_can_be_cancelled(running: Up, fresh_site: Site) -> None:
    link = fresh_site.url("/clip.mp4?gate=half&after=100000")
    assert viddlws(running.data, "add", link, "--user", "alice").returncode == 0
    fresh_site.gate("half").wait_for_request()
    (found,) = listed(running.data, "--user", "alice", "--state", "running")

    assert viddlws(running.data, "cancel", found["id"]).returncode == 0

    waited = viddlws(running.data, "list", "--user", "alice", "--state", "cancelled", "--json")
    assert [item["id"] for item in json.loads(waited.stdout)] == [found["id"]]


def test_a_second_group_on_the_same_folder_is_refused(running: Up) -> None:
    second = viddlws(running.data, "up")

    assert second.returncode == 1
    assert f"already runs on {running.data} (process {running.process.pid})" in second.stderr


def test_doctor_finds_all_well(running: Up) -> None:
    answer = viddlws(running.data, "doctor")

    assert answer.returncode == 0, answer.stdout
    assert "All is well." in answer.stdout


def test_nothing_secret_is_open_to_other_users_of_the_machine(running: Up) -> None:
    secret = [running.data, running.data / "run", running.data / "secret_key", running.data / "run" / "valkey.conf"]

    assert [path.name for path in secret if path.exists() and path.stat().st_mode & 0o077] == []
