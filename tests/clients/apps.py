"""Podcast apps that other people wrote, each in a home of its own, as a person would set them up.

Their exit codes say little: what counts is which files they have afterwards and what they asked for.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from tests.stack.group import until

SUFFIXES = {".m4a", ".mp3", ".mp4"}
_PATIENCE = 60  # seconds
_KEPT = ("PATH", "LANG", "LC_ALL", "TZ")


class App:
    """One installation.

    needs: programs without which it cannot run. knows_by_guid: it knows an episode by its guid, so another address of
    the feed makes it fetch nothing twice. peeks: it opens what it has to see what it is, and lets go. resumes: it asks
    for the rest of a file that broke off.
    """

    name = ""
    needs: tuple[str, ...] = ()
    knows_by_guid = False
    peeks = False
    resumes = False

    def __init__(self, home: Path) -> None:
        self.home = home
        self.downloads = home / "downloads"
        self.downloads.mkdir(parents=True)
        self.address = ""

    @classmethod
    def missing(cls) -> list[str]:
        return [program for program in cls.needs if shutil.which(program, path=_path()) is None]

    def subscribe(self, address: str) -> None:
        """Follow this feed."""
        self.address = address

    def move(self, address: str) -> None:
        """The person puts the feed's new address where the old one was."""
        self.subscribe(address)

    def fetch(self) -> str:
        """Ask for news and download all of it; what the app printed."""
        raise NotImplementedError

    def files(self) -> list[Path]:
        """The episodes it has."""
        return sorted(path for path in self.downloads.rglob("*") if path.suffix in SUFFIXES)

    def run(self, *command: str, **more: str) -> str:
        return subprocess.run(
            command,
            env=self.environment(more),
            cwd=self.home,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=_PATIENCE,
            check=False,
        ).stdout

    def environment(self, more: Mapping[str, str]) -> dict[str, str]:
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        own = {"HOME": str(self.home), "TMPDIR": str(self.home), "PATH": _path(), "TERM": "xterm"}
        return {"LC_ALL": "C.UTF-8", **kept, **own, **more}


class YtDlp(App):
    name = "yt-dlp"
    needs = ("yt-dlp",)
    knows_by_guid = True  # by the name of the file, which is the guid
    peeks = True
    resumes = True

    def fetch(self) -> str:
        return self.run(*self.command())

    def command(self) -> list[str]:
        place = ["-P", str(self.downloads), "-o", "%(playlist_index)s-%(title).80B-%(id)s.%(ext)s"]
        memory = ["--download-archive", str(self.home / "archive.txt")]
        return ["yt-dlp", "--ignore-config", "-q", "--no-progress", "--fixup", "never", *place, *memory, self.address]


class Gpodder(App):
    name = "gpodder"
    needs = ("gpo",)
    knows_by_guid = True
    resumes = True

    def subscribe(self, address: str) -> None:
        super().subscribe(address)
        self._gpo("subscribe", address)

    def move(self, address: str) -> None:
        self._gpo("rewrite", self.address, address)
        self.address = address

    def fetch(self) -> str:
        return self._gpo("update") + self._gpo("download")

    def _gpo(self, *arguments: str) -> str:
        own = {"GPODDER_HOME": str(self.home / "gpodder"), "GPODDER_DOWNLOAD_DIR": str(self.downloads)}
        return self.run("gpo", *arguments, **own)


class Newsboat(App):
    """newsboat finds episodes and queues them; podboat fetches them, on a terminal, until somebody presses q."""

    name = "newsboat"
    needs = ("newsboat", "podboat", "script")
    knows_by_guid = True  # by the name of the file, which is the guid

    def subscribe(self, address: str) -> None:
        super().subscribe(address)
        (self.home / "urls").write_text(f"{address}\n")
        (self.home / "config").write_text(f'podcast-auto-enqueue yes\ndownload-path "{self.downloads}/%n/"\n')

    def fetch(self) -> str:
        said = self.run("newsboat", "-u", "urls", "-c", "cache.db", "-C", "config", "-q", "-x", "reload")
        wanted = self._queued()
        return said + self._podboat(wanted) if wanted else said

    def _queued(self) -> list[Path]:
        """Where the files will lie that are in the queue and not done."""
        queue = self.home / ".newsboat" / "queue"
        lines = queue.read_text().splitlines() if queue.exists() else []
        return [Path(line.split('"')[1]) for line in lines if line.endswith('"')]

    def _podboat(self, wanted: list[Path]) -> str:
        log = self.home / "terminal"
        log.unlink(missing_ok=True)
        command = f"stty rows 40 cols 120; exec podboat -a -C config -q {self.home}/.newsboat/queue"
        with subprocess.Popen(
            ["script", "-qfec", command, str(log)],
            env=self.environment({}),
            cwd=self.home,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as terminal:
            with suppress(AssertionError):  # what is missing shows when the files are compared
                until(lambda: all(path.exists() for path in wanted) or _gave_up(log), "files", 15)
            if terminal.poll() is None:
                terminal.communicate(b"q", timeout=_PATIENCE)
        return log.read_text(errors="replace")[-2000:]


class Podget(App):
    name = "podget"
    needs = ("podget", "wget")
    resumes = True

    def subscribe(self, address: str) -> None:
        super().subscribe(address)
        folder = self.home / "config"
        if not folder.exists():
            folder.mkdir()
            (self.home / "session").mkdir()
            self._podget("--create-config", "podgetrc")
        (folder / "serverlist").write_text(f"{address} Feeds Ours\n")

    def fetch(self) -> str:
        return self._podget("--serverlist", "serverlist", "-l", str(self.downloads), "-vv")

    def _podget(self, *arguments: str) -> str:
        folders = ["--dir_config", str(self.home / "config"), "--dir_session", str(self.home / "session")]
        return self.run("podget", *folders, *arguments)


class PodcastArchiver(App):
    name = "podcast-archiver"
    needs = ("podcast-archiver",)
    knows_by_guid = True

    def fetch(self) -> str:
        places = ["-d", str(self.downloads), "--database", str(self.home / "archive.db")]
        names = ["-F", "{show.title}/{episode.original_filename}"]
        return self.run("podcast-archiver", "-f", self.address, *places, *names)


APPS: tuple[type[App], ...] = (YtDlp, Gpodder, Newsboat, Podget, PodcastArchiver)


def _gave_up(log: Path) -> bool:
    shown = log.read_text(errors="replace") if log.exists() else ""
    return "failed" in shown or "COMMAND_EXIT_CODE" in shown


def _path() -> str:
    return f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
