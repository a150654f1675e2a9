"""Large media as large media are (about 20 Mbit/s), made once, and a quick server for them."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import imageio_ffmpeg

from tests.site import media

_CLIP = (
    "-f lavfi -i testsrc2=size=1280x720:rate=30:duration=10 -f lavfi -i sine=frequency=440:duration=10"
    " -vf noise=alls=60:allf=t -c:v libx264 -preset ultrafast -pix_fmt yuv420p -b:v 20M -maxrate 20M -bufsize 20M"
    " -nal-hrd cbr -g 60 -c:a aac -b:a 128k"
)


def _ffmpeg(*arguments: str) -> None:
    subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", "-nostdin", "-y", *arguments], check=True)


def large_file(megabytes: int) -> Path:
    """An MP4 of about that size."""
    target = media._cache() / f"large-{megabytes}.mp4"
    if not target.exists():
        clip = _clip()
        loops = max(0, megabytes * 1_000_000 // clip.stat().st_size - 1)
        aside = target.with_name("large-aside.mp4")
        _ffmpeg("-stream_loop", str(loops), "-i", str(clip), "-c", "copy", "-movflags", "+faststart", str(aside))
        aside.rename(target)
    return target


def segments(count: int) -> Path:
    """A folder with `index.m3u8` and about that many segments of 5 MB; ffmpeg cuts at key frames."""
    target = media._cache() / f"segments-{count}"
    if not target.exists():
        aside = target.with_name("segments-aside")
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir()
        _ffmpeg(
            *("-stream_loop", "-1", "-i", str(_clip()), "-c", "copy", "-t", str(2 * count - 1), "-f", "hls"),
            *("-hls_time", "2", "-hls_list_size", "0", "-hls_playlist_type", "vod"),
            *("-hls_segment_filename", str(aside / "%04d.ts"), str(aside / "index.m3u8")),
        )  # fmt: skip
        aside.rename(target)
    return target


def _clip() -> Path:
    target = media._cache() / "large-clip.mp4"
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        aside = target.with_name("clip-aside.mp4")
        _ffmpeg(*_CLIP.split(), str(aside))
        aside.rename(target)
    return target


@contextmanager
def nginx(root: Path, workdir: Path) -> Iterator[str]:
    """nginx serving this folder on loopback; gives its address. Raises where there is no nginx."""
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    workdir.mkdir(parents=True, exist_ok=True)
    workdir.chmod(0o755)
    (workdir / "nginx.conf").write_text(
        f"daemon off; pid {workdir}/nginx.pid; error_log stderr; user root; worker_processes 1; events {{}}\n"
        "http { access_log off; sendfile on; "
        "types { video/mp4 mp4; video/mp2t ts; application/vnd.apple.mpegurl m3u8; }\n"
        f"client_body_temp_path {workdir}; proxy_temp_path {workdir}; fastcgi_temp_path {workdir};"
        f" uwsgi_temp_path {workdir}; scgi_temp_path {workdir};\n"
        f"server {{ listen 127.0.0.1:{port}; root {root}; }} }}\n"
    )
    process = subprocess.Popen([program, "-p", str(workdir), "-c", str(workdir / "nginx.conf")])
    try:
        _wait_for(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


def _wait_for(port: int) -> None:
    for _ in range(200):
        with socket.socket() as probe:
            probe.settimeout(0.1)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError("nginx did not start")
