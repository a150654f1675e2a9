"""`make bench`, or `python -m bench [NAME...]`: measures and prints ratios.

Names: small large latency memory pages feeds.
"""

import platform
import sys
import tempfile
from pathlib import Path

from bench import feeds, large_files, latency, memory, pages, small_files

ALL = {
    "small": small_files.run,
    "large": large_files.run,
    "latency": latency.run,
    "memory": memory.run,
    "pages": pages.run,
    "feeds": feeds.run,
}


def main() -> None:
    names = sys.argv[1:] or list(ALL)
    print(f"Python {platform.python_version()}, {platform.machine()}, Linux {platform.release()}")
    for name in names:
        with tempfile.TemporaryDirectory(prefix="viddlws-bench-") as folder:
            ALL[name](Path(folder))


if __name__ == "__main__":
    main()
