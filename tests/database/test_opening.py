from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from database.samples import record

from hashmatch.database import ImportProgress, open_database
from hashmatch.errors import (
    AuditTamperedError,
    DatabaseBusyError,
    DatabaseError,
    ExchangeError,
    InputError,
    SchemaVersionError,
)
from hashmatch.store import SCHEMA_VERSION, write_meta


def test_a_new_database_has_one_audit_entry(path: Path) -> None:
    with open_database(path, create=True, actor="admin") as db:
        assert (db.revision, db.verify_audit()) == (0, 1)
        with db.snapshot() as view:
            row = view.connection.exec_driver_sql("SELECT actor, action, details FROM audit").one()
    assert tuple(row) == ("admin", "init", f'{{"schema_version":{SCHEMA_VERSION}}}')
    with open_database(path, create=True) as db:  # opened, not created again
        assert db.verify_audit() == 1


def test_a_missing_database_is_not_created(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match=r"n\.db.*hashmatch db init"):
        open_database(tmp_path / "n.db")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("form", ["str", "path", "url"])
def test_forms_of_a_path(path: Path, form: str) -> None:
    forms: dict[str, str | Path] = {
        "str": str(path),
        "path": path,
        "url": f"sqlite:///{path}",
    }
    given = forms[form]
    with open_database(given, create=True) as db:
        assert db.path == path
    assert path.exists()


@pytest.mark.parametrize(
    "url", ["mysql://u:secret@h/db", "postgresql+x://u:secret@h/db", "mysql+x://h", "sqlite://h/x"]
)
def test_other_databases_are_refused_without_showing_the_password(url: str) -> None:
    with pytest.raises(DatabaseError, match="supports SQLite and PostgreSQL") as caught:
        open_database(url)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("given", ["", "a\0b", "sqlite:///", 3, None, b"x.db"])
def test_what_is_no_path_is_refused(given: object) -> None:
    with pytest.raises(InputError, match="path_or_url"):
        open_database(given)  # type: ignore[arg-type]


def test_create_and_read_only_exclude_each_other(path: Path) -> None:
    with pytest.raises(InputError, match="read_only"):
        open_database(path, create=True, read_only=True)
    assert not path.exists()


def test_read_only_reads_and_never_writes(path: Path) -> None:
    with open_database(path, create=True) as db:
        db.import_records([record("a")], source="s")
    before = path.read_bytes()
    with open_database(path, read_only=True) as db:
        assert db.stats().media == 1
        for write in (
            lambda: db.import_records([record("b")], source="s"),
            lambda: db.withdraw(source="s", record_key="a"),
            lambda: db.record_audit("check", {}),
        ):
            with pytest.raises(DatabaseError, match="read-only"):
                write()
    assert path.read_bytes() == before


def test_a_closed_database_says_so(path: Path) -> None:
    db = open_database(path, create=True)
    db.close()
    with pytest.raises(DatabaseError, match="closed"):
        _ = db.revision


def test_a_newer_database_is_refused(path: Path) -> None:
    with open_database(path, create=True) as db, db._store.writing() as connection:
        write_meta(connection, "schema_version", str(SCHEMA_VERSION + 1))
    with pytest.raises(SchemaVersionError, match="newer"):
        open_database(path)


def test_a_busy_database_says_so(path: Path) -> None:
    with (
        open_database(path, create=True) as db,
        open_database(path, busy_timeout_s=0.05) as other,
        db._store.writing(),
        pytest.raises(DatabaseBusyError),
    ):
        other.import_records([record("a")], source="s")


def test_tampering_with_the_log_is_found(path: Path) -> None:
    with open_database(path, create=True) as db:
        db.import_records([record("a")], source="s", actor="honest")
        db.record_audit("check", {"match": True, "text": "\ud800"}, actor="me")
        assert db.verify_audit() == 3
        with db._store.writing() as connection:
            connection.exec_driver_sql("UPDATE audit SET actor = 'other' WHERE seq = 2")
        with pytest.raises(AuditTamperedError, match="entry 2"):
            db.verify_audit()


def test_an_import_from_a_file_keeps_its_name_and_digest_only(path: Path, tmp_path: Path) -> None:
    folder = tmp_path / "operation secret"
    folder.mkdir()
    file = folder / "list.json"
    media = {"MediaID": 1, "Category": 1, "MD5": "AB" * 16, "MediaSize": 3}
    file.write_text(
        json.dumps(
            {
                "@odata.context": "http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml"
                "/Default/$metadata#Media",
                "value": [media, {"MediaID": 2}],
            }
        )
    )
    steps: list[ImportProgress] = []
    with open_database(path, create=True) as db:
        report = db.import_file(file, source="s", on_progress=steps.append)
        with db.snapshot() as view:
            row = view.connection.exec_driver_sql(
                "SELECT file_name, length(file_sha256), size, format, seen, rejected FROM snapshot"
            ).one()
            details = view.connection.exec_driver_sql(
                "SELECT details FROM audit WHERE seq = 2"
            ).scalar_one()
    assert (report.format, report.seen, report.accepted) == ("vics-2.0", 2, 1)
    assert tuple(row) == ("list.json", 32, file.stat().st_size, "vics-2.0", 2, 1)
    assert json.loads(details)["file"]["name"] == "list.json"
    assert "operation" not in details
    assert steps[-1].total_bytes == file.stat().st_size
    assert b"operation secret" not in path.read_bytes()


def test_a_file_that_changes_under_the_reader_is_not_imported(path: Path, tmp_path: Path) -> None:
    file = tmp_path / "list.json"
    media = {"MediaID": 1, "Category": 1, "MD5": "AB" * 16, "MediaSize": 3}
    text = json.dumps(
        {
            "@odata.context": "http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/Default"
            "/$metadata#Media",
            "value": [media],
        }
    )
    file.write_text(text)

    def append(_: ImportProgress) -> None:
        file.write_text(text + " ")

    with open_database(path, create=True) as db:
        with pytest.raises(ExchangeError, match="changed while it was read"):
            db.import_file(file, source="s", on_progress=append)
        assert (db.revision, db.stats().snapshots) == (0, 0)


def test_what_is_no_list_file_is_refused_without_waiting(path: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with open_database(path, create=True) as db:
        for name in ("pipe", ".", "missing.json", "a\0b"):
            with pytest.raises(ExchangeError):
                db.import_file(tmp_path / name, source="s")
        with pytest.raises(InputError, match="path"):
            db.import_file(b"x.json", source="s")  # type: ignore[arg-type]
        assert db.stats().snapshots == 0


_MEASURE = """
import resource, sys
sys.path.insert(0, sys.argv[2])
from database.samples import many_records
from hashmatch.database import open_database

def templates():
    # Making a hundred thousand distinct samples takes longer than importing them.
    import dataclasses, hashlib
    from hashmatch.types import Digests
    (one,) = many_records(1)
    for n in range(100_000):
        md5 = hashlib.md5(b"%d" % n).hexdigest()
        sha1 = hashlib.sha1(b"%d" % n).hexdigest()
        yield dataclasses.replace(one, record_key="md5:" + md5, digests=Digests(md5, sha1))

with open_database(sys.argv[1], create=True) as db:
    db.import_records(many_records(600), source="warm up")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    report = db.import_records(templates(), source="s")
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(report.added, (after - before) / 1024)
"""


def test_importing_many_records_takes_bounded_memory(path: Path) -> None:
    tests = str(Path(__file__).parents[1])
    environment = {**os.environ, "PYTHONPATH": str(Path(tests).parent)}
    done = subprocess.run(
        [sys.executable, "-c", _MEASURE, str(path), tests],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    added, growth_mb = done.stdout.split()
    assert int(added) == 100_000
    assert float(growth_mb) < 200
