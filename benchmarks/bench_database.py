"""Lists into the national database, from file to answering checks, beside a bare loader.

Each import is a process of its own, as at the command line; its memory, and that of the process
that reads for it, is sampled. The peer does what a quick script does: the whole file through orjson
(or csv), and four columns into one SQLite table with two indexes; no opinions, no history, nothing
is merged.
"""

from __future__ import annotations

import csv
import json
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import psutil

from benchmarks.database_lists import make_icse, make_vics
from benchmarks.measure import arguments, machine, table, write
from hashmatch import Checker
from hashmatch.database import open_database

SAMPLE_S = 0.05


def job(database: str, path: Path, source: str, *flags: str) -> dict[str, Any]:
    """One import in its own process, with the most memory that it and its helper held."""
    command = [sys.executable, "-m", "benchmarks.database_job", database, str(path), source, *flags]
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    most = 0
    watched = psutil.Process(process.pid)
    while process.poll() is None:
        most = max(most, _resident(watched))
        time.sleep(SAMPLE_S)
    out = process.stdout.read() if process.stdout else ""
    if process.returncode:
        raise SystemExit(f"import of {path.name} failed: {process.returncode}")
    result: dict[str, Any] = json.loads(out)
    result["process_s"] = time.perf_counter() - start
    result["peak_rss_mb"] = most / 1e6
    return result


def _resident(process: psutil.Process) -> int:
    try:
        tree = [process, *process.children(recursive=True)]
        return sum(one.memory_info().rss for one in tree)
    except psutil.Error:
        return 0


def bare(path: Path, rows: Iterator[tuple[Any, ...]]) -> float:
    """Seconds that a script needs for one table with two indexes."""
    start = time.perf_counter()
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("BEGIN")
    connection.execute("CREATE TABLE hash (md5 BLOB, sha1 BLOB, photodna BLOB, category TEXT)")
    connection.executemany("INSERT INTO hash VALUES (?, ?, ?, ?)", rows)
    connection.execute("CREATE INDEX hash_md5 ON hash (md5)")
    connection.execute("CREATE INDEX hash_sha1 ON hash (sha1)")
    connection.execute("COMMIT")
    connection.close()
    return time.perf_counter() - start


def bare_vics(path: Path) -> Iterator[tuple[Any, ...]]:
    for record in orjson.loads(path.read_bytes())["value"]:
        yield (
            bytes.fromhex(record["MD5"]),
            bytes.fromhex(record["SHA1"]),
            record["PhotoDNA"],
            str(record["Category"]),
        )


def bare_icse(path: Path) -> Iterator[tuple[Any, ...]]:
    with path.open(newline="") as file:
        for row in csv.DictReader(file, delimiter=";"):
            yield (
                bytes.fromhex(row["MD5"]),
                bytes.fromhex(row["SHA1"]),
                bytes.fromhex(row["PhotoDNA"]),
                row["Baseline"],
            )


def visible(database: str, path: Path, last_md5: str) -> dict[str, Any]:
    """A delta, until a checker that was open before answers with it."""
    with open_database(database) as db, open_database(database, read_only=True) as other:
        checker = Checker(other)
        checker.check_digests(md5="0" * 31 + "1")
        start = time.perf_counter()
        report = db.import_file(path, source="national")
        imported = time.perf_counter()
        result = checker.check_digests(md5=last_md5)
        seen = time.perf_counter()
    if not result.matches:
        raise SystemExit("the delta is not visible")
    return {
        "added": report.added,
        "import_s": imported - start,
        "next_check_s": seen - imported,
        "total_s": seen - start,
    }


def last_md5(path: Path) -> str:
    md5: str = orjson.loads(path.read_bytes())["value"][-1]["MD5"]
    return md5.lower()


def made(folder: Path, kind: str, count: int, start: int = 0) -> Path:
    """A list, unless an earlier run left it there."""
    path = folder / f"{kind}-{start}-{count}"
    if not path.exists():
        beside = path.with_suffix(".part")
        {"vics": make_vics, "icse": make_icse}[kind](beside, count, start=start)
        beside.rename(path)
    return path


def vics(folder: Path, lists: Path, url: str | None, count: int) -> list[dict[str, Any]]:
    """First import, the same again, a delta of one in a hundred."""
    database = url or str(folder / "vics.db")
    whole, delta = made(lists, "vics", count), made(lists, "vics", count // 100, count)
    rows = [
        {"list": "VICS 2.0", "records": count, "what": "first", **job(database, whole, "national")},
        {"list": "VICS 2.0", "records": count, "what": "again", **job(database, whole, "national")},
    ]
    if url is None:
        rows[0]["bare_s"] = bare(folder / "bare.db", bare_vics(whole))
        rows[0]["ratio_to_bare"] = rows[0]["total_s"] / rows[0]["bare_s"]
    seen = visible(database, delta, last_md5(delta))
    rows.append({"list": "VICS 2.0", "records": count // 100, "what": "1 % delta", **seen})
    return rows


def icse(folder: Path, lists: Path, url: str | None, count: int) -> list[dict[str, Any]]:
    path = made(lists, "icse", count)
    database = url or str(folder / "icse.db")
    row: dict[str, Any] = {"list": "ICSE", "records": count, "what": "first"}
    row |= job(database, path, "INTERPOL ICSE")
    if url is None:
        row["bare_s"] = bare(folder / "bare_icse.db", bare_icse(path))
        row["ratio_to_bare"] = row["total_s"] / row["bare_s"]
    return [row]


def growth(folder: Path, lists: Path, url: str | None, sizes: list[int]) -> list[dict[str, Any]]:
    """Lists one after the other, until the database holds each of ``sizes``."""
    database = url or str(folder / "growth.db")
    rows, held = [], 0
    for number, size in enumerate(sizes):
        path = made(lists, "vics", size - held, held)
        took = job(database, path, f"list {number}")
        rows.append(
            {
                "media_after": size,
                "added": took["added"],
                "records_per_s": took["added"] / took["total_s"],
                **{k: took[k] for k in ("import_s", "index_s", "total_s", "peak_rss_mb")},
            }
        )
        held = size
    return rows


def main() -> None:
    parser = arguments(__doc__ or "")
    parser.add_argument("--vics", type=int, default=1_000_000)
    parser.add_argument("--icse", type=int, default=3_000_000)
    parser.add_argument("--growth", type=int, nargs="*", default=[])
    parser.add_argument("--lists", type=Path, help="folder that keeps the lists for other runs")
    parser.add_argument("--url", help="of an empty PostgreSQL database for each part, with {part}")
    chosen = parser.parse_args()
    result: dict[str, Any] = {"machine": machine("sqlalchemy"), "backend": "sqlite"}
    if chosen.url:
        result["backend"] = "postgresql"

    def url(part: str) -> str | None:
        return chosen.url.replace("{part}", part) if chosen.url else None

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lists = chosen.lists or folder
        result["lists"] = []
        if chosen.vics:
            result["lists"] += vics(folder, lists, url("vics"), chosen.vics)
        if chosen.icse:
            result["lists"] += icse(folder, lists, url("icse"), chosen.icse)
        table("lists", result["lists"])
        result["growth"] = growth(folder, lists, url("growth"), chosen.growth)
        table("growth", result["growth"])
    write(chosen.json, result)


if __name__ == "__main__":
    main()
