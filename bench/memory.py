"""(f) Memory of the whole group when idle, and what each running download adds. Shared pages count once (PSS)."""

import time
from pathlib import Path

from bench import group
from bench.report import cost, show

WANTED = 6
AIM = 200.0  # MB


def run(folder: Path) -> None:
    with group.served([]) as site, group.running(folder / "data", VIDDLWS_SITE_CONCURRENCY=str(WANTED)) as viddlws:
        viddlws.run("add", f"{site}/small/first.mp4", "--wait")  # everything has worked once
        idle = viddlws.memory()
        viddlws.run("add", *(f"{site}/drip?rate=50000&number={number}" for number in range(WANTED)))
        while sum(download["state"] == "running" for download in viddlws.downloads()) < WANTED:
            time.sleep(0.2)
        busy = viddlws.memory()
    total = sum(idle.values())
    show("(f) memory of the whole group, idle after one download", [cost("idle", total, AIM, "MB", 1)])
    for name, used in idle.items():
        print(f"      {used:6.1f} MB  {name}")
    print(f"  each of {WANTED} running downloads adds {(sum(busy.values()) - total) / WANTED:.0f} MB")
