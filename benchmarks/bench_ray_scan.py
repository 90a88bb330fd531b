"""A scan through Ray beside one by the local pool, of the same files on the same processors.

``python -m benchmarks.bench_ray_scan``, or ``--quick``. Each run is a process of its own, bound to
one or two processors, which the whole cluster shares with it; the two take turns. What Ray takes to
start and to end is told apart, and so is the rate of tasks that do nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.exhibit import exhibit
from benchmarks.measure import arguments, machine, table, write
from benchmarks.process_tree import descendants
from benchmarks.workloads import SEED
from hashmatch.scan import Catalogue, RayCluster, Recipe, scan_into

ALLOWED_PERCENT = 15.0
_EMPTY_TASKS = 2000


def nothing(_: int) -> None:
    """A task that does nothing."""


def tasks_per_second() -> float:
    """Of tasks that do nothing, 64 at once."""
    import ray

    call = ray.remote(num_cpus=1)(nothing)
    ray.get([call.remote(number) for number in range(64)])
    start = time.perf_counter()
    for first in range(0, _EMPTY_TASKS, 64):
        ray.get([call.remote(number) for number in range(first, first + 64)])
    return _EMPTY_TASKS / (time.perf_counter() - start)


def processor_seconds() -> float:
    """Of this process and of all below it, those that ended included."""
    ticks = 0
    for pid in descendants(os.getpid()):
        try:
            fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
        except OSError:
            continue
        ticks += sum(map(int, fields.rpartition(")")[2].split()[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def scanned(files: str, cluster: RayCluster | None) -> dict[str, Any]:
    """One run into a new catalogue."""
    with tempfile.TemporaryDirectory() as folder, Catalogue.open(folder, create=True) as catalogue:
        before, start = processor_seconds(), time.perf_counter()
        scan_into(catalogue, [files], recipe=Recipe(), hands=cluster)
        seconds = time.perf_counter() - start
        lines = "\n".join(catalogue.export_lines())
        return {
            "seconds": seconds,
            "processor_s": processor_seconds() - before,
            "export": hashlib.sha256(lines.encode()).hexdigest(),
            "n_files": catalogue.ledger().seen,
        }


def child(by: str, files: str, n_cores: int) -> dict[str, Any]:
    """Two runs, in this process: by the second one the nodes' processes are there."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:n_cores])
    told: dict[str, Any] = {}
    start = time.perf_counter()
    cluster = RayCluster() if by == "ray" else None
    if cluster is not None:
        told["start_s"] = time.perf_counter() - start
        told["tasks_per_s"] = tasks_per_second()
    told |= scanned(files, cluster)
    told["again_s"] = scanned(files, cluster)["seconds"]
    if cluster is not None:
        start = time.perf_counter()
        cluster.close()
        told["end_s"] = time.perf_counter() - start
    return told


def measured(files: Path, n_cores: int, rounds: int) -> Iterator[dict[str, Any]]:
    runs: dict[str, list[dict[str, Any]]] = {"local": [], "ray": []}
    for _ in range(rounds):
        for by, made in runs.items():
            command = (sys.executable, "-m", __spec__.name, "--child", by, str(files), str(n_cores))
            out = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
            made.append(json.loads(out.stdout.splitlines()[-1]))
    assert len({run["export"] for made in runs.values() for run in made}) == 1, "results differ"
    base = _row(runs["local"], n_cores, "local pool")
    ray = _row(runs["ray"], n_cores, "ray")
    ray["overhead, %"] = 100 * (ray["ms a file"] / base["ms a file"] - 1)
    for name in ("ms a file, second run", "processor ms a file"):
        ray[f"overhead of {name}, %"] = 100 * (ray[name] / base[name] - 1)
    yield base
    yield ray


def _row(runs: list[dict[str, Any]], n_cores: int, by: str) -> dict[str, Any]:
    def median(name: str, scale: float = 1.0) -> float | None:
        values = [run[name] for run in runs if name in run]
        return scale * statistics.median(values) if values else None

    n_files = runs[0]["n_files"]
    return {
        "processors": n_cores,
        "by": by,
        "files": n_files,
        "files a second": n_files / (median("seconds") or 1),
        "ms a file": median("seconds", 1e3 / n_files),
        "ms a file, second run": median("again_s", 1e3 / n_files),
        "processor ms a file": median("processor_s", 1e3 / n_files),
        "empty tasks a second": median("tasks_per_s"),
        "start, s": median("start_s"),
        "end, s": median("end_s"),
    }


def main() -> None:
    if sys.argv[1:2] == ["--child"]:
        print(json.dumps(child(sys.argv[2], sys.argv[3], int(sys.argv[4]))))
        return
    parser = arguments(__doc__ or "")
    parser.add_argument("--quick", action="store_true", help="1,000 files, one run of each")
    options = parser.parse_args()
    pictures, rounds = (1000, 1) if options.quick else (20_000, 3)
    with tempfile.TemporaryDirectory() as folder:
        made = exhibit(
            Path(folder) / "made", pictures, 0, seed=SEED, processes=os.cpu_count() or 1, plain=True
        )
        rows = [
            row
            for n_cores in range(1, min(2, len(os.sched_getaffinity(0))) + 1)
            for row in measured(made.files, n_cores, rounds)
        ]
    table("the same files", rows)
    write(options.json, {"machine": machine("ray"), "allowed, %": ALLOWED_PERCENT, "rows": rows})


if __name__ == "__main__":
    main()
