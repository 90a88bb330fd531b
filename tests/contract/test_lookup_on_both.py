"""Segments, known sets and checks are the same on both systems; and of encrypted databases."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from database.samples import digest, digests, many_records, pdq, record

from hashmatch.database import Database, open_database
from hashmatch.matching import Checker, CheckStatus


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The private cache of this test."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("HASHMATCH_CACHE", str(folder))
    return folder


def test_segments_follow_the_database(database: Database, cache: Path, backend: str) -> None:
    database.import_records(many_records(40), source="s")
    report = database.publish_index()
    assert (report.state, report.entries["pdq"]) == ("built", 40)
    assert (report.folder is not None and report.folder.is_relative_to(cache)) == (
        backend == "postgres"
    )
    assert database.verify_index().difference is None
    checker = Checker(database)
    assert checker.check_digests(md5=digest("md5", 3)).status is CheckStatus.MATCH
    database.import_records([record("x", of=digests(md5=90), hashes=(pdq(90),))], source="t")
    database.withdraw(source="s", record_key="md5:3")
    for one in (checker, Checker(database)):
        assert one.check_digests(md5=digest("md5", 3)).status is CheckStatus.NO_MATCH
        assert one.check_digests(md5=digest("md5", 90)).status is CheckStatus.MATCH
        found = one.check_hash("pdq", pdq(90).value)
        assert (found.status, found.revision, found.n_entries) == (CheckStatus.MATCH, 3, 40)
    assert database.publish_index().state == "extended"
    assert database.verify_index().difference is None
    database.import_records([record("y", of=digests(md5=90, sha1=3))], source="u")
    assert database.publish_index(whole=True).state == "built"
    assert database.verify_index().difference is None


def test_known_sets(database: Database, tmp_path: Path) -> None:
    database.import_records(many_records(10), source="s")
    listed = tmp_path / "list.txt"
    listed.write_text("".join(f"{digest('md5', n)}  f\n" for n in (3, 50)))
    assert database.add_known_set("NSRL", [listed]).overlap == 1
    checker = Checker(database)
    assert checker.check_digests(md5=digest("md5", 50)).status is CheckStatus.KNOWN_IGNORABLE
    found = checker.check_digests(md5=digest("md5", 3))
    assert (found.status, found.known_sets) == (CheckStatus.MATCH, ("NSRL",))
    assert database.check_known_sets() == {"NSRL": None}
    database.remove_known_set("NSRL")
    assert checker.check_digests(md5=digest("md5", 50)).status is CheckStatus.NO_MATCH
    assert database.check_integrity().problems == ()


def test_a_second_machine_makes_its_own_files(
    new_url: Callable[[], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, backend: str
) -> None:
    if backend == "sqlite":
        pytest.skip("a file's segments and known sets lie beside it")
    url = new_url()
    listed = tmp_path / "list.txt"
    listed.write_text(f"{digest('md5', 50)}  f\n")
    with open_database(url, create=True) as database:
        database.add_known_set("NSRL", [listed])
        monkeypatch.setenv("HASHMATCH_CACHE", str(tmp_path / "elsewhere"))
        told = Checker(database).check_digests(md5=digest("md5", 50))
        assert told.status is CheckStatus.NO_MATCH
        assert "can't be asked" in (told.reason or "")
        database.restore_known_set("NSRL", [listed])
        again = Checker(database).check_digests(md5=digest("md5", 50))
        assert again.status is CheckStatus.KNOWN_IGNORABLE


def test_nothing_of_an_encrypted_database_lies_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cache: Path
) -> None:
    pytest.importorskip("sqlcipher3")
    monkeypatch.setenv("HASHMATCH_KEY", "00112233445566778899aabbccddeeff" * 2)
    path = tmp_path / "secret.db"
    with open_database(f"sqlite+cipher:///{path}", create=True) as database:
        database.import_records(many_records(40), source="s")
        report = database.publish_index()
        assert (report.state, report.folder) == ("in memory", None)
        assert database.index_status().state == "in memory"
        checker = Checker(database)
        assert checker.check_digests(md5=digest("md5", 3)).status is CheckStatus.MATCH
        assert checker.check_hash("pdq", pdq(5).value).status is CheckStatus.MATCH
        database.withdraw(source="s", record_key="md5:3")
        assert checker.check_digests(md5=digest("md5", 3)).status is CheckStatus.NO_MATCH
    assert not cache.exists()
    assert {one.name for one in tmp_path.iterdir()} <= {
        "secret.db",
        "secret.db-wal",
        "secret.db-shm",
    }
