"""Videos: what the hash costs beside decoding, what sampling saves, the ``vpdq`` package beside it,
the search of a film's frames, memory at 4K.

``--peer`` names a Python in which ``vpdq`` is installed.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.measure import Work, arguments, machine, table, write
from benchmarks.video_search import search_rows
from benchmarks.video_speed_clips import (
    FOUR_K,
    FULL_HD,
    HD_LONG_GOP,
    HD_SHORT_GOP,
    SpeedClip,
    speed_clip,
)
from hashmatch.decode import VideoReader
from hashmatch.fingerprinting import examine_video
from hashmatch.hashing import pdq_plane, pdq_plane_dihedral

_MEMORY = """
import psutil, re, sys
from pathlib import Path
from hashmatch.fingerprinting import examine_video

def peak(pid):
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmHWM:\\s+(\\d+) kB", status)[1])

if __name__ == "__main__":
    made = examine_video(sys.argv[1], interval_s=0, isolate=sys.argv[2] == "isolated")
    workers = [peak(child.pid) for child in psutil.Process().children(recursive=True)]
    print(made.status.value, made.n_sampled, peak("self"), max(workers, default=0))
"""


@dataclass(frozen=True)
class Times:
    """Medians of a contestant: seconds that passed, and seconds of all its threads.

    The second are what a busy machine disturbs least.
    """

    wall: float
    cpu: float


def by_turns(contestants: dict[str, Work], rounds: int) -> dict[str, Times]:
    """Medians over rounds A B C A B C ..., after one that is not counted."""
    seen: dict[str, list[tuple[float, float]]] = {name: [] for name in contestants}
    for _ in range(rounds + 1):
        for name, work in contestants.items():
            wall, cpu = time.perf_counter(), time.process_time()
            work()
            seen[name].append((time.perf_counter() - wall, time.process_time() - cpu))
    return {
        name: Times(*(statistics.median(column) for column in zip(*runs[1:], strict=True)))
        for name, runs in seen.items()
    }


def decoded(path: Path, threads: int, interval_s: float = 0.0, hashed: Any = None) -> int:
    """Frames that came; each hashed by ``hashed`` if it is given."""
    count = 0
    with (
        path.open("rb") as stream,
        VideoReader(stream, interval_s=interval_s, threads=threads) as r,
    ):
        for frame in r:
            count += 1
            if hashed is not None:
                hashed(frame.pixels, full_range=frame.full_range, orientation=frame.orientation)
    return count


@contextmanager
def peer(python: Path) -> Iterator[Callable[[Path], dict[str, Any]]]:
    """Asks the ``vpdq`` package in its own Python for seconds and hashes of a file."""
    command = [str(python), str(Path(__file__).with_name("vpdq_peer.py"))]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        asking, answering = process.stdin, process.stdout
        assert asking is not None
        assert answering is not None

        def ask(path: Path) -> dict[str, Any]:
            print(0, path, file=asking, flush=True)
            answer: dict[str, Any] = json.loads(answering.readline())
            return answer

        yield ask
        asking.close()


def share_rows(rounds: int) -> list[dict[str, Any]]:
    """The hash beside decoding, every frame of 1920x1080."""
    path = speed_clip(FULL_HD)
    frames = decoded(path, 0)
    rows = []
    for threads in (1, 0):
        contestants: dict[str, Work] = {
            "decoding": partial(decoded, path, threads),
            "and PDQ": partial(decoded, path, threads, hashed=pdq_plane),
            "and eight orientations": partial(decoded, path, threads, hashed=pdq_plane_dihedral),
        }
        if threads == 0:
            whole = partial(examine_video, path, interval_s=0, prune_distance=None)
            contestants["whole fingerprint"] = whole
        times = by_turns(contestants, rounds)
        base = times["decoding"]
        rows += [
            {
                "decoder's threads": threads or "as cores",
                "frames": frames,
                "what": name,
                "ms a frame": 1e3 * one.wall / frames,
                "beyond decoding": one.wall / base.wall - 1,
                "processor's ms a frame": 1e3 * one.cpu / frames,
                "processor's beyond decoding": one.cpu / base.cpu - 1,
            }
            for name, one in times.items()
        ]
    return rows


def sampling_rows(rounds: int) -> list[dict[str, Any]]:
    """A frame a second beside every frame, 1280x720, a keyframe every second and every ten."""
    rows = []
    for clip in (HD_SHORT_GOP, HD_LONG_GOP):
        path = speed_clip(clip)
        times = by_turns(
            {
                "every": partial(decoded, path, 0),
                "second": partial(decoded, path, 0, 1.0),
                "every, fingerprint": partial(examine_video, path, interval_s=0),
                "second, fingerprint": partial(examine_video, path, interval_s=1.0),
            },
            rounds,
        )
        for what in ("", ", fingerprint"):
            every, second = times[f"every{what}"], times[f"second{what}"]
            rows.append(
                {
                    "keyframe every, s": clip.gop_s,
                    "what": what.removeprefix(", ") or "decoding",
                    "frames": decoded(path, 0),
                    "taken": decoded(path, 0, 1.0),
                    "every frame, s": every.wall,
                    "one a second, s": second.wall,
                    "times faster": every.wall / second.wall,
                    "processor, times less": every.cpu / second.cpu,
                }
            )
    return rows


def peer_rows(python: Path, rounds: int) -> list[dict[str, Any]]:
    """``vpdq`` and ours on every frame of 1920x1080, by turns; the hashes compared first."""
    path = speed_clip(FULL_HD)
    all_cores = os.sched_getaffinity(0)
    rows = []
    for cores in (all_cores, {min(all_cores)}):
        os.sched_setaffinity(0, cores)  # the peer's process, started after it, has the same
        try:
            with peer(python) as ask:
                hashes = ask(path)["hashes"]
                made = examine_video(path, interval_s=0, prune_distance=None)
                values = np.array([list(bytes.fromhex(text)) for text in hashes], np.uint8)
                far = np.bitwise_count(made.frames.hashes[: len(values)] ^ values).sum(axis=1)
                work = partial(examine_video, path, interval_s=0, prune_distance=None)
                theirs, ours = [], []
                for _ in range(rounds):
                    theirs.append(ask(path))
                    ours.append(by_turns({"ours": work}, 1)["ours"])
        finally:
            os.sched_setaffinity(0, all_cores)
        wall = statistics.median(one["seconds"] for one in theirs)
        cpu = statistics.median(one["cpu"] for one in theirs)
        own_wall = statistics.median(one.wall for one in ours)
        own_cpu = statistics.median(one.cpu for one in ours)
        rows.append(
            {
                "cores": len(cores),
                "vpdq, ms a frame": 1e3 * wall / len(hashes),
                "ours, ms a frame": 1e3 * own_wall / len(made.frames),
                "times faster": wall / own_wall,
                "processor, times less": cpu / own_cpu,
                "vpdq's frames": len(hashes),
                "our frames": len(made.frames),
                "largest distance": int(far.max()),
                "mean distance": float(far.mean()),
            }
        )
    return rows


def memory_rows(clip: SpeedClip) -> list[dict[str, Any]]:
    """Every frame of a long 4K video in a process of its own: the most that it and workers held."""
    path = speed_clip(clip)
    rows = []
    for how in ("here", "isolated"):
        command = [sys.executable, "-c", _MEMORY, str(path), how]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        status, frames, own, workers = done.stdout.split()
        rows.append(
            {
                "decoded": how,
                "size": f"{clip.width}x{clip.height}",
                "seconds of video": clip.seconds,
                "status": status,
                "frames": int(frames),
                "process, MiB": int(own) / 1024,
                "worker, MiB": int(workers) / 1024,
            }
        )
    return rows


def main() -> None:
    parser = arguments(__doc__ or "")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--peer", type=Path, help="a Python in which vpdq is installed")
    parser.add_argument("--frames", type=int, default=1_000_000, help="that are searched")
    parser.add_argument("--no-memory", action="store_true", help="without the 4K video")
    options = parser.parse_args()
    result: dict[str, Any] = {"machine": machine("av")}
    parts: list[tuple[str, Any]] = [
        ("the hash beside decoding, 1920x1080", lambda: share_rows(options.rounds)),
        ("one frame a second, 1280x720", lambda: sampling_rows(options.rounds)),
    ]
    if options.peer:
        parts.append(("vpdq, 1920x1080", lambda: peer_rows(options.peer, options.rounds)))
    parts.append(("search of ten minutes", lambda: search_rows(options.frames, options.rounds)))
    if not options.no_memory:
        parts.append(("memory, every frame", lambda: memory_rows(FOUR_K)))
    for title, work in parts:
        result[title] = work()
        table(title, result[title])
    result["peak of this process, MiB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    write(options.json, result)


if __name__ == "__main__":
    main()
