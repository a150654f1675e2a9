"""(e) From request to start of work, on a group that has nothing else to do."""

from pathlib import Path

from bench import group
from bench.report import cost, quantile, show

REQUESTS = 60


def run(folder: Path) -> None:
    with group.served([]) as site, group.running(folder / "data") as viddlws:
        for number in range(REQUESTS):
            viddlws.paste([f"{site}/small/{number}.mp4"])
            viddlws.wait_until_done(number + 1)
        waits = [(times.started - times.requested) * 1000 for times in viddlws.times()]
    assert len(waits) == REQUESTS
    show(
        f"(e) from request to start of work, {REQUESTS} requests one after the other, beside 50 ms",
        [
            cost("95 % start within", quantile(waits, 0.95), 50, "ms", 1),
            cost("half start within", quantile(waits, 0.5), 50, "ms", 1),
        ],
    )
