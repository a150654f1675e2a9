"""(c) one file of 1 GB with the guard on; (d) HLS of 256 segments."""

import json
from pathlib import Path
from statistics import median

from bench import group, media, rivals
from bench.report import faster, show

MEGABYTES = 1000
SEGMENTS = 256
RUNS = 3  # taken in turn, ours and theirs; the medians are compared


def run(folder: Path) -> None:
    file, parts = media.large_file(MEGABYTES), media.segments(SEGMENTS)
    ours: dict[str, list[float]] = {"file": [], "hls": []}
    theirs: dict[str, list[float]] = {"file": [], "hls": [], "curl": []}
    with media.nginx(file.parent, folder / "nginx") as server, group.running(folder / "data") as viddlws:
        urls = {"file": f"{server}/{file.name}", "hls": f"{server}/{parts.name}/index.m3u8"}
        for turn in range(RUNS):
            for kind, url in urls.items():
                ours[kind].append(_kept(viddlws, f"{url}?turn={turn}"))
                target = folder / f"{kind}{turn}"
                theirs[kind].append(rivals.yt_dlp_batch([url], target, "-N", "4").wall)
                _clear(target)
            if spent := rivals.curl(urls["file"], folder / "curl.mp4"):
                theirs["curl"].append(spent.wall)
    figures = [faster("plain yt-dlp", median(ours["file"]), median(theirs["file"]), 0.95)]
    if theirs["curl"]:
        figures.append(faster("curl", median(ours["file"]), median(theirs["curl"]), 0))
    show(f"(c) one file of {MEGABYTES} MB, guard on, checked and filed: speed beside", figures)
    show(
        f"(d) HLS of {len(list(parts.glob('*.ts')))} segments, guard on, joined, checked and filed: speed beside",
        [faster("yt-dlp -N 4", median(ours["hls"]), median(theirs["hls"]), 1)],
    )


def _kept(viddlws: group.Group, url: str) -> float:
    """Seconds from paste to done; the file is removed afterwards."""
    [done] = json.loads(viddlws.run("add", url, "--wait", "--json"))
    assert done["state"] == "done", done
    [times] = viddlws.times()
    viddlws.run("remove", done["id"])
    return times.ended - times.requested


def _clear(folder: Path) -> None:
    for file in folder.iterdir():
        file.unlink()
