"""Digests of a known-file data set (NSRL RDSv3 minimal) as arrays, beside bare sqlite3.

The peer fetches one column and makes the same arrays of it without a check of any row.
"""

from __future__ import annotations

import hashlib
import resource
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.measure import Work, arguments, machine, paired, table, write
from benchmarks.workloads import SEED
from hashmatch.exchange import digest_blocks, open_reader

WIDTHS = {"md5": 16, "sha1": 20, "sha256": 32}
BATCH = 8192
RECORDS = 100_000


def rows(count: int) -> Iterator[tuple[Any, ...]]:
    for number in range(count):
        data = f"{SEED} {number}".encode()
        digests = [
            hashlib.new(name, data).hexdigest().upper() for name in ("sha256", "sha1", "md5")
        ]
        yield (*digests, f"file {number}.dll", number + 1, number // 100)


def make(path: Path, count: int) -> None:
    connection = sqlite3.connect(path)
    connection.executescript("""
        CREATE TABLE FILE(sha256 TEXT, sha1 TEXT, md5 TEXT, file_name TEXT, file_size INTEGER,
            package_id INTEGER);
        CREATE TABLE PKG(package_id INTEGER, name TEXT);""")
    connection.executemany("INSERT INTO FILE VALUES (?, ?, ?, ?, ?, ?)", rows(count))
    packages = ((number, f"package {number}") for number in range(count // 100 + 1))
    connection.executemany("INSERT INTO PKG VALUES (?, ?)", packages)
    connection.commit()
    connection.close()


def bare(path: Path, algorithm: str) -> np.ndarray[Any, Any]:
    connection = sqlite3.connect(path)
    cursor = connection.execute(f"SELECT {algorithm} FROM FILE")  # noqa: S608
    found = []
    while batch := cursor.fetchmany(BATCH):
        data = bytes.fromhex("".join([row[0] for row in batch]))
        found.append(np.frombuffer(data, np.uint8).reshape(-1, WIDTHS[algorithm]))
    connection.close()
    return np.concatenate(found)


def ours(path: Path, algorithm: str) -> np.ndarray[Any, Any]:
    with digest_blocks(path, algorithm) as blocks:
        return np.concatenate(list(blocks))


def records(path: Path) -> int:
    with open_reader(path) as reader:
        return sum(1 for _, _ in zip(reader, range(RECORDS), strict=False))


def grown_mib(work: Work) -> float:
    """Peak of the process, before and after; the first measurement of a run says the most."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    work()
    return (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024


def stream(path: Path) -> None:
    with digest_blocks(path, "md5") as blocks:
        for _ in blocks:
            pass


def measured(path: Path, algorithm: str, count: int, rounds: int) -> dict[str, Any]:
    assert np.array_equal(bare(path, algorithm), ours(path, algorithm))
    contestants: dict[str, Work] = {
        "bare sqlite3": lambda: bare(path, algorithm),
        "digest_blocks": lambda: ours(path, algorithm),
    }
    times = paired(contestants, rounds=rounds, budget_s=6)
    return {
        "digest": algorithm,
        "rows": count,
        "times bare sqlite3": times["bare sqlite3"] / times["digest_blocks"],
        **{f"{name}, rows/s": count / seconds for name, seconds in times.items()},
    }


def main() -> None:
    parser = arguments(__doc__ or "")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    result: dict[str, Any] = {"machine": machine()}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "minimal.db"
        make(path, options.rows)
        result["file_mib"] = path.stat().st_size / 2**20
        result["streaming_grows_mib"] = grown_mib(lambda: stream(path))
        result["digests"] = [
            measured(path, algorithm, options.rows, options.rounds) for algorithm in WIDTHS
        ]
        seconds = paired({"records": lambda: records(path)}, rounds=3, budget_s=6)["records"]
        result["records_per_s"] = min(RECORDS, options.rows) / seconds
    table(f"NSRL RDSv3 minimal, {result['file_mib']:.0f} MiB", result["digests"])
    print(f"\nstreaming grows the process by {result['streaming_grows_mib']:.1f} MiB")
    print(f"with a record for every row: {result['records_per_s']:.0f} rows/s")
    write(options.json, result)


if __name__ == "__main__":
    main()
