"""A publisher that is killed at any moment leaves the old segments or the new ones."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from database.samples import digests, pdq, photodna, record

from hashmatch.database import Database, HashLookup, open_database
from hashmatch.types import HashRecord

_PUBLISH = """
import os, signal, sys, time
from pathlib import Path
from hashmatch.database import open_database
from hashmatch.index import section_writer

steps = 0
wanted = int(sys.argv[2])

def counted(work):
    def call(*arguments, **named):
        global steps
        steps += 1
        if steps == wanted:
            os.kill(os.getpid(), signal.SIGKILL)
        return work(*arguments, **named)
    return call

# Every moment at which the folder changes.
os.fsync = counted(os.fsync)
os.link = counted(os.link)
Path.replace = counted(Path.replace)
Path.unlink = counted(Path.unlink)
Path.mkdir = counted(Path.mkdir)
with open_database(sys.argv[1], read_only=True) as db:
    db.publish_index(whole=sys.argv[3] == "whole")
print(steps)
"""


def publish(path: Path, step: int, how: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", _PUBLISH, str(path), str(step), how],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def records(first: int, count: int) -> list[HashRecord]:
    return [
        record(str(n), of=digests(md5=n, sha1=n), hashes=(pdq(n), photodna(n)))
        for n in range(first, first + count)
    ]


@pytest.mark.parametrize("how", ["whole", "extended"])
def test_killed_at_random_steps(db: Database, path: Path, how: str) -> None:
    rng = random.Random(20261125)
    db.import_records(records(0, 60), source="s")
    db.publish_index()
    killed = old = 0
    for number in range(6):
        db.import_records(records(1000 * (number + 1), 5), source=f"t{number}")
        db.withdraw(source="s", record_key=str(number))
        before = db.index_status().revision
        done = publish(path, rng.randint(1, 24), how)
        killed += done.returncode == -signal.SIGKILL
        assert done.returncode in (0, -signal.SIGKILL), done.stderr
        status = db.index_status()
        assert status.state in ("published", "behind")
        assert status.revision in (before, db.revision)
        old += status.revision == before
        assert db.verify_index().difference is None
        with open_database(path, read_only=True) as other:
            lookup = HashLookup(other)
            lookup.catch_up()
            assert len(lookup) == 60 + 4 * (number + 1)
    assert killed >= 3
    assert old >= 2
    db.publish_index()
    assert db.verify_index().difference is None
    folder = db.index_status().folder
    assert folder is not None
    assert not list(folder.rglob("*.part"))
    assert len(list(folder.glob("hashes-pdq-*"))) == 1


def test_publishers_take_turns(db: Database, path: Path) -> None:
    db.import_records(records(0, 60), source="s")
    command = [sys.executable, "-c", _PUBLISH, str(path), "0", "whole"]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(2)]
    for number in range(3):
        db.import_records(records(100 + number, 1), source="t")
        lookup = HashLookup(db)
        lookup.catch_up()  # with warnings as errors: nothing that it meets is damaged
        assert len(lookup) == 61 + number
    for process in running:
        process.communicate(timeout=60)
        assert process.returncode == 0
    assert db.verify_index().difference is None
