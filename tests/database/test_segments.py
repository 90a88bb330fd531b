"""Segments: built, extended, verified; never answered from where they are of something else."""

from __future__ import annotations

import re
import shutil
import warnings
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from database.samples import digests, many_records, pdq, photodna, record

import hashmatch.database.segments.levels as levels_module
from hashmatch.database import (
    Database,
    DigestLookup,
    HashLookup,
    SegmentsWarning,
    open_database,
    publish,
)
from hashmatch.database.segments.manifest import MANIFEST, read_manifest, write_manifest
from hashmatch.database.segments.places import in_cache, prepare
from hashmatch.errors import IndexFileError, InputError
from hashmatch.types import HashRecord


def folder_of(db: Database) -> Path:
    found = db.index_status().folder
    assert found is not None
    return found


def agrees(db: Database) -> dict[str, int]:
    """The entries of segments that agree with the store."""
    found = db.verify_index()
    assert found.difference is None
    assert found.revision == db.index_status().revision
    return {name: count for name, count in found.entries.items() if count}


def records(first: int, count: int) -> list[HashRecord]:
    return [
        record(f"md5:{n}", of=digests(md5=n, sha1=n), hashes=(pdq(n), photodna(n)))
        for n in range(first, first + count)
    ]


def test_they_are_built_and_extended(db: Database) -> None:
    assert db.index_status().state == "missing"
    with pytest.raises(InputError, match="got none"):
        db.verify_index()
    db.import_records(many_records(100), source="s")
    report = db.publish_index()
    assert (report.state, report.revision) == ("built", 1)
    assert report.entries == {"md5": 100, "sha1": 100, "photodna": 100, "pdq": 100}
    assert report.n_bytes == sum(
        path.stat().st_size
        for path in folder_of(db).rglob("*.hmx")
        if path != folder_of(db) / MANIFEST
    )
    assert agrees(db) == report.entries
    assert db.publish_index().state == "unchanged"
    db.import_records(records(200, 10), source="t")
    assert db.index_status().state == "behind"
    assert agrees(db) == report.entries  # at the revision that they hold
    db.withdraw(source="s", record_key="md5:3")
    report = db.publish_index()
    assert (report.state, report.revision) == ("extended", 3)
    assert agrees(db) == {"md5": 109, "sha1": 109, "pdq": 109, "photodna": 109}
    assert db.publish_index(whole=True).state == "built"
    assert agrees(db) == {"md5": 109, "sha1": 109, "pdq": 109, "photodna": 109}


def test_files_are_private_and_old_ones_go(db: Database) -> None:
    db.import_records(many_records(50), source="s")
    db.publish_index()
    folder = folder_of(db)
    (folder / ".digests-md5-9.hmx.0123.part").write_bytes(b"half")
    (folder / "hashes-pdq-99").mkdir()
    (folder / "vectors-photodna-99-0.hmx").write_bytes(b"left by a killed publisher")
    (folder / "notes.txt").write_text("not ours")
    for number in range(5):
        db.import_records(records(100 + number, 1), source=f"t{number}")
        db.publish_index()
    manifest = read_manifest(folder)
    listed = {MANIFEST, "LOCK", "notes.txt", *(file.name for file in manifest.files)}
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert {name for name in there if not name.endswith("/LOCK")} == listed
    assert folder.stat().st_mode & 0o777 == 0o700
    assert all((folder / file.name).stat().st_mode & 0o777 == 0o600 for file in manifest.files)
    assert manifest.generation > 99


def test_small_levels_are_merged(db: Database) -> None:
    db.import_records(records(0, 200), source="s")
    db.publish_index()
    for number in range(1, 30):
        db.import_records(records(1000 * number, 3), source=f"t{number}")
        db.withdraw(source=f"t{number}", record_key=f"md5:{1000 * number}")
        db.publish_index()
        manifest = read_manifest(folder_of(db))
        for levels in (manifest.digests, manifest.vectors):
            assert len([level for level in levels if level.name in ("md5", "photodna")]) <= 4
    assert agrees(db)["sha1"] == 200 + 29 * 2


def test_vectors_are_kept_in_files_of_a_bounded_size(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(levels_module, "VECTORS_A_FILE", 16)
    monkeypatch.setattr("hashmatch.database.segments.narrow_rows.GATHERED", 8)
    monkeypatch.setattr("hashmatch.database.segments.narrow_rows._BLOCK", 8)
    db.import_records(records(0, 50), source="s")
    db.publish_index()
    assert len(read_manifest(folder_of(db)).vectors) == 4
    assert agrees(db)["photodna"] == 50


def test_what_is_mostly_withdrawn_is_built_anew(db: Database) -> None:
    db.import_records(records(0, 40), source="s", complete=True)
    db.publish_index()
    db.import_records(records(0, 25), source="s", complete=True, max_withdrawn_share=1.0)
    assert db.publish_index().state == "built"
    assert agrees(db)["md5"] == 25


@pytest.mark.parametrize("whole", [False, True])
def test_ids_that_a_purge_freed_are_published_rightly(db: Database, whole: bool) -> None:
    db.import_records(records(0, 20), source="s")
    db.publish_index()
    db.withdraw(source="s", record_key="md5:19")
    with db._store.writing() as connection:
        connection.exec_driver_sql("DELETE FROM hash WHERE id > 38")
        connection.exec_driver_sql("DELETE FROM opinion WHERE id > 19")
    db.import_records(records(30, 2), source="s")
    db.publish_index(whole=whole)
    assert agrees(db) == {"md5": 21, "sha1": 21, "pdq": 21, "photodna": 21}


def test_purged_rows_are_no_difference_and_go_with_the_next_build(db: Database) -> None:
    db.import_records(records(0, 20), source="s")
    db.publish_index()
    db.withdraw(source="s", record_key="md5:3")
    db.purge(withdrawn_before=datetime.now(UTC))
    found = db.verify_index()
    assert found.difference is None
    assert found.purged == 4
    lookup = HashLookup(db)
    lookup.catch_up()
    with db.snapshot() as view:
        ids = lookup.range_search(np.frombuffer(pdq(3).value, np.uint8)[None], 0).ids
        assert view.media_by_hash_ids(ids.tolist()) == {}
    report = db.publish_index()
    assert report.state == "built"
    assert "purged" in (report.reason or "")
    assert db.verify_index().purged == 0
    folder, gone = folder_of(db), bytes.fromhex(digests(md5=3).md5 or "")
    assert not any(gone in path.read_bytes() for path in folder.rglob("*.hmx"))
    assert db.publish_index().state == "unchanged"


def damage_data(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[4100] ^= 1
    path.write_bytes(data)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


DAMAGES: dict[str, Callable[[Path], object]] = {
    "flipped": damage_data,
    "cut": cut,
    "gone": Path.unlink,
    "empty": lambda path: path.write_bytes(b""),
}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("file", [MANIFEST, "digests-sha1-*.hmx", "hashes-pdq-*/segment-*.hmx"])
def test_a_damaged_file_is_never_answered_from(db: Database, damage: str, file: str) -> None:
    db.import_records(records(0, 30), source="s")
    db.publish_index()
    (path,) = folder_of(db).glob(file)
    DAMAGES[damage](path)
    if (damage, file) == ("gone", MANIFEST):
        assert db.index_status().state == "missing"
        return
    hashes, stated = HashLookup(db), DigestLookup(db)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        hashes.catch_up()
        stated.catch_up()
    assert {one.category for one in told} == {SegmentsWarning}
    assert all("index build" in str(one.message) for one in told)
    queries = np.frombuffer(b"".join(pdq(n).value for n in range(30)), np.uint8).reshape(30, 32)
    assert len(hashes.range_search(queries, 0).ids) == 30
    assert all(stated.state.may_hold(digests(sha1=n)) for n in range(30))
    assert db.verify_index().difference is not None
    report = db.publish_index()
    if report.state == "unchanged":  # by its checksums only: the next whole one
        report = db.publish_index(whole=True)
    assert report.state == "built"
    assert agrees(db)["pdq"] == 30
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        HashLookup(db).catch_up()


def test_segments_of_another_database_are_not_used(db: Database, tmp_path: Path) -> None:
    db.import_records(records(0, 5), source="s")
    db.publish_index()
    with open_database(tmp_path / "other.db", create=True) as other:
        shutil.copytree(folder_of(db), tmp_path / "other.db.index")
        other.import_records(records(5, 5), source="s")
        assert other.index_status().state == "unusable"
        lookup = DigestLookup(other)
        with pytest.warns(SegmentsWarning, match="made from database"):
            lookup.catch_up()
        assert not lookup.state.may_hold(digests(md5=0))
        assert lookup.state.may_hold(digests(md5=5))
        assert other.publish_index().state == "built"
        assert agrees(other)["md5"] == 5


@pytest.mark.parametrize("goes_on", [False, True])
def test_segments_of_a_restored_backup_are_not_used(
    db: Database, path: Path, tmp_path: Path, goes_on: bool
) -> None:
    db.import_records(records(0, 5), source="s")
    with db._store._engine.connect() as connection:  # type: ignore[attr-defined]
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    backup = tmp_path / "backup"
    shutil.copy(path, backup)
    db.import_records(records(5, 5), source="t")
    db.publish_index()
    db.close()
    for end in ("-wal", "-shm"):
        Path(f"{path}{end}").unlink(missing_ok=True)
    shutil.copy(backup, path)
    with open_database(path) as restored:
        if goes_on:
            restored.import_records(records(50, 5), source="t")
        lookup = DigestLookup(restored)
        with pytest.warns(SegmentsWarning, match="older copy"):
            lookup.catch_up()
        assert not lookup.state.may_hold(digests(md5=6))
        assert lookup.state.may_hold(digests(md5=50)) == goes_on
        assert restored.publish_index().state == "built"
        assert agrees(restored)["md5"] == (10 if goes_on else 5)


def test_a_folder_that_can_not_be_written(db: Database) -> None:
    db.import_records(records(0, 5), source="s")
    folder = folder_of(db)
    folder.write_bytes(b"a file in its place")
    with pytest.raises(IndexFileError, match="index"):
        db.publish_index()
    report = publish(db)
    assert report.state == "unusable"
    assert report.reason is not None
    folder.unlink()
    folder.mkdir(mode=0o755)
    folder.chmod(0o755)
    with pytest.raises(IndexFileError, match="0755"):
        db.publish_index()
    folder.chmod(0o700)
    assert publish(db).state == "built"
    assert HashLookup(db).catch_up() == 1


def test_another_process_keeps_what_it_has_mapped(db: Database, path: Path) -> None:
    db.import_records(records(0, 50), source="s")
    db.publish_index()
    with open_database(path, read_only=True) as reader:
        hashes, stated = HashLookup(reader), DigestLookup(reader)
        hashes.catch_up()
        stated.catch_up()
        for number in range(3):
            db.import_records(records(100 + number, 1), source="t")
            db.publish_index(whole=True)
        assert len(hashes) == 50
        assert stated.state.may_hold(digests(md5=49))
        assert (hashes.catch_up(), stated.catch_up()) == (4, 4)
        assert len(hashes) == 53


def test_a_reader_far_behind_takes_the_newer_segments(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hashmatch.database.segments.opening.REOPENED_FROM", 10)
    hashes, stated = HashLookup(db), DigestLookup(db)
    hashes.catch_up()
    stated.catch_up()
    db.import_records(records(0, 50), source="s")
    db.publish_index()
    hashes.catch_up()
    stated.catch_up()
    assert len(stated.state.levels["md5"]) == 1
    assert stated.state.recent["md5"] == set()
    assert len(hashes) == 50


@pytest.mark.parametrize(
    "wrong", ["extra digest", "missing digest", "other digest", "other hash", "extra vector"]
)
def test_verify_names_the_first_difference(db: Database, wrong: str) -> None:
    db.import_records(records(0, 20), source="s")
    db.publish_index()
    changes = {
        "extra digest": "UPDATE opinion SET stated_sha1 = NULL WHERE id = 7",
        "missing digest": "UPDATE opinion SET stated_sha256 = zeroblob(32) WHERE id = 8",
        "other digest": "UPDATE opinion SET stated_md5 = zeroblob(16) WHERE id = 9",
        "other hash": "UPDATE hash SET value = zeroblob(32) WHERE id = 11",
        "extra vector": "UPDATE hash SET matchable = 0 WHERE id = 12",
    }
    with db._store.writing() as connection:
        connection.exec_driver_sql(changes[wrong])
    named = {
        "extra digest": "segments have .* opinion 7$",
        "missing digest": "sha256: .* store has and the segments lack is of opinion 8$",
        "other digest": f"md5: opinion 9: expected {'00' * 16}, got",
        "other hash": f"pdq: hash 11: expected {'00' * 32}, got",
        "extra vector": "photodna: .* segments have and the store does not is of hash 12",
    }
    difference = db.verify_index().difference
    assert difference is not None
    assert re.search(named[wrong], difference), difference


def test_a_forged_manifest_reaches_no_other_file(db: Database, tmp_path: Path) -> None:
    db.import_records(records(0, 5), source="s")
    db.publish_index()
    folder = folder_of(db)
    manifest = read_manifest(folder)
    secret = tmp_path / "secret.hmx"
    shutil.copy(folder / manifest.digests[0].file.name, secret)
    for name in ("../secret.hmx", str(secret), "a/../../secret.hmx", ".hmx", "x\0.hmx"):
        file = replace(manifest.digests[0].file, name=name)
        forged = replace(manifest, digests=(replace(manifest.digests[0], file=file),))
        write_manifest(folder, forged)
        with pytest.raises(IndexFileError, match="name of a file"):
            read_manifest(folder)


def test_the_cache_of_a_server_is_private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HASHMATCH_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert in_cache("abc") == tmp_path / "cache" / "hashmatch" / "abc"
    monkeypatch.setenv("HASHMATCH_CACHE", str(tmp_path / "mine"))
    assert in_cache("abc") == tmp_path / "mine" / "abc"
    monkeypatch.delenv("HASHMATCH_CACHE")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert in_cache("abc") == Path.home() / ".cache" / "hashmatch" / "abc"
    prepare(tmp_path / "mine" / "abc")
    assert (tmp_path / "mine" / "abc").stat().st_mode & 0o777 == 0o700
    (tmp_path / "link").symlink_to(tmp_path)
    with pytest.raises(IndexFileError):
        prepare(tmp_path / "link")
