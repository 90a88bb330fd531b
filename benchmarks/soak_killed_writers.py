"""Writers of a database killed at random moments: afterwards it is at the old or the new revision.

Each round copies a database, starts a process that imports, replaces a list, withdraws, purges or
builds the index, and kills it with SIGKILL after a random part of the time that the act takes. Then
the rows must be sound, the audit log must verify, the content must be what it was before or what it
is after the act, the index must agree with it, and the act must go through when it is done again.

``python -m benchmarks.soak_killed_writers --rounds 100``
"""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.database_lists import make_vics
from benchmarks.measure import arguments, machine, write
from benchmarks.workloads import SEED
from hashmatch.database import Database, open_database

RECORDS = 4_000
ACTS = ("import", "replace", "withdraw", "purge", "index")


def act(db: Database, name: str, folder: Path) -> None:
    """What the process does that is killed."""
    if name == "import":
        db.import_file(folder / "more.json", source="other")
    elif name == "replace":
        db.import_file(
            folder / "other.json", source="national", complete=True, max_withdrawn_share=1.0
        )
    elif name == "withdraw":
        for number in range(1, 40):
            db.withdraw(source="national", record_key=keys(folder)[number])
    elif name == "purge":
        db.purge(withdrawn_before=datetime.now(UTC))
    else:
        db.publish_index(whole=True)


def keys(folder: Path) -> list[str]:
    return (folder / "keys").read_text().split()


def child() -> int:
    database, name, folder = sys.argv[2:]
    with open_database(database) as db:
        print("ready", flush=True)
        act(db, name, Path(folder))
    return 0


def prepare(folder: Path) -> Path:
    """A database with two lists, withdrawn statements and an index."""
    path = folder / "base.db"
    make_vics(folder / "first.json", RECORDS)
    make_vics(folder / "more.json", RECORDS, start=RECORDS // 2)
    make_vics(folder / "other.json", RECORDS, start=RECORDS // 4)
    with open_database(path, create=True) as db:
        db.import_file(folder / "first.json", source="national")
        with db.snapshot() as view:
            listed = [
                stored.record_key
                for media in view.media(range(1, 200)).values()
                for stored in media.opinions
            ]
        for key in listed[100:140]:
            db.withdraw(source="national", record_key=key)
        (folder / "keys").write_text("\n".join(listed[:60]))
        db.publish_index()
    return path


def copied(base: Path, to: Path) -> Path:
    for path in base.parent.glob(f"{base.name}*"):
        target = to / path.name
        shutil.copytree(path, target) if path.is_dir() else shutil.copy2(path, target)
    return to / base.name


def killed(database: Path, name: str, folder: Path, after_s: float) -> bool:
    """Whether the process was killed before it was done."""
    command = [sys.executable, "-m", "benchmarks.soak_killed_writers", "--child"]
    process = subprocess.Popen(
        [*command, str(database), name, str(folder)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    time.sleep(after_s)
    process.send_signal(signal.SIGKILL)
    process.stdout.close()
    return process.wait() == -signal.SIGKILL


def outcome(database: Path, name: str, before: str, folder: Path) -> str:
    """ "old", "between" or "new"; an AssertionError says what is wrong."""
    with open_database(database) as db:
        integrity = db.check_integrity()
        assert integrity.sound, integrity
        db.verify_audit()
        db.publish_index()
        verified = db.verify_index()
        assert verified.difference is None, verified
        found = db.content_digest()
        act(db, name, folder)
        db.publish_index()
        assert db.verify_index().difference is None
        assert db.check_integrity().sound
        after = db.content_digest()
    if found == before:
        return "old"
    # Many withdrawals are many transactions: each of them is whole.
    assert found == after or name == "withdraw", "neither old nor new"
    return "new" if found == after else "between"


def soak(folder: Path, *, rounds: int, seed: int = SEED) -> dict[str, Any]:
    """Counts by act and outcome; an AssertionError where something was lost."""
    chance = random.Random(seed)
    counts: Counter[str] = Counter()
    base = prepare(folder)
    takes: dict[str, float] = {}
    with open_database(base) as db:
        before = db.content_digest()
    for name in ACTS:
        with (
            tempfile.TemporaryDirectory() as other,
            open_database(copied(base, Path(other))) as db,
        ):
            start = time.perf_counter()
            act(db, name, folder)
            takes[name] = time.perf_counter() - start
    for number in range(rounds):
        name = ACTS[number % len(ACTS)]
        with tempfile.TemporaryDirectory() as other:
            database = copied(base, Path(other))
            in_time = killed(database, name, folder, chance.random() * takes[name] * 1.2)
            what = outcome(database, name, before, folder)
        counts[f"{name}: {'killed' if in_time else 'done'}, {what}"] += 1
    return {
        "rounds": rounds,
        "seconds_of_an_act": takes,
        "outcomes": dict(sorted(counts.items())),
    }


def main() -> int:
    if sys.argv[1:2] == ["--child"]:
        return child()
    parser = arguments(__doc__ or "")
    parser.add_argument("--rounds", type=int, default=100)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        result = {
            "machine": machine("sqlalchemy"),
            **soak(Path(folder), rounds=chosen.rounds),
        }
    for line, count in result["outcomes"].items():
        print(f"{count:4} {line}")
    write(chosen.json, result)
    return 0


if __name__ == "__main__":
    sys.exit(main())
