"""A writer that is killed at random; readers must see a whole old or new index, never a mix.

The writer adds and removes batches (one hash under BATCH ids each), compacts and saves. It is
ended by SIGKILL at a random moment and started again. Readers open and refresh the same folder and
search: a batch is found whole or not at all, the generation only grows, and every answer belongs to
one state. Exit code 1 where anything is torn, lost or refused.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import tempfile
import time
from multiprocessing.synchronize import Event, Semaphore
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.measure import arguments, machine, write
from benchmarks.workloads import SEED
from hashmatch.errors import HashmatchError
from hashmatch.index import HammingIndex

BATCH = 20
BATCHES = 60
READERS = 3


def batch_hash(batch: int) -> NDArray[np.uint8]:
    return np.random.default_rng(batch).integers(0, 256, (1, 32), dtype=np.uint8)


def batch_ids(batch: int) -> NDArray[np.int64]:
    return np.arange(batch * BATCH, (batch + 1) * BATCH, dtype=np.int64)


def change(index: HammingIndex, rng: np.random.Generator) -> None:
    for _ in range(int(rng.integers(1, 4))):
        batch = int(rng.integers(0, BATCHES))
        if batch * BATCH in index:
            index.remove(batch_ids(batch))
        else:
            index.add(np.repeat(batch_hash(batch), BATCH, axis=0), batch_ids(batch))
    if rng.random() < 0.1:
        index.compact()


def writer(folder: str, seed: int, stop: Event, ready: Semaphore) -> None:
    rng = np.random.default_rng(seed)
    index = HammingIndex.open(folder)
    ready.release()
    while not stop.is_set():
        change(index, rng)
        index.save(folder)


def reader(folder: str, seed: int, stop: Event, ready: Semaphore, log: str) -> None:
    """Writes what it saw to ``log``: counts, and everything that must not be."""
    rng = np.random.default_rng(seed)
    seen: dict[str, Any] = {"searches": 0, "refreshes": 0, "opens": 0, "states": 0, "torn": []}
    index = HammingIndex.open(folder)
    queries = np.concatenate([batch_hash(batch) for batch in range(BATCHES)])
    generation = 0
    ready.release()
    while not stop.is_set():
        try:
            if rng.random() < 0.1:
                index = HammingIndex.open(folder)
                seen["opens"] += 1
            elif index.refresh():
                seen["refreshes"] += 1
        except HashmatchError as error:
            seen["torn"].append(f"refused: {error}")
            continue
        view = index.snapshot()
        result = view.range_search(queries, 0)
        total = 0
        for batch in range(BATCHES):
            ids = result.of(batch)[0].tolist()
            total += len(ids)
            if ids not in ([], batch_ids(batch).tolist()):
                seen["torn"].append(f"batch {batch}: {ids}")
        if total != len(view):
            seen["torn"].append(f"{total} found of {len(view)}")
        folder_now = index._state[1]
        now = 0 if folder_now is None else folder_now.generation
        if now < generation:
            seen["torn"].append(f"generation {now} after {generation}")
        seen["states"] += now > generation
        generation = now
        seen["searches"] += 1
    Path(log).write_text(json.dumps(seen), encoding="utf-8")


def soak(folder: Path, seconds: float, seed: int = SEED) -> dict[str, Any]:
    """Runs it; the counts of all, and whatever went wrong."""
    context = multiprocessing.get_context("spawn")
    rng = np.random.default_rng(seed)
    stop = context.Event()
    ready = context.Semaphore(0)
    where = folder / "index"
    HammingIndex(256).save(where)
    logs = [folder / f"reader-{number}.json" for number in range(READERS)]
    readers = [
        context.Process(target=reader, args=(str(where), number, stop, ready, str(log)))
        for number, log in enumerate(logs)
    ]
    for process in readers:
        process.start()
    for _ in readers:
        ready.acquire()
    kills = 0
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        process = context.Process(target=writer, args=(str(where), seed + kills, stop, ready))
        process.start()
        assert process.pid is not None
        ready.acquire()
        time.sleep(float(rng.uniform(0.1, 0.8)))
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        kills += 1
    stop.set()
    for process in readers:
        process.join()
    seen = [json.loads(log.read_text(encoding="utf-8")) for log in logs]
    last = HammingIndex.open(where)
    last.verify()
    state = last._state[1]
    return {
        "seconds": seconds,
        "kills": kills,
        "saves": 0 if state is None else state.generation - 1,
        "searches": sum(one["searches"] for one in seen),
        "refreshes": sum(one["refreshes"] for one in seen),
        "opens": sum(one["opens"] for one in seen),
        "states seen": [one["states"] for one in seen],
        "torn": [what for one in seen for what in one["torn"]],
    }


def main() -> None:
    parser = arguments(__doc__ or "")
    parser.add_argument("--seconds", type=float, default=60)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        result = soak(Path(folder), options.seconds)
    print(json.dumps(result, indent=2))
    write(options.json, {"machine": machine(), **result})
    raise SystemExit(1 if result["torn"] else 0)


if __name__ == "__main__":
    main()
