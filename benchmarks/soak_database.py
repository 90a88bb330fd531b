"""One writer and several checking processes on one database, for a while.

The writer imports one record after the other and withdraws them again some imports later. A checker
asks for the newest record that was committed before it asked, which must be found, and for the
newest that was withdrawn, which must not; by digests and by hash. At the end no change is missing,
and the audit log is whole, with an entry for every match.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.measure import arguments, machine, table, write
from hashmatch.database import open_database
from hashmatch.errors import DatabaseBusyError
from hashmatch.matching import Checker
from hashmatch.types import Digests, HashRecord, HashValue, Label, Opinion

BACKENDS = ("sqlite", "postgres")
KEPT = 5
"""Imports after which a record is withdrawn."""
BASE = 20_000
"""Records that are there all the time."""
BASE_FROM = 1 << 40


@dataclass
class Marks:
    """What the writer has done, as numbers that only grow; shared by all processes."""

    committed: Any
    withdrawing: Any
    withdrawn: Any
    stop: Any
    ready: Any


@dataclass
class Outcome:
    """What one process met."""

    done: int = 0
    matches: int = 0
    busy: int = 0
    stale: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)


def marker(number: int) -> HashRecord:
    """The number-th record; its hash is far from every other one."""
    seed = b"soak %d" % number
    value = np.random.default_rng(number).permutation(np.repeat([0, 1], 128)).astype(np.uint8)
    return HashRecord(
        record_key=f"k{number}",
        position=1,
        digests=Digests(hashlib.md5(seed).hexdigest(), hashlib.sha1(seed).hexdigest()),  # noqa: S324
        opinion=Opinion(scheme="vics-us-current", raw_category="1", label=Label.CSAM),
        hashes=(HashValue("pdq", np.packbits(value).tobytes(), 100),),
    )


def write_until_stopped(url: str, marks: Marks, outcome: Outcome) -> None:
    number = 0
    with open_database(url, actor="writer") as db:
        marks.ready.wait()
        while not marks.stop.is_set():
            number += 1
            db.import_records([marker(number)], source="feed")
            outcome.done += 1
            marks.committed.value = number
            if number > KEPT:
                marks.withdrawing.value = number - KEPT
                db.withdraw(source="feed", record_key=f"k{number - KEPT}")
                outcome.done += 1
                marks.withdrawn.value = number - KEPT


def check_until_stopped(url: str, marks: Marks, outcome: Outcome) -> None:
    with open_database(url, actor="checker") as db:
        checker = Checker(db)
        checker.check_digests(md5="ab" * 16)  # what is built once
        marks.ready.wait()
        while not marks.stop.is_set():
            for wanted, present in ((marks.committed.value, True), (marks.withdrawn.value, False)):
                if wanted == 0:
                    continue
                record = marker(wanted)
                if outcome.done % 2:
                    asked = {"sha1": record.digests.sha1}
                    begun = time.perf_counter()
                    result = checker.check_digests(**asked)
                else:
                    value = record.hashes[0].value
                    begun = time.perf_counter()
                    result = checker.check_hash("pdq", value, quality=100)
                outcome.seconds.append(time.perf_counter() - begun)
                outcome.done += 1
                outcome.matches += bool(result.matches)
                # What was being withdrawn meanwhile may be there or not.
                if present and not result.matches and marks.withdrawing.value < wanted:
                    outcome.stale.append(f"{record.record_key} was committed and is not found")
                if not present and result.matches:
                    outcome.stale.append(f"{record.record_key} was withdrawn and is found")


def _process(work: Any, url: str, marks: Marks, results: Any) -> None:
    outcome = Outcome()
    try:
        work(url, marks, outcome)
    except DatabaseBusyError:
        outcome.busy += 1
        outcome.errors.append(traceback.format_exc())
    except BaseException:
        outcome.errors.append(traceback.format_exc())
        raise
    finally:
        if outcome.errors:
            marks.stop.set()
        results.put((work.__name__, outcome))


def soak(url: str, *, seconds: float, checkers: int = 4, base: int = BASE) -> dict[str, Any]:
    """Run it in processes of their own on a new database; see the module's text.

    Returns:
        Counts, latencies in milliseconds, and ``wrong``: everything that must not be, in words.
    """
    with open_database(url, create=True) as db:
        db.import_records((marker(BASE_FROM + n) for n in range(base)), source="base")
    spawning = multiprocessing.get_context("spawn")
    marks = Marks(
        committed=spawning.Value("q", 0),
        withdrawing=spawning.Value("q", 0),
        withdrawn=spawning.Value("q", 0),
        stop=spawning.Event(),
        ready=spawning.Barrier(checkers + 2, timeout=120),
    )
    results = spawning.Queue()
    works = [write_until_stopped, *[check_until_stopped] * checkers]
    processes = [
        spawning.Process(target=_process, args=(work, url, marks, results)) for work in works
    ]
    for process in processes:
        process.start()
    marks.ready.wait()
    marks.stop.wait(seconds)
    marks.stop.set()
    outcomes = [results.get(timeout=120) for _ in processes]
    for process in processes:
        process.join()
    return _summary(url, outcomes, base=base, committed=marks.committed.value)


def _summary(
    url: str, outcomes: list[tuple[str, Outcome]], *, base: int, committed: int
) -> dict[str, Any]:
    checking = [one for name, one in outcomes if name == check_until_stopped.__name__]
    writing = [one for name, one in outcomes if name == write_until_stopped.__name__]
    wrong = [text for _, one in outcomes for text in (*one.stale, *one.errors)]
    writes = sum(one.done for one in writing)
    matches = sum(one.matches for one in checking)
    with open_database(url) as db:
        stats = db.stats()
        found = {
            "revision": db.revision,
            "opinions of the feed": stats.by_source.get("feed", 0),
            "opinions of the base": stats.by_source["base"],
            "audit entries": db.verify_audit(),
        }
    expected = {
        "revision": 1 + writes,
        "opinions of the feed": min(committed, KEPT),
        "opinions of the base": base,
        "audit entries": 2 + writes + matches,
    }
    wrong += [
        f"{name}: expected {expected[name]}, got {value}"
        for name, value in found.items()
        if value != expected[name]
    ]
    latencies = np.array([second for one in checking for second in one.seconds]) * 1000
    return {
        "writes": writes,
        "checks": len(latencies),
        "matches, each logged": matches,
        "busy": sum(one.busy for _, one in outcomes),
        "p50_ms": float(np.percentile(latencies, 50)) if len(latencies) else None,
        "p99_ms": float(np.percentile(latencies, 99)) if len(latencies) else None,
        "max_ms": float(latencies.max()) if len(latencies) else None,
        "wrong": wrong,
    }


@contextmanager
def new_database(backend: str) -> Iterator[str]:
    """Path or URL of a database that is not there yet, in a folder or on a server of its own."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        os.environ["HASHMATCH_CACHE"] = str(Path(folder) / "cache")
        if backend == "sqlite":
            yield str(Path(folder) / "soak.db")
            return
        from postgres_server import PostgresServer, find_binaries

        binaries = find_binaries()
        if binaries is None:
            sys.exit("no PostgreSQL server is installed")
        server = PostgresServer(binaries)
        stack.callback(server.stop)
        server.start()
        yield server.new_database()


def main() -> int:
    parser = arguments(__doc__ or "")
    parser.add_argument("--backend", choices=BACKENDS, action="append")
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--checkers", type=int, default=4)
    parser.add_argument("--base", type=int, default=BASE)
    chosen = parser.parse_args()
    result: dict[str, Any] = {
        "machine": machine("sqlalchemy", "psycopg"),
        "seconds": chosen.seconds,
    }
    rows = []
    for backend in chosen.backend or BACKENDS:
        with new_database(backend) as url:
            found = soak(url, seconds=chosen.seconds, checkers=chosen.checkers, base=chosen.base)
        result[backend] = found
        rows.append({"backend": backend, **found, "wrong": len(found["wrong"])})
        for text in found["wrong"][:10]:
            print(f"{backend}: {text}")
    table(f"one writer, {chosen.checkers} checkers, {chosen.seconds:g} s", rows)
    write(chosen.json, result)
    return 1 if any(result[backend]["wrong"] for backend in chosen.backend or BACKENDS) else 0


if __name__ == "__main__":
    sys.exit(main())
