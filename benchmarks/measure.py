"""Paired timing: the contestants take turns in one process, and only their ratios are kept."""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.workloads import SEED
from hashmatch import _native, cpu

Work = Callable[[], object]


def seconds_of(work: Work, calls: int) -> float:
    """Seconds a call, over ``calls`` of them in a row."""
    start = time.perf_counter()
    for _ in range(calls):
        work()
    return (time.perf_counter() - start) / calls


def paired(contestants: dict[str, Work], *, rounds: int, budget_s: float) -> dict[str, float]:
    """Median seconds a call of each contestant, over rounds A B C A B C ...

    Each gets a share of ``budget_s`` (at least one call a round), so that a slow peer does not
    decide how often a fast contestant is measured.
    """
    share = budget_s / rounds / len(contestants)
    calls = {}
    for name, work in contestants.items():
        work()  # warm
        calls[name] = max(1, min(2000, int(share / max(seconds_of(work, 1), 1e-9))))
    times: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, work in contestants.items():
            times[name].append(seconds_of(work, calls[name]))
    return {name: statistics.median(seen) for name, seen in times.items()}


def on_isa(isa: str, work: Work) -> Work:
    """The work on one instruction set; choosing it costs two stores."""

    def run() -> None:
        cpu.use_isa(isa)
        work()

    return run


def read_bandwidth() -> float:
    """Bytes a second that one thread reads from memory.

    The sum of 512 MiB of uint64 (numpy adds 8 bytes an instruction or more, so memory is the
    limit), and memcpy of the same (it reads every byte once and writes it once: counted is the
    reading); the better of the two.
    """
    big = np.ones(1 << 26, np.uint64)
    target = np.empty_like(big)
    times = paired({"sum": big.sum, "copy": lambda: np.copyto(target, big)}, rounds=7, budget_s=3.0)
    return big.nbytes / min(times.values())


def cpu_model() -> str:
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def machine(*packages: str) -> dict[str, Any]:
    """Everything that a number depends on beside the code."""
    return {
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
        "cpu": cpu_model(),
        "cpus": os.cpu_count(),
        "load_at_start": round(os.getloadavg()[0], 2),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "compiler": _native.compiler(),
        "isas": list(cpu.available_isas()),
        "seed": SEED,
        "versions": {name: version(name) for name in ("hashmatch", "numpy", *packages)},
    }


def arguments(description: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--json", type=Path, help="write the results here as JSON")
    return parser


def write(path: Path | None, result: dict[str, Any]) -> None:
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
        print(f"\nwritten: {path}")


def table(title: str, rows: list[dict[str, Any]]) -> None:
    """Rows as a text table; numbers to three significant digits."""
    print(f"\n{title}")
    if not rows:
        print("  (nothing)")
        return
    columns = list(dict.fromkeys(key for row in rows for key in row))
    cells = [columns, *([_shown(row.get(key)) for key in columns] for row in rows)]
    widths = [max(len(line[i]) for line in cells) for i in range(len(columns))]
    for line in cells:
        print("  " + "  ".join(cell.rjust(w) for cell, w in zip(line, widths, strict=True)))


def _shown(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"
    return "" if value is None else str(value)
