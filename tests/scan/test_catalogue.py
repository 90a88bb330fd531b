"""C10: a catalogue that is old, foreign, damaged or in use is refused in clear words."""

from __future__ import annotations

import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest
from exhibits import IN_PROCESS, exported, fill

from hashmatch.errors import (
    CatalogueBusyError,
    CatalogueCorruptError,
    CatalogueError,
    CatalogueVersionError,
)
from hashmatch.scan import FILE_NAME, Catalogue, scan_into


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    """The folder of a catalogue of 100 pictures."""
    root = fill(tmp_path / "exhibit", 100)
    with Catalogue.open(tmp_path / "out", create=True) as catalogue:
        scan_into(catalogue, [root], recipe=IN_PROCESS)
    return tmp_path / "out"


def test_a_new_one_is_for_its_owner_alone(tmp_path: Path) -> None:
    with Catalogue.open(tmp_path / "deep" / "out", create=True) as catalogue:
        assert list(catalogue.items()) == []
        assert (catalogue.recipe, catalogue.complete, catalogue.ledger().seen) == (None, False, 0)
        assert (catalogue.pending(), catalogue.gone(), catalogue.runs()) == (0, 0, [])
        assert len(catalogue.picture_hashes()) == 0
        for path in (tmp_path / "deep" / "out").iterdir():
            assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    assert stat.S_IMODE((tmp_path / "deep" / "out").stat().st_mode) == 0o700


def test_one_that_is_not_there(tmp_path: Path) -> None:
    for read_only in (False, True):
        with pytest.raises(CatalogueError, match="no such catalogue"):
            Catalogue.open(tmp_path / "out", read_only=read_only)
    assert not (tmp_path / "out").exists()
    (tmp_path / "file").touch()
    with pytest.raises(CatalogueError, match="File exists"):
        Catalogue.open(tmp_path / "file", create=True)


def test_another_kind_of_file(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"no database at all, but long enough to be one")
    with pytest.raises(CatalogueError, match="another kind of file"):
        Catalogue.open(tmp_path, create=True)
    (tmp_path / FILE_NAME).unlink()
    (tmp_path / FILE_NAME).mkdir()
    with pytest.raises(CatalogueError, match="something else"):
        Catalogue.open(tmp_path, create=True)


def test_another_program_s_database(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection:
        connection.execute("CREATE TABLE items (x)")
    with pytest.raises(CatalogueError, match="application id 0x0"):
        Catalogue.open(tmp_path, create=True)


@pytest.mark.parametrize(("version", "word"), [(0, "older"), (99, "newer")])
def test_another_schema(filled: Path, version: int, word: str) -> None:
    with closing(sqlite3.connect(filled / FILE_NAME)) as connection:
        connection.execute(f"PRAGMA user_version = {version}")
    with pytest.raises(CatalogueVersionError, match=f"got {version}: made by an? {word}"):
        Catalogue.open(filled)


def test_a_creation_that_was_interrupted(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).touch()
    with Catalogue.open(tmp_path, create=True) as catalogue:
        assert catalogue.runs() == []


@pytest.mark.parametrize("where", [0.1, 0.35, 0.6, 0.9])
def test_damaged_pages(filled: Path, where: float) -> None:
    path = filled / FILE_NAME
    data = bytearray(path.read_bytes())
    at = int(len(data) * where) // 8192 * 8192
    data[at : at + 8192] = bytes(range(256)) * 32
    path.write_bytes(data)
    with pytest.raises(CatalogueCorruptError, match="damaged"):
        Catalogue.open(filled)


def test_a_catalogue_cut_short(filled: Path) -> None:
    path = filled / FILE_NAME
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(CatalogueCorruptError, match="damaged"):
        Catalogue.open(filled)


def test_one_writer_and_readers_beside_it(filled: Path) -> None:
    with Catalogue.open(filled) as first:
        with pytest.raises(CatalogueBusyError, match="another scan"):
            Catalogue.open(filled)
        with Catalogue.open(filled, read_only=True) as reading:
            assert exported(reading) == exported(first)
            with pytest.raises(CatalogueError, match="reading alone"):
                scan_into(reading, [filled.parent / "exhibit"])
        with pytest.raises(CatalogueBusyError):
            Catalogue.open(filled)  # closing a reader has not freed it
    with Catalogue.open(filled) as again:
        again.check()
    with Catalogue.open(filled, read_only=True) as alone:
        assert alone.ledger().done == 100


def test_a_full_disk_is_told_and_costs_nothing_that_was_kept(tmp_path: Path) -> None:
    first, more = fill(tmp_path / "a", 30), fill(tmp_path / "b", 300, seed=1000)
    with Catalogue.open(tmp_path / "out", create=True) as catalogue:
        scan_into(catalogue, [first], recipe=IN_PROCESS)
        before = exported(catalogue)
        connection = catalogue._connection
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages + 4}")
        with pytest.raises(CatalogueError, match="full"):
            scan_into(catalogue, [first, more], recipe=IN_PROCESS)
        connection.execute("PRAGMA max_page_count = 1000000")
        catalogue.check()
        assert exported(catalogue) == before
        assert scan_into(catalogue, [first, more], recipe=IN_PROCESS).complete
        assert catalogue.ledger().done == 330
