"""The database's face for its log: reading it, signing it, many processes that write it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from database.samples import digests, record

from hashmatch.audit import make_signing_key
from hashmatch.database import Database, open_database
from hashmatch.errors import AuditError, AuditTamperedError, DatabaseError, InputError

PROCESSES, ENTRIES = 4, 25

APPEND = """
import sys
from hashmatch.database import open_database
print("ready", flush=True)
sys.stdin.readline()
with open_database(sys.argv[1]) as db:
    for number in range(int(sys.argv[3])):
        db.record_audit("check", {"n": number}, f"process {sys.argv[2]}")
"""


def test_many_processes_keep_one_chain(new_url: Callable[[], str]) -> None:
    url = new_url()
    with open_database(url, create=True) as db:
        started = [
            subprocess.Popen(
                [sys.executable, "-c", APPEND, url, str(number), str(ENTRIES)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
            for number in range(PROCESSES)
        ]
        for process in started:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
        for process in started:
            assert process.stdin is not None
            process.stdin.write(b"\n")
            process.stdin.close()
        db.import_records([record("a", of=digests(md5=1))], source="s")  # and this one
        db.verify_audit()  # while they write
        for process in started:
            process.stdin = None
            process.communicate(timeout=120)
            assert process.returncode == 0
        assert db.verify_audit() == 1 + 1 + PROCESSES * ENTRIES
        for number in range(PROCESSES):
            entries = db.audit_entries(actor=f"process {number}")
            assert [json.loads(e.details)["n"] for e in entries] == list(range(ENTRIES))


@pytest.fixture
def logged(database: Database) -> Database:
    for number in range(1, 6):
        database.record_audit("check", {"n": number}, f"actor {number % 2}")
    return database


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, [1, 2, 3, 4, 5, 6]),
        ({"since": 5}, [5, 6]),
        ({"since": 7}, []),
        ({"last": 2}, [5, 6]),
        ({"actor": "actor 1"}, [2, 4, 6]),
        ({"actor": "actor 1", "last": 1}, [6]),
        ({"actor": "actor 1", "since": 4, "last": 9}, [4, 6]),
        ({"action": "init"}, [1]),
        ({"action": "' OR 1 = 1; --"}, []),
    ],
)
def test_entries_by_what_is_asked(
    logged: Database, asked: dict[str, object], expected: list[int]
) -> None:
    assert [e.seq for e in logged.audit_entries(**asked)] == expected  # type: ignore[arg-type]


@pytest.mark.parametrize("asked", [{"since": 0}, {"last": 0}, {"last": True}, {"since": 1.0}])
def test_numbers_that_are_none(logged: Database, asked: dict[str, object]) -> None:
    with pytest.raises(InputError, match=f"{next(iter(asked))}: expected"):
        logged.audit_entries(**asked)  # type: ignore[arg-type]


def test_entries_may_be_left_unread(logged: Database) -> None:
    entries = logged.audit_entries()
    assert next(entries).action == "init"
    logged.record_audit("check", {})
    entries.close()  # type: ignore[attr-defined]
    assert logged.verify_audit() == 7


def test_a_checkpoint_holds_while_the_log_grows(logged: Database, tmp_path: Path) -> None:
    public, fingerprint = make_signing_key(tmp_path / "key")
    files = []
    for number in range(3):
        file = tmp_path / f"{number}.json"
        made = logged.audit_checkpoint(key=tmp_path / "key", out=file, actor="officer")
        assert (made.seq, made.public_key_sha256) == (7 + 2 * number, fingerprint)
        files.append(file)
        logged.import_records([record(str(number), of=digests(md5=number))], source="s")
    assert logged.verify_audit(files, public_key=public) == 12
    (entry, *_) = logged.audit_entries(action="checkpoint")
    assert (entry.actor, json.loads(entry.details)) == (
        "officer",
        {"public_key_sha256": fingerprint},
    )
    with pytest.raises(InputError, match="public_key"):
        logged.verify_audit(files)
    with pytest.raises(AuditError, match="can't read"):
        logged.verify_audit([tmp_path / "missing"], public_key=public)
    other, _ = make_signing_key(tmp_path / "other")
    with pytest.raises(AuditTamperedError, match="signed with the key"):
        logged.verify_audit(files, public_key=other)


def test_a_read_only_database_signs_nothing(tmp_path: Path) -> None:
    make_signing_key(tmp_path / "key")
    path = tmp_path / "x.db"
    open_database(path, create=True).close()
    with open_database(path, read_only=True) as db:
        with pytest.raises(DatabaseError, match="read-only"):
            db.audit_checkpoint(key=tmp_path / "key", out=tmp_path / "c.json")
        assert db.verify_audit() == 1
    assert not (tmp_path / "c.json").exists()
