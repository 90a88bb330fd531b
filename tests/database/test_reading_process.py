"""A large list is read in a process of its own; what comes of it is the same."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from database.samples import digests, record

from hashmatch.database import Database, reading_process
from hashmatch.database.list_reading import ReaderReading
from hashmatch.database.reading_process import ProcessReading, start_reading
from hashmatch.errors import ExchangeError, InputError, UnknownFormatError
from hashmatch.exchange import Schemes, load_schemes, open_reader, write_list
from hashmatch.types import HashRecord, Sighting


@pytest.fixture(autouse=True)
def any_list_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading_process, "LARGE", 0)


def records(count: int) -> list[HashRecord]:
    seen = (Sighting(case="\ud800", file_name="\x00"),)
    return [record(f"k{n}\ud800", of=digests(md5=n + 1), seen_at=seen) for n in range(count)]


def write(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def test_it_says_what_the_reader_says(tmp_path: Path) -> None:
    path = tmp_path / "list"
    write_list(records(4_500), path, format="jsonl")
    with start_reading(path) as other, open_reading_here(path) as here:
        other.open()
        here.open()
        assert isinstance(other, ProcessReading)
        assert (other.format, other.scheme) == (here.format, here.scheme)
        assert other.total_bytes == here.total_bytes == path.stat().st_size
        theirs, ours = list(other.batches()), list(here.batches())
        assert [len(batch.statements) for batch in theirs] == [2_000, 2_000, 500]
        assert [b.statements for b in theirs] == [b.statements for b in ours]
        assert theirs[-1].bytes_read == path.stat().st_size
        assert (other.warnings, other.incomplete) == (here.warnings, here.incomplete)


def open_reading_here(path: Path) -> ReaderReading:
    return ReaderReading(lambda: open_reader(path))


def test_rejects_and_warnings_come_through(db: Database, tmp_path: Path) -> None:
    path = write(
        tmp_path / "list.csv",
        "MD5;SHA1;ZZ40;PhotoDNA;Lace;Image ID;Is distributed;Victim identified;"
        "Offender identified;Series name;Investigation name;Agency;Number of submissions;"
        f"File Available;Media Type;Baseline\n{'0' * 31};{'a' * 40};;;;I-1;Y;N;N;;;;1;True;Image;"
        "Yes\n;;;;;I-2;Y;N;N;;;;1;True;Image;Yes\n",
    )
    report = db.import_file(path, source="s", rejects_path=tmp_path / "r")
    assert (report.format, report.seen, report.added, report.rejected) == ("icse-csv", 2, 1, 1)
    assert report.field_rejects == 1
    assert len((tmp_path / "r").read_text().splitlines()) == 2


@pytest.mark.parametrize(
    ("text", "options", "error"),
    [
        ("no list", {}, UnknownFormatError),
        ("no list", {"format": "no-format"}, InputError),
        ('{"value": [', {"format": "vics-2.0"}, ExchangeError),
        ('{"value": [{"MediaID": 1, "MD5": "' + "a1" * 16, {"format": "vics-2.0"}, ExchangeError),
    ],
)
def test_errors_are_those_of_the_reader(
    db: Database, tmp_path: Path, text: str, options: dict[str, Any], error: type[Exception]
) -> None:
    path = write(tmp_path / "list", text)
    with pytest.raises(error) as other:
        db.import_file(path, source="s", **options)
    reading_process.LARGE = 1 << 30
    with pytest.raises(error) as here:
        db.import_file(path, source="s", **options)
    assert str(other.value) == str(here.value)
    assert type(other.value) is type(here.value)
    assert db.revision == 0


def test_options_go_along(db: Database, tmp_path: Path) -> None:
    path = write(tmp_path / "list", "a1" * 16 + "\n")
    report = db.import_file(
        path, source="s", format="plain", hash_type="md5", schemes=load_schemes()
    )
    assert report.added == 1


def test_an_option_that_cannot_be_handed_over_is_read_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: object) -> Any:
        raise TypeError("no")

    path = tmp_path / "list"
    write_list(records(1), path, format="jsonl")
    monkeypatch.setattr(Schemes, "__reduce__", refuse)
    with start_reading(path, schemes=load_schemes()) as reading:
        assert isinstance(reading, ReaderReading)


def test_a_process_that_dies_is_told_and_nothing_is_imported(
    db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "list"
    write_list(records(9_000), path, format="jsonl")
    started: list[ProcessReading] = []
    real = ProcessReading.__init__

    def init(self: ProcessReading, *args: Any, **kwargs: Any) -> None:
        real(self, *args, **kwargs)
        started.append(self)

    monkeypatch.setattr(ProcessReading, "__init__", init)

    def kill(_: object) -> None:
        os.kill(started[0]._process.pid, signal.SIGKILL)

    with pytest.raises(ExchangeError, match=r"ended early \(exit code -9\); nothing was imported"):
        db.import_file(path, source="s", on_progress=kill)
    assert (db.revision, db.stats().opinions) == (0, 0)


def test_giving_up_ends_it(db: Database, tmp_path: Path) -> None:
    path = tmp_path / "list"
    write_list(records(9_000), path, format="jsonl")
    with start_reading(path) as reading:
        reading.open()
        assert isinstance(reading, ProcessReading)
        next(reading.batches())
        process = reading._process
    assert process.returncode is not None


def test_it_is_found_from_anywhere(tmp_path: Path) -> None:
    """Whoever calls needs no guard around its main module, and any working directory does."""
    write_list(records(3), tmp_path / "list", format="jsonl")
    program = (
        "import hashmatch as hm\n"
        "from hashmatch.database import reading_process\n"
        "reading_process.LARGE = 0\n"
        "with hm.open_database('a.db', create=True) as db:\n"
        "    print(db.import_file('list', source='s').added)\n"
    )
    write(tmp_path / "program.py", program)
    done = subprocess.run(
        [sys.executable, "program.py"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("3\n", "")
