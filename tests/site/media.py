"""Test media, made once with ffmpeg and kept in the person's cache, one folder per recipe.

A folder is named by the hash of its recipe, built aside under a lock and renamed, so test workers
running side by side share it and never see half of it. `VIDDLWS_TEST_CACHE` moves the cache.
"""

import fcntl
import hashlib
import os
import shlex
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import imageio_ffmpeg

LENGTH = 12  # seconds of every basic clip
ONE_MB = 1 << 20

_RATE = "-b:v 500k -maxrate 500k -bufsize 500k"
_H264 = f"-c:v libx264 -preset ultrafast -profile:v baseline -pix_fmt yuv420p -g 30 -bf 0 {_RATE}"
_VP9 = "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -row-mt 1 -g 30"
_AAC = "-c:a aac -b:a 96k"
_SINE = f"-f lavfi -i sine=frequency=440:duration={LENGTH}"


def _pattern(source: str, size: str) -> str:
    return f"-f lavfi -i {source}=size={size}:rate=15:duration={LENGTH}"


_HLS = "-f hls -hls_time 2 -hls_playlist_type vod -hls_list_size 0"

BASIC = (
    f"{_pattern('testsrc', '640x360')} {_SINE} {_H264} {_AAC} -movflags +faststart clip.mp4",
    f"{_pattern('testsrc2', '640x360')} {_SINE} {_H264} {_AAC} -movflags +faststart other.mp4",
    f"{_pattern('testsrc', '1280x720')} {_SINE} {_H264} {_AAC} -movflags +faststart clip720.mp4",
    "-i clip.mp4 -c copy end.mp4",  # index at the end
    "-i clip.mp4 -map 0:v -c copy -movflags +faststart video360.mp4",
    "-i clip720.mp4 -map 0:v -c copy -movflags +faststart video720.mp4",
    "-i clip.mp4 -map 0:a -c copy -movflags +faststart audio.m4a",
    "-i clip.mp4 -map 0:a -c:a libopus -b:a 64k audio.opus",
    "-i audio.opus -c copy audio.webm",
    "-i clip.mp4 -map 0:a -c:a libmp3lame -b:a 96k audio.mp3",
    f"-i clip.mp4 -map 0:v -map 0:a {_VP9} -c:a libopus -b:a 64k clip.webm",
    f"-i clip720.mp4 -map 0:v {_VP9} video720.webm",
    f"{_pattern('testsrc2', '640x360')} {_SINE} -vf noise=alls=40:allf=t {_H264} {_AAC} -movflags +faststart small.mp4",
    "-ss 3 -i clip.mp4 -frames:v 1 thumb.jpg",
    "-ss 3 -i clip.mp4 -frames:v 1 thumb.png",
    "-ss 3 -i clip.mp4 -frames:v 1 thumb.webp",
    f"-i clip.mp4 -c copy {_HLS} -hls_segment_filename hls/360-%03d.ts hls/360.m3u8",
    f"-i clip720.mp4 -c copy {_HLS} -hls_segment_filename hls/720-%03d.ts hls/720.m3u8",
    f"-i clip720.mp4 -map 0:v -c copy {_HLS} -hls_segment_filename hls/video-%03d.ts hls/video.m3u8",
    f"-i clip720.mp4 -map 0:a -c copy {_HLS} -hls_segment_filename hls/audio-%03d.ts hls/audio.m3u8",
    f"-i clip.mp4 -c copy {_HLS} -hls_key_info_file key.info -hls_segment_filename hls/locked-%03d.ts hls/locked.m3u8",
    "-i clip720.mp4 -map 0:v -map 0:a -c copy -f dash -seg_duration 2 -use_template 1 -use_timeline 1"
    " -adaptation_sets 'id=0,streams=v id=1,streams=a' dash/manifest.mpd",
)
_VARIANT = '#EXT-X-STREAM-INF:BANDWIDTH={},RESOLUTION={},CODECS="avc1.42c01f,mp4a.40.2"{}\n{}\n'
_TEXTS = {
    "hls/master.m3u8": "#EXTM3U\n"
    + _VARIANT.format(300000, "640x360", "", "360.m3u8")
    + _VARIANT.format(700000, "1280x720", "", "720.m3u8"),
    "hls/separate.m3u8": "#EXTM3U\n#EXT-X-VERSION:4\n"
    '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="English",LANGUAGE="en",DEFAULT=YES,AUTOSELECT=YES,URI="audio.m3u8"\n'
    + _VARIANT.format(700000, "1280x720", ',AUDIO="a"', "video.m3u8"),
    "hls/secret.key": "sixteen bytes ok",
    "key.info": "secret.key\nhls/secret.key\n",
}


@cache
def folder() -> Path:
    """The folder with every basic clip; made on the first call, which takes some seconds."""
    return _made("basic", BASIC, _TEXTS)


@cache
def big(megabytes: int) -> Path:
    """An MP4 of about that many MB (copied from one short clip over and over), for benchmarks."""
    source = folder() / "small.mp4"
    loops = max(0, round(megabytes * ONE_MB / source.stat().st_size) - 1)
    command = f"-stream_loop {loops} -i {shlex.quote(str(source))} -c copy -movflags +faststart big.mp4"
    return _made(f"big-{megabytes}", (command,), {}) / "big.mp4"


@cache
def long_hls(segments: int) -> Path:
    """A folder with `index.m3u8` of about that many segments of two seconds each, for benchmarks."""
    source = shlex.quote(str(folder() / "small.mp4"))
    loops = max(0, segments * 2 // LENGTH - 1)
    return _made(f"hls-{segments}", (f"-stream_loop {loops} -i {source} -c copy {_HLS} index.m3u8",), {})


def _cache() -> Path:
    chosen = os.environ.get("VIDDLWS_TEST_CACHE")
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Path(chosen) if chosen else base / "viddlws-test-media"


def _made(name: str, commands: tuple[str, ...], texts: dict[str, str]) -> Path:
    ffmpeg = imageio_ffmpeg.get_ffmpeg_exe()
    recipe = repr((Path(ffmpeg).name, commands, sorted(texts.items())))
    target = _cache() / f"{name}-{hashlib.sha256(recipe.encode()).hexdigest()[:16]}"
    if target.is_dir():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with (target.parent / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not target.is_dir():
            _build(Path(ffmpeg), commands, texts, target)
    return target


def _build(ffmpeg: Path, commands: tuple[str, ...], texts: dict[str, str], target: Path) -> None:
    aside = Path(tempfile.mkdtemp(prefix=".making-", dir=target.parent))
    try:
        for path, text in texts.items():
            (aside / path).parent.mkdir(exist_ok=True)
            (aside / path).write_text(text)
        (aside / "dash").mkdir(exist_ok=True)
        for command in commands:
            arguments = [str(ffmpeg), "-hide_banner", "-loglevel", "error", "-nostdin", "-y", *shlex.split(command)]
            subprocess.run(arguments, cwd=aside, check=True, timeout=300)
        for clip in ("clip.mp4", "other.mp4", "small.mp4"):
            if (aside / clip).exists():
                _pad(aside / clip, ONE_MB)
        aside.rename(target)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _pad(clip: Path, size: int) -> None:
    """Make an MP4 exactly `size` bytes long with a `free` box of bytes that differ at every offset."""
    missing = size - clip.stat().st_size
    if missing < 8:
        raise ValueError(f"{clip.name} is {clip.stat().st_size} bytes, too large to be padded to {size}")
    filling = hashlib.shake_128(clip.name.encode()).digest(missing - 8)
    with clip.open("ab") as stream:
        stream.write(missing.to_bytes(4, "big") + b"free" + filling)
