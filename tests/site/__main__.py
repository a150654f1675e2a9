"""Run the site by hand: `python -m tests.site --port 8900`. Prints its address and serves until interrupted."""

import argparse
import signal

from tests.site.server import Site


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.site", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0: any free port")
    parser.add_argument("--delay", type=float, default=0.0, help="seconds before each answer")
    options = parser.parse_args()
    ends = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)  # before there are threads, so that only sigwait gets them
    with Site(options.host, options.port, delay=options.delay) as site:
        print(site.url("/"), flush=True)
        signal.sigwait(ends)


if __name__ == "__main__":
    main()
