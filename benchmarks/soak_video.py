"""Broken videos of every container through the supervised workers; small whole ones in a row.

Every file has to end in a status, with its digests; what a fingerprint holds has to agree with it;
the supervising process's memory and its open descriptors have to stay as they are. Exit code 1 if
any of it does not hold.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import clips
import psutil
from reference.mutations import MUTATIONS

from benchmarks.measure import arguments, machine, table, write
from benchmarks.workloads import SEED
from hashmatch.decode import Limits
from hashmatch.fingerprinting import (
    FingerprintStatus,
    VideoFingerprint,
    examine_media,
    examine_video,
)
from hashmatch.hashing import digest_bytes

LIMITS = Limits(max_pixels=16_000_000, max_seconds=10.0, max_video_seconds=10.0, max_memory=1 << 30)
WARM = 500
FLAT = 32 << 20
"""Bytes by which the process may grow after the first ``WARM`` files: the allocator's slack."""

HASHED = (FingerprintStatus.OK, FingerprintStatus.PARTIAL, FingerprintStatus.LOW_INFORMATION)
KINDS: dict[str, dict[str, Any]] = {
    "mp4 h264": {"codec": "libx264", "options": {"preset": "ultrafast", "bf": "2"}},
    "mp4 mpeg4, sound": {"audio": "aac"},
    "mov h264 turned": {"codec": "libx264", "container": "mov", "rotation": 90},
    "fragmented mp4 hevc": {
        "codec": "libx265",
        "options": {"preset": "ultrafast", "x265-params": "log-level=0:pools=none"},
    },
    "mkv ffv1": {"codec": "ffv1", "container": "matroska"},
    "mkv h264": {"codec": "libx264", "container": "matroska"},
    "webm vp9": {"codec": "libvpx-vp9", "container": "webm", "options": {"cpu-used": "8"}},
    "webm vp8": {"codec": "libvpx", "container": "webm", "options": {"cpu-used": "8"}},
    "avi mpeg4": {"container": "avi"},
    "avi mjpeg": {"codec": "mjpeg", "container": "avi", "pix_fmt": "yuvj420p"},
    "mpeg-ts mpeg2": {"codec": "mpeg2video", "container": "mpegts", "fps": 25},
    "mpeg-ps mpeg1": {"codec": "mpeg1video", "container": "mpeg", "fps": 25},
    "flv h264": {"codec": "libx264", "container": "flv"},
    "asf wmv2": {"codec": "wmv2", "container": "asf"},
    "3gp mpeg4": {"container": "3gp"},
    "mxf mpeg2": {"codec": "mpeg2video", "container": "mxf", "fps": 25},
    "nut mpeg4": {"container": "nut"},
    "ogg vp8": {"codec": "libvpx", "container": "ogg"},
    "ivf vp8": {"codec": "libvpx", "container": "ivf"},
    "y4m": {"codec": "rawvideo", "container": "yuv4mpegpipe"},
    "h264 raw": {"codec": "libx264", "container": "h264"},
}
ANIMATIONS = ("GIF", "WEBP", "PNG")


def whole() -> dict[str, bytes]:
    """One small video of each kind that this FFmpeg writes."""
    made = {}
    for name, how in KINDS.items():
        try:
            made[name] = clips.make_clip(clips.shots((1, 2), 6), **how)
        except (clips.av.FFmpegError, ValueError) as error:
            print(f"not made: {name}: {error}")
    for name in ANIMATIONS:
        made[f"animated {name}"] = clips.animation(
            clips.shots((1, 2), 4, height=48, width=64), name
        )
    return made


def mutated(count: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """``count`` broken files, each with the name of what it was made of; kinds by turns."""
    rng = random.Random(seed)
    seeds = whole()
    names, others = sorted(seeds), list(seeds.values())
    for number in range(count):
        name = names[number % len(names)]
        yield name, rng.choice(MUTATIONS)(seeds[name], rng, others)


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def wrong_with(made: VideoFingerprint) -> str | None:
    """What of a fingerprint disagrees with itself."""
    frames = made.frames
    has_hashes = len(frames) > 0
    if has_hashes != (made.status in HASHED):
        return f"{made.status} with {len(frames)} frames"
    if has_hashes:
        times = frames.times_ms
        if (times[1:] < times[:-1]).any() or (frames.spans_ms < 0).any() or times[0] < 0:
            return "times"
        if frames.hashes.shape != (len(times), 32) or (frames.qualities > 100).any():
            return "shapes"
    elif made.status is not FingerprintStatus.OK and not made.reason:
        return f"{made.status} without a reason"
    return None


def broken(count: int, workers: int | None, seed: int) -> tuple[dict[str, Any], list[str]]:
    """Mutated files through ``examine_media``, isolated."""
    names: list[str] = []
    bytes_of: dict[int, bytes] = {}

    def files() -> Iterator[bytes]:
        for name, data in mutated(count, seed):
            bytes_of[len(names)] = data
            names.append(name)
            yield data

    by_kind: dict[str, Counter[str]] = {}
    process = psutil.Process()
    rss: list[int] = []
    wrong: list[str] = []
    seen = 0
    start = time.monotonic()
    answers = examine_media(files(), workers=workers, isolate=True, limits=LIMITS, interval_s=0.2)
    for number, made in enumerate(answers):
        seen += 1
        by_kind.setdefault(names[number], Counter())[made.status.value] += 1
        if made.digests != digest_bytes(bytes_of.pop(number)):
            wrong.append(f"{number}, {names[number]}: digests")
        problem = wrong_with(made) if isinstance(made, VideoFingerprint) else None
        if problem:
            wrong.append(f"{number}, {names[number]}: {problem}")
        if number % 250 == 249:
            rss.append(process.memory_info().rss)
    seconds = time.monotonic() - start
    if seen != count:
        wrong.append(f"{seen} answers to {count} files")
    grown = rss[-1] - rss[min(len(rss) - 1, WARM // 250)] if rss else 0
    if grown > FLAT:
        wrong.append(f"broken files: memory grew by {grown} bytes")
    rows = [{"made of": name, **dict(sorted(by_kind[name].items()))} for name in sorted(by_kind)]
    return {
        "files": count,
        "seconds": round(seconds, 1),
        "parent_rss_mib": [round(value / 2**20, 1) for value in rss],
        "parent_grown_mib": round(grown / 2**20, 2),
        "by kind": rows,
    }, wrong


def in_a_row(count: int) -> tuple[dict[str, Any], list[str]]:
    """Whole small videos one after the other in this process, kinds by turns."""
    seeds = whole()
    names = sorted(seeds)
    process = psutil.Process()
    rss: list[int] = []
    opened: list[int] = []
    wrong: list[str] = []
    start = time.monotonic()
    for number in range(count):
        name = names[number % len(names)]
        made = examine_video(seeds[name], interval_s=0.2)
        if made.status is not FingerprintStatus.OK:
            wrong.append(f"{name}: {made.status}, {made.reason}")
        if number % 100 == 99:
            rss.append(process.memory_info().rss)
            opened.append(descriptors())
    warm = min(len(rss) - 1, WARM // 100)
    grown = rss[-1] - rss[warm]
    if grown > FLAT:
        wrong.append(f"in a row: memory grew by {grown} bytes")
    if opened[-1] > opened[warm]:
        wrong.append(f"in a row: {opened[warm]} descriptors, then {opened[-1]}")
    return {
        "clips": count,
        "seconds": round(time.monotonic() - start, 1),
        "rss_mib": [round(value / 2**20, 1) for value in rss],
        "grown_mib": round(grown / 2**20, 2),
        "descriptors": opened,
    }, wrong


def main() -> None:
    parser = arguments(__doc__ or "")
    parser.add_argument("--files", type=int, default=5_000)
    parser.add_argument("--clips", type=int, default=2_000)
    parser.add_argument("--workers", type=int)
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args()
    row, row_wrong = in_a_row(options.clips)
    print(f"{options.clips} clips, {row['seconds']} s; {row['grown_mib']} MiB grown", end="")
    print(f"; descriptors {row['descriptors'][0]} to {row['descriptors'][-1]}", flush=True)
    files, files_wrong = broken(options.files, options.workers, options.seed)
    wrong = row_wrong + files_wrong
    table(f"{options.files} broken files, {files['seconds']} s", files["by kind"])
    print(f"\n{files['parent_grown_mib']} MiB grown")
    print("\n".join(wrong[:100]) or "nothing wrong")
    result = {
        "machine": machine("av", "pillow", "pebble"),
        "seed": options.seed,
        "in a row": row,
        "broken": files,
        "wrong": wrong,
    }
    write(options.json, result)
    raise SystemExit(1 if wrong else 0)


if __name__ == "__main__":
    main()
