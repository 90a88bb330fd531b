"""An encrypted database: nothing readable on the disk, and all else as with a plain one."""

from __future__ import annotations

import shutil
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from database.samples import digest, digests, pdq, pdq_value, record

from hashmatch import exchange
from hashmatch.database import Database, open_database
from hashmatch.errors import (
    DatabaseBusyError,
    DatabaseError,
    InputError,
    MissingExtraError,
    SchemaVersionError,
)
from hashmatch.store import SCHEMA_VERSION, write_meta
from hashmatch.types import Sighting

RAW = "1f" * 32
PHRASE = "an ordinary passphrase"
Open = Callable[..., Database]


@pytest.fixture(params=[RAW, PHRASE], ids=["raw", "passphrase"])
def key_file(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return written(tmp_path / "keys" / "key", request.param)


def written(path: Path, key: str) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(key)
    path.chmod(0o600)
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    return folder / "national.db"


@pytest.fixture
def open_it(path: Path, key_file: Path) -> Open:
    def open_it(**options: object) -> Database:
        return open_database(f"sqlite+cipher:///{path}", key_file=key_file, **options)  # type: ignore[arg-type]

    return open_it


def test_it_is_a_database_like_any_other(open_it: Open, tmp_path: Path) -> None:
    with open_it(create=True) as db, open_database(tmp_path / "p.db", create=True) as plain:
        for each in (db, plain):
            each.import_records(
                [record("a", of=digests(md5=1), hashes=(pdq(1),)), record("b", of=digests(sha1=2))],
                source="s",
            )
            each.withdraw(source="s", record_key="b")
        assert db.content_digest() == plain.content_digest()
        assert db.stats() == plain.stats()
        assert (db.revision, db.verify_audit(), db._store.encrypted) == (2, 3, True)
        assert not plain._store.encrypted
        with db._store.reading() as connection:
            settings = [
                connection.exec_driver_sql(f"PRAGMA {name}").scalar()
                for name in ("journal_mode", "foreign_keys", "synchronous", "temp_store")
            ]
        assert settings == ["wal", 1, 2, 2]
    with open_it(read_only=True) as db:
        assert db.revision == 2
        with pytest.raises(DatabaseError, match="read-only"):
            db.withdraw(source="s", record_key="a")


def unnamed_files() -> list[Path]:
    """Files on a disk that this process has open and that have no name any more (Linux)."""
    found = []
    for link in Path("/proc/self/fd").glob("*"):
        try:
            target = str(link.readlink())
        except FileNotFoundError:
            continue
        if target.endswith(" (deleted)") and not target.startswith(("/memfd:", "/dev/")):
            found.append(link)
    return found


def test_nothing_readable_reaches_the_disk(open_it: Open, path: Path, key_file: Path) -> None:
    """Neither while it is written, with a full journal, nor afterwards."""
    word = "Zwetschgenwasser"
    said = record(
        f"key-{word}",
        of=digests(md5=1, sha1=1, sha256=1),
        hashes=(pdq(1),),
        mime=f"image/{word}",
        opinion={"series": (f"series-{word}",), "tags": (f"tag-{word}",)},
        seen_at=(Sighting(case=f"case-{word}", file_name=f"{word}.jpg"),),
    )
    more = (record(f"{word}-{n}", of=digests(md5=n, sha1=n)) for n in range(2, 3000))
    secrets = [word.encode(), b"SQLite format 3", b"CREATE TABLE", key_file.read_bytes()]
    secrets += [bytes.fromhex(digest(kind, 1)) for kind in ("md5", "sha1", "sha256")]
    secrets += [digest("sha1", 1).encode(), pdq_value(1), pdq_value(1).hex().encode()]
    seen: set[str] = set()

    def search() -> None:
        for file in [*path.parent.rglob("*"), *unnamed_files()]:
            seen.add(file.name)
            content = file.read_bytes()
            assert [secret for secret in secrets if secret in content] == [], file.name

    with open_it(create=True) as db:
        with db._store.writing() as connection:  # so little memory that pages are spilled
            connection.exec_driver_sql("PRAGMA cache_size = 10")
            connection.exec_driver_sql(
                "CREATE TABLE spilled AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 "
                "FROM n WHERE i < 20000) SELECT i, ? || i AS t FROM n ORDER BY t",
                (word,),
            )
            search()
            connection.exec_driver_sql("DROP TABLE spilled")
        db.import_records([said, *more], source=f"source-{word}", on_progress=lambda _: search())
        search()
        assert db.stats().media == 2999
        listed = path.parent.parent / "list.jsonl"  # through the process that reads lists
        with exchange.open_writer(listed, format="jsonl") as writer:
            for number in range(3000, 6000):
                writer.write(record(f"{word}-{number}", of=digests(md5=number, sha1=number)))
        db.import_file(listed, source="file", on_progress=lambda _: search())
        assert db.stats().media == 5999
        db.import_records([said], source="file", complete=True, max_withdrawn_share=1)
        db.purge(withdrawn_before=datetime.now(UTC))  # writes the file anew
        search()
        assert db.check_integrity().problems == ()
    search()
    assert seen >= {"national.db", "national.db-wal", "national.db-shm"}


def test_the_search_would_find_them_in_a_plain_one(tmp_path: Path) -> None:
    with open_database(tmp_path / "x.db", create=True) as db:
        db.import_records([record("Zwetschgenwasser", of=digests(sha1=1))], source="s")
        with db._store.writing() as connection:  # a sorter's file has no name
            connection.exec_driver_sql("PRAGMA cache_size = 10")
            rows = connection.exec_driver_sql(
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000) "
                "SELECT 'Zwetschgenwasser' || i FROM n ORDER BY 1 DESC"
            )
            rows.fetchone()
            assert any(b"Zwetschgenwasser" in file.read_bytes() for file in unnamed_files())
    content = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert b"Zwetschgenwasser" in content
    assert bytes.fromhex(digest("sha1", 1)) in content


def test_another_key(open_it: Open, path: Path, tmp_path: Path) -> None:
    open_it(create=True).close()
    before = path.read_bytes()
    for key in ("2e" * 32, "another passphrase"):
        other = written(tmp_path / "keys" / "other", key)
        for options in ({}, {"create": True}, {"read_only": True}):
            with pytest.raises(DatabaseError, match="the key does not open it") as caught:
                open_database(f"sqlite+cipher:///{path}", key_file=other, **options)  # type: ignore[arg-type]
            assert key not in str(caught.value)
    assert path.read_bytes() == before
    open_it().close()


def test_an_encrypted_one_without_key_and_a_plain_one_with(
    open_it: Open, path: Path, key_file: Path, tmp_path: Path
) -> None:
    open_it(create=True).close()
    for create in (False, True):
        with pytest.raises(DatabaseError, match=r"sqlite\+cipher:///path"):
            open_database(path, create=create)
    plain = tmp_path / "plain.db"
    open_database(plain, create=True).close()
    for create in (False, True):
        with pytest.raises(DatabaseError, match="not encrypted"):
            open_database(f"sqlite+cipher:///{plain}", key_file=key_file, create=create)
    with pytest.raises(InputError, match="key_file"):
        open_database(plain, key_file=key_file)
    open_database(plain).close()


def test_the_key_from_the_environment(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite+cipher:///{path}"
    for name in ("HASHMATCH_KEY", "HASHMATCH_KEY_FILE"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(DatabaseError, match="HASHMATCH_KEY_FILE"):
        open_database(url, create=True)
    assert not path.exists()
    monkeypatch.setenv("HASHMATCH_KEY", RAW)
    open_database(url, create=True).close()
    monkeypatch.delenv("HASHMATCH_KEY")
    monkeypatch.setenv("HASHMATCH_KEY_FILE", str(written(path.parent.parent / "keys" / "k", RAW)))
    open_database(url).close()


def test_the_key_is_in_no_message_and_not_in_the_log(open_it: Open, key_file: Path) -> None:
    key = key_file.read_text()
    with open_it(create=True) as db:
        shown = repr(db) + repr(db._store) + repr(vars(db._store)) + repr(db._store._driver)  # type: ignore[attr-defined]
        shown += "".join(entry.details for entry in db.audit_entries())
        with (
            pytest.raises(DatabaseError) as caught,
            db._store.reading() as connection,
        ):
            connection.exec_driver_sql("SELECT * FROM nothing_like_it")
        assert key not in shown + str(caught.value) + str(caught.value.__cause__)


def test_writers_wait_and_readers_keep_their_state(open_it: Open) -> None:
    with open_it(create=True) as first, open_it(busy_timeout_s=0.05) as second:
        with first._store.writing(), pytest.raises(DatabaseBusyError):
            second.import_records([record("a")], source="s")
        with second.snapshot() as view:
            first.import_records([record("a")], source="s")
            assert view.revision == 0
        assert second.revision == 1
        errors: list[BaseException] = []

        def write(key: str) -> None:
            try:
                first.import_records([record(key)], source=f"source {key}")
            except BaseException as error:  # noqa: BLE001 - shown by the assertion below
                errors.append(error)

        threads = [threading.Thread(target=write, args=(str(n),)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert errors == []
        assert (first.revision, first.verify_audit()) == (5, 6)


def test_versions(open_it: Open) -> None:
    with open_it(create=True) as db, db._store.writing() as connection:
        write_meta(connection, "schema_version", str(SCHEMA_VERSION + 1))
    with pytest.raises(SchemaVersionError, match="newer"):
        open_it()


@pytest.mark.parametrize("place", [100, 4096 * 3 + 50, -20])
def test_a_changed_byte_is_an_error_and_no_answer(open_it: Open, path: Path, place: int) -> None:
    with open_it(create=True) as db:
        db.import_records([record(str(n), of=digests(md5=n)) for n in range(50)], source="s")
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)

    def read_everything() -> None:
        with open_it(read_only=True) as db, db._store.reading() as connection:
            for table in ("media", "opinion", "hash", "audit", "reject", "sighting"):
                connection.exec_driver_sql(f"SELECT * FROM {table}").all()  # noqa: S608
            found = connection.exec_driver_sql("PRAGMA cipher_integrity_check").all()
        if found:
            raise DatabaseError(f"{path}: {found}")

    with pytest.raises(DatabaseError, match=path.name):
        read_everything()


def test_a_copy_of_the_file_opens_with_the_same_key(
    open_it: Open, path: Path, key_file: Path, tmp_path: Path
) -> None:
    with open_it(create=True) as db:
        db.import_records([record("a")], source="s")
    copy = tmp_path / "copy.db"
    shutil.copy(path, copy)
    with open_database(f"sqlite+cipher:///{copy}", key_file=key_file) as db:
        assert db.revision == 1


def test_without_the_library(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sqlcipher3", None)
    with pytest.raises(MissingExtraError, match=r"hashmatch\[cipher\]"):
        open_database(
            f"sqlite+cipher:///{path}", key_file=written(tmp_path / "k", RAW), create=True
        )
    assert not path.exists()
