"""How an index grows: build, memory, opening, and time and candidates of a search by size."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.measure import arguments, machine, paired, table, write
from benchmarks.workloads import search_problem
from hashmatch.index import HammingIndex

RADIUS = 31
_CHILD = """
import json, sys, time
from pathlib import Path
import numpy as np
from hashmatch.index import HammingIndex
HammingIndex(256).range_search(np.zeros((1, 32), np.uint8), 31)

def private():
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()[1:]
    fields = dict(line.split(":") for line in lines)
    return sum(int(fields[key].split()[0]) for key in ("Private_Clean", "Private_Dirty")) / 1024

before = private()
start = time.perf_counter()
index = HammingIndex.open(sys.argv[1])
opened = time.perf_counter() - start
after = private()
queries = np.load(sys.argv[2])
start = time.perf_counter()
first = index.range_search(queries[:1], 31)
verified = time.perf_counter() - start
index.range_search(queries, 31)
print(json.dumps({
    "open, ms": 1e3 * opened,
    "private memory of opening, MB": after - before,
    "first answer with verification, ms": 1e3 * verified,
    "private memory after searching, MB": private() - before,
    "hits": len(first.ids),
}))
"""


def grown(n: int, folder: Path) -> dict[str, Any]:
    problem = search_problem(n, 200)
    seconds = []
    for _ in range(3):
        index = HammingIndex(256)
        start = time.perf_counter()
        index.add(problem.hashes)
        seconds.append(time.perf_counter() - start)
    scanning = HammingIndex(256, strategy="scan")
    scanning.add(problem.hashes)
    queries = problem.queries
    turn = iter(range(10**9))

    def search() -> None:
        query = queries[next(turn) % len(queries)]
        index.range_search(query[None], RADIUS)

    time_us = 1e6 * paired({"search": search}, rounds=9, budget_s=6)["search"]
    results = [index.range_search(query[None], RADIUS) for query in queries]
    assert all(len(result.ids) == RADIUS + 1 for result in results)
    works = [result.work for result in results if result.work is not None]
    plan = index.explain(queries[0], RADIUS)
    saved = folder / str(n)
    np.save(folder / "queries.npy", queries)
    start = time.perf_counter()
    index.save(saved)
    saving = time.perf_counter() - start
    other = HammingIndex.open(saved)  # so that the child is the second process to map the files
    other.range_search(queries, RADIUS)
    child = subprocess.run(
        [sys.executable, "-c", _CHILD, str(saved), str(folder / "queries.npy")],
        check=True,
        capture_output=True,
        text=True,
    )
    return {
        "hashes": n,
        "microseconds a query": time_us,
        **{
            key: float(np.mean([getattr(work, key) for work in works]))
            for key in ("probes", "entries", "verified")
        },
        "chunks": len(plan.segments[0].radii),
        "key bits": plan.segments[0].key_bits,
        "bytes a hash": index.memory_bytes / n,
        "bytes a hash, scan only": scanning.memory_bytes / n,
        "build, M hashes/s": n / float(np.median(seconds)) / 1e6,
        "first build, M hashes/s": n / seconds[0] / 1e6,
        "save, s": saving,
        **json.loads(child.stdout),
    }


def main() -> None:
    parser = arguments(__doc__ or "")
    parser.add_argument("--hashes", type=int, nargs="+", default=[10**5, 10**6, 10**7])
    options = parser.parse_args()
    rows = []
    for n in options.hashes:
        with tempfile.TemporaryDirectory() as folder:
            rows.append(grown(n, Path(folder)))
    size = np.log([row["hashes"] for row in rows])
    fitted = {
        name: float(np.polyfit(size, np.log([row[name] for row in rows]), 1)[0])
        for name in ("microseconds a query", "entries", "verified")
        if len(rows) > 1
    }
    for row in rows:
        table(f"{row['hashes']} hashes", [row])
    table("fitted exponents", [fitted])
    write(options.json, {"machine": machine(), "growth": rows, "exponents": fitted})


if __name__ == "__main__":
    main()
