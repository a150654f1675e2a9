"""Loaded before everything else: gives the test run a data folder of its own and the smallest settings.

`DATABASE_URL` chooses the database; without it, SQLite.
"""

import atexit
import os
import shutil
import tempfile

_data = tempfile.mkdtemp(prefix="viddlws-test-")
atexit.register(shutil.rmtree, _data, ignore_errors=True)

os.environ["VIDDLWS_DATA_DIR"] = _data
os.environ["VIDDLWS_SECRET_KEY"] = "only-for-tests"
os.environ.setdefault("VIDDLWS_ALLOWED_NETWORKS", "127.0.0.0/8")
os.environ.setdefault("VIDDLWS_LOG_LEVEL", "WARNING")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "viddlws.config.settings")
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # Playwright's loop runs in the test's thread
