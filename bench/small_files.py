"""(a) 100 small files from a server slow to answer, from paste to all done; (b) processor time of a small job."""

from pathlib import Path

from bench import group, rivals
from bench.report import cost, faster, show

COUNT = 100
SAMPLE = 20  # of single yt-dlp processes; their cost is scaled to COUNT


def run(folder: Path) -> None:
    with group.served(["--delay", "0.1"]) as site:
        urls = [f"{site}/small/{number}.mp4" for number in range(COUNT)]
        ours = _ours(folder / "ours", urls)
        batch = rivals.yt_dlp_batch(urls, folder / "batch")
        each = rivals.yt_dlp_each(urls[:SAMPLE], folder / "each").scaled(COUNT / SAMPLE)
    show(
        f"(a) {COUNT} files of 1 MB, each request answered after 100 ms, 16 downloads at once: times faster than",
        [faster("`yt-dlp -a list`", ours.wall, batch.wall, 3), faster("one yt-dlp each", ours.wall, each.wall, 10)],
    )
    mine, theirs, alone = (total.cpu / COUNT * 1000 for total in (ours, batch, each))
    show(
        "(b) processor's time of a small job, everything from paste to filed: share of",
        [cost("one yt-dlp process", mine, alone, "ms", 1 / 8), cost("`yt-dlp -a list`", mine, theirs, "ms", 4)],
    )


def _ours(data: Path, urls: list[str]) -> rivals.Cost:
    with group.running(data, VIDDLWS_DOWNLOAD_CONCURRENCY="16", VIDDLWS_SITE_CONCURRENCY="16") as viddlws:
        before = viddlws.cpu()
        viddlws.paste(urls)
        viddlws.wait_until_done(len(urls))
        spent = viddlws.cpu() - before
        times = viddlws.times()
    return rivals.Cost(max(time.ended for time in times) - min(time.requested for time in times), spent)
