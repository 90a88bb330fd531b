"""A change of key happens as a whole, alone, or not at all."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from database.samples import many_records, record

from hashmatch.database import open_database, rekey_database
from hashmatch.errors import DatabaseBusyError, DatabaseError, InputError

ROUNDS = 8


@pytest.fixture
def keys(tmp_path: Path) -> list[Path]:
    made = []
    for number, key in enumerate(("11" * 32, "a second key, in words", "33" * 32)):
        path = tmp_path / f"key{number}"
        path.write_text(key)
        path.chmod(0o600)
        made.append(path)
    return made


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite+cipher:///{tmp_path / 'x.db'}"


def test_each_form_to_each(url: str, keys: list[Path]) -> None:
    with open_database(url, create=True, key_file=keys[0]) as db:
        db.import_records(many_records(50), source="s")
    for old, new in zip(keys, keys[1:] + keys[:1], strict=True):
        rekey_database(url, key_file=old, new_key_file=new, actor="me")
        with pytest.raises(DatabaseError, match="the key does not open it"):
            open_database(url, key_file=old)
        with open_database(url, key_file=new) as db:
            assert db.stats().media == 50
            last = next(db.audit_entries(last=1))
            assert (last.action, last.actor, last.details) == ("rekey", "me", "{}")
            with db._store.reading() as connection:
                journal = connection.exec_driver_sql("PRAGMA journal_mode").scalar()
                assert journal == "wal"
                assert connection.exec_driver_sql("PRAGMA cipher_integrity_check").all() == []
    with open_database(url, key_file=keys[0]) as db:
        assert db.verify_audit() == 5


def test_not_while_it_is_open(url: str, keys: list[Path]) -> None:
    with open_database(url, create=True, key_file=keys[0]) as db:
        assert db.revision == 0
        with pytest.raises(DatabaseBusyError):
            rekey_database(url, key_file=keys[0], new_key_file=keys[1])
        db.import_records([record("a")], source="s")
    with open_database(url, key_file=keys[0]) as db:
        assert db.verify_audit() == 2


def test_what_is_refused(url: str, keys: list[Path], tmp_path: Path) -> None:
    open_database(url, create=True, key_file=keys[0]).close()
    with pytest.raises(InputError, match="encrypted"):
        rekey_database(tmp_path / "x.db", key_file=keys[0], new_key_file=keys[1])
    with pytest.raises(DatabaseError, match="does not open it"):
        rekey_database(url, key_file=keys[1], new_key_file=keys[2])
    keys[1].chmod(0o644)
    with pytest.raises(DatabaseError, match="mode 0644"):
        rekey_database(url, key_file=keys[0], new_key_file=keys[1])
    open_database(url, key_file=keys[0]).close()


def test_killed_half_way_it_is_under_one_key_or_the_other(url: str, keys: list[Path]) -> None:
    with open_database(url, create=True, key_file=keys[0]) as db:
        db.import_records(many_records(3_000), source="s")
        with db._store.writing() as connection:  # large, so that the change takes a while
            connection.exec_driver_sql("CREATE TABLE ballast AS SELECT zeroblob(8000000) AS b")
    code = (
        "import sys; from hashmatch.database import rekey_database\n"
        "print('ready', flush=True)\n"
        "rekey_database(sys.argv[1], key_file=sys.argv[2], new_key_file=sys.argv[3])"
    )
    chance = random.Random(7)
    current, other = keys[0], keys[2]
    for _ in range(ROUNDS):
        process = subprocess.Popen(
            [sys.executable, "-c", code, url, str(current), str(other)], stdout=subprocess.PIPE
        )
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(chance.uniform(0.0, 0.25))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        try:
            db = open_database(url, key_file=current)
        except DatabaseError:
            current, other = other, current
            db = open_database(url, key_file=current)
        with db:
            assert db.stats().media == 3_000
            assert db.verify_audit() >= 2
            with db._store.reading() as connection:
                assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
                assert connection.exec_driver_sql("PRAGMA cipher_integrity_check").all() == []
                found = connection.exec_driver_sql("PRAGMA integrity_check").all()
                assert [row[0] for row in found] == ["ok"]
