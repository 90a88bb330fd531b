"""Exact digest lookups beside numpy.searchsorted, a Python set and SQLite: one thread, 20 bytes.

Answers are asserted equal to those of numpy's binary search before anything is timed. SQLite and
the Python set are given a part of the digests where all would not fit; the table says how many.
"""

from __future__ import annotations

import resource
import sqlite3
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.measure import Work, arguments, machine, paired, table, write
from benchmarks.workloads import SEED
from hashmatch.index import DigestSet, DigestSetBuilder

WIDTH = 20
PIECE = 1 << 18
Bytes = NDArray[np.uint8]
Texts = NDArray[np.void]


def piece_of(number: int, size: int) -> Bytes:
    """Digests by number of their piece, so that no run needs all of them in memory."""
    return np.random.default_rng((SEED, number)).integers(0, 256, (size, WIDTH), dtype=np.uint8)


def pieces(n: int) -> list[tuple[int, int]]:
    return [(first // PIECE, min(PIECE, n - first)) for first in range(0, n, PIECE)]


def build(path: Path, n: int, *, with_payload: bool) -> dict[str, Any]:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    with DigestSetBuilder(path, width=WIDTH, with_payload=with_payload) as builder:
        for number, size in pieces(n):
            first = number * PIECE
            payload = np.arange(first, first + size, dtype=np.int64) if with_payload else None
            builder.add(piece_of(number, size), payload)
    seconds = time.perf_counter() - start
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    return {
        "digests": n,
        "payload": with_payload,
        "seconds": seconds,
        "M digests/s": n / seconds / 1e6,
        "peak memory grew by MB": grown / 1024,
        "file bytes a digest": path.stat().st_size / n,
    }


def queries_of(n: int, n_queries: int) -> Bytes:
    """One half stored digests, one half random ones, shuffled."""
    rng = np.random.default_rng(SEED)
    listed = pieces(n)
    known = []
    for number, size in listed:
        digests = piece_of(number, size)
        known.append(digests[rng.integers(0, size, n_queries // 2 // len(listed) + 1)])
    stored = np.concatenate(known)[: n_queries // 2]
    strange = rng.integers(0, 256, (n_queries - len(stored), WIDTH), dtype=np.uint8)
    mixed = np.concatenate([stored, strange])
    return np.ascontiguousarray(mixed[rng.permutation(len(mixed))])


def as_texts(digests: Bytes) -> Texts:
    """As numpy's byte strings, which it sorts and searches."""
    texts: Texts = np.ascontiguousarray(digests).view(f"S{WIDTH}").reshape(-1)
    return texts


def sorted_texts(n: int) -> Texts:
    texts = np.empty(n, dtype=f"S{WIDTH}")
    for number, size in pieces(n):
        texts[number * PIECE : number * PIECE + size] = as_texts(piece_of(number, size))
    texts.sort()
    return texts


def searched(texts: Texts, queries: Texts) -> NDArray[np.bool_]:
    places = np.minimum(np.searchsorted(texts, queries), len(texts) - 1)
    found: NDArray[np.bool_] = texts[places] == queries
    return found


def database_of(path: Path, n: int) -> sqlite3.Connection:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE digests (digest BLOB PRIMARY KEY) WITHOUT ROWID")
    for number, size in pieces(n):
        rows = sorted(digest.tobytes() for digest in piece_of(number, size))
        connection.executemany("INSERT INTO digests VALUES (?)", ((row,) for row in rows))
    connection.commit()
    return connection


def lookups(path: Path, folder: Path, n: int, options: Any) -> list[dict[str, Any]]:
    queries = queries_of(n, options.queries)
    some = queries[: min(len(queries), 20_000)]
    few = min(n, options.peer_digests)
    texts = sorted_texts(n)
    text_queries = as_texts(queries)
    known = DigestSet.open(path)
    start = time.perf_counter()
    found = known.contains(queries)
    first_s = time.perf_counter() - start
    assert np.array_equal(found, searched(texts, text_queries)), "false answers"
    assert int(found.sum()) >= len(queries) // 2
    assert np.array_equal(np.diff(known.find(queries).offsets) > 0, found)

    in_python = {
        digest.tobytes() for number, size in pieces(few) for digest in piece_of(number, size)
    }
    database = database_of(folder / "peer.db", few)
    keys = [digest.tobytes() for digest in some]
    one = "SELECT 1 FROM digests WHERE digest = ?"
    contestants: dict[str, tuple[int, int, Work]] = {
        "contains": (n, len(queries), lambda: known.contains(queries)),
        "find": (n, len(queries), lambda: known.find(queries)),
        "numpy searchsorted": (n, len(some), lambda: searched(texts, as_texts(some))),
        "Python set": (few, len(keys), lambda: [key in in_python for key in keys]),
        "sqlite3": (
            few,
            len(keys),
            lambda: [database.execute(one, (key,)).fetchone() for key in keys],
        ),
    }
    times = paired(
        {name: work for name, (_, _, work) in contestants.items()},
        rounds=options.rounds,
        budget_s=10,
    )
    database.close()
    rows = [
        {
            "who": name,
            "digests": size,
            "M lookups/s": asked / times[name] / 1e6,
            "ns a lookup": 1e9 * times[name] / asked,
        }
        for name, (size, asked, _) in contestants.items()
    ]
    rows[0]["first call, with the check of the file, s"] = first_s
    return rows


def main() -> None:
    parser = arguments(__doc__ or "")
    parser.add_argument("--digests", type=int, default=20_000_000)
    parser.add_argument("--queries", type=int, default=1_000_000)
    parser.add_argument("--peer-digests", type=int, default=2_000_000)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    result: dict[str, Any] = {"machine": machine(), "sqlite": sqlite3.sqlite_version}
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as name:
        folder = Path(name)
        result["building"] = [
            build(folder / f"set{int(with_payload)}", options.digests, with_payload=with_payload)
            for with_payload in (False, True)
        ]
        table("building (SHA-1 size)", result["building"])
        result["lookups"] = lookups(folder / "set1", folder, options.digests, options)
    table("lookups, half of them hits, one thread", result["lookups"])
    write(options.json, result)


if __name__ == "__main__":
    main()
