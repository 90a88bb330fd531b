"""Known sets: made of any list, registered, asked; nothing is ignorable on a guess."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from database.samples import digest, digests, record

from hashmatch.database import Database, open_database
from hashmatch.errors import DatabaseError, ExchangeError, IndexCorruptError, InputError
from hashmatch.matching import Alert, Checker, CheckStatus
from hashmatch.types import Label

KNOWN = range(100)


def md5sum(path: Path, numbers: range, *, kind: str = "md5") -> Path:
    lines = [f"{digest(kind, number)}  file {number}\n" for number in numbers]
    path.write_text("".join(lines), encoding="ascii")
    return path


@pytest.fixture
def nsrl(tmp_path: Path) -> Path:
    return md5sum(tmp_path / "nsrl.txt", KNOWN)


def folder_of(path: Path) -> Path:
    return path.with_name(path.name + ".known")


def test_a_known_file_is_ignorable(db: Database, path: Path, nsrl: Path) -> None:
    checker = Checker(db)
    with open_database(path, read_only=True) as other:
        elsewhere = Checker(other)
        for one in (checker, elsewhere):
            assert one.check_digests(md5=digest("md5", 3)).status is CheckStatus.NO_MATCH
        added = db.add_known_set("NSRL", [nsrl], actor="a")
        assert (added.records, added.overlap) == (100, 0)
        assert {name: file.entries for name, file in added.files.items()} == {"md5": 100}
        assert db.known_sets() == [added]
        for one in (checker, elsewhere):
            result = one.check_digests(md5=digest("md5", 3), sha1=digest("sha1", 900))
            assert result.status is CheckStatus.KNOWN_IGNORABLE
            assert (result.known_sets, result.alert, result.matches) == (("NSRL",), Alert.NONE, ())
            assert result.revision == db.revision == 1
            assert result.to_dict()["known_sets"] == ["NSRL"]
            unknown = one.check_digests(md5=digest("md5", 101))
            assert (unknown.status, unknown.known_sets) == (CheckStatus.NO_MATCH, ())
        db.remove_known_set("NSRL")
        for one in (checker, elsewhere):
            assert one.check_digests(md5=digest("md5", 3)).status is CheckStatus.NO_MATCH
    assert [p.name for p in folder_of(path).iterdir()] == ["LOCK"]
    assert db.verify_audit()
    assert [e.action for e in db.audit_entries()][-2:] == ["known_add", "known_remove"]


@pytest.mark.parametrize("label", [Label.CSAM, Label.CGI, Label.UNCATEGORIZED])
def test_an_opinion_outranks_it(db: Database, nsrl: Path, label: Label) -> None:
    db.import_records([record("1", of=digests(md5=3, sha1=3), label=label)], source="s")
    db.import_records([record("2", of=digests(md5=4), label=Label.NON_PERTINENT)], source="s")
    added = db.add_known_set("NSRL", [nsrl])
    assert added.overlap == (0 if label is Label.UNCATEGORIZED else 1)
    result = Checker(db).check_digests(md5=digest("md5", 3))
    assert result.status is CheckStatus.MATCH
    assert result.known_sets == ("NSRL",)
    assert len(result.matches) == 1
    harmless = Checker(db).check_digests(md5=digest("md5", 4))
    assert harmless.status is CheckStatus.KNOWN_IGNORABLE
    assert (len(harmless.matches), harmless.known_sets) == (1, ("NSRL",))


def test_baseline_counts_as_overlap_once_a_medium(db: Database, nsrl: Path) -> None:
    base = {"baseline": True}
    for key, of in (("1", digests(md5=3)), ("2", digests(md5=3, sha1=3)), ("3", digests(md5=5))):
        one = record(key, of=of, label=Label.UNCATEGORIZED, opinion=base)
        db.import_records([one], source=key)
    assert db.add_known_set("NSRL", [nsrl]).overlap == 2
    assert db.known_sets()[0].overlap == 2


def test_the_strongest_digest_that_both_have_decides(
    db: Database, tmp_path: Path, nsrl: Path
) -> None:
    """A file can be made to have the MD5 of a known one."""
    sha1 = md5sum(tmp_path / "sha1.txt", KNOWN, kind="sha1")
    db.add_known_set("NSRL", [nsrl, sha1])
    checker = Checker(db)
    good = checker.check_digests(md5=digest("md5", 3), sha1=digest("sha1", 3))
    forged = checker.check_digests(md5=digest("md5", 3), sha1=digest("sha1", 500))
    assert (good.status, forged.status) == (CheckStatus.KNOWN_IGNORABLE, CheckStatus.NO_MATCH)


def test_several_sets_and_lists(db: Database, tmp_path: Path, nsrl: Path) -> None:
    more = md5sum(tmp_path / "more.txt", range(90, 150))
    db.add_known_set("A", [nsrl, more])
    db.add_known_set("B", [more])
    result = Checker(db).check_digests(md5=digest("md5", 95))
    assert result.known_sets == ("A", "B")
    with pytest.raises(InputError, match="there is a known set 'A'"):
        db.add_known_set("A", [more])
    replaced = db.add_known_set("A", [more], replace=True)
    assert replaced.files["md5"].entries == 60
    assert [one.name for one in db.known_sets()] == ["A", "B"]
    assert Checker(db).check_digests(md5=digest("md5", 3)).status is CheckStatus.NO_MATCH


def damaged(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[4100] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize("damage", [damaged, Path.unlink, lambda path: path.write_bytes(b"x")])
def test_a_damaged_set_is_told_and_ignores_nothing(
    db: Database, path: Path, nsrl: Path, damage: object
) -> None:
    db.import_records([record("1", of=digests(md5=3))], source="s")
    db.add_known_set("NSRL", [nsrl])
    assert db.check_known_sets() == {"NSRL": None}
    (file,) = folder_of(path).glob("*.hmx")
    whole = file.read_bytes()
    damage(file)  # type: ignore[operator]
    assert db.check_known_sets()["NSRL"] is not None
    checker = Checker(db)
    for number, status in ((5, CheckStatus.NO_MATCH), (3, CheckStatus.MATCH)):
        result = checker.check_digests(md5=digest("md5", number))
        assert result.status is status
        assert result.reason is not None
        assert "known set 'NSRL' can't be asked" in result.reason
        assert result.known_sets == ()
    row = bytes.fromhex(digest("md5", 5))
    (many,) = checker.check_many_digests("md5", np.frombuffer(row, np.uint8)[None])
    assert many.reason is not None
    with pytest.raises(IndexCorruptError, match="other files"):
        db.restore_known_set("NSRL", [md5sum(nsrl.with_name("other"), range(3))])
    db.restore_known_set("NSRL", [nsrl])
    assert file.read_bytes() == whole
    assert db.check_known_sets() == {"NSRL": None}
    for one in (checker, Checker(db)):
        restored = one.check_digests(md5=digest("md5", 5))
        assert restored.status is CheckStatus.KNOWN_IGNORABLE
        assert restored.reason is None


def test_what_a_killed_process_left_is_removed(db: Database, path: Path, nsrl: Path) -> None:
    db.add_known_set("A", [nsrl])
    left = folder_of(path) / "0123456789abcdef-md5.hmx"
    left.write_bytes(b"half")
    db.add_known_set("B", [nsrl])
    assert not left.exists()
    assert len(list(folder_of(path).glob("*.hmx"))) == 2


def test_nothing_is_changed_where_it_fails(db: Database, path: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty.txt"
    empty.write_text("md5,sha1\n")
    bad: list[tuple[str, list[Path], type[Exception]]] = [
        ("", [empty], InputError),
        ("A", [], InputError),
        ("A", [tmp_path / "absent"], ExchangeError),
    ]
    for name, paths, error in bad:
        with pytest.raises(error):
            db.add_known_set(name, paths)
    with pytest.raises((InputError, ExchangeError)):
        db.add_known_set("A", [empty])
    with pytest.raises(InputError, match="expected a known set"):
        db.remove_known_set("A")
    assert db.known_sets() == []
    assert db.revision == 0
    assert not list(folder_of(path).glob("*.hmx"))
    with (
        open_database(path, read_only=True) as reading,
        pytest.raises(DatabaseError, match="read-only"),
    ):
        reading.add_known_set("A", [empty])


def test_what_the_log_and_the_table_keep(db: Database, nsrl: Path) -> None:
    added = db.add_known_set("NSRL", [nsrl], actor="somebody")
    entry = list(db.audit_entries())[-1]
    assert (entry.action, entry.actor, entry.revision) == ("known_add", "somebody", 1)
    sha256 = hashlib.sha256(nsrl.read_bytes()).hexdigest()
    details = json.loads(entry.details)
    assert details["lists"] == [{"name": "nsrl.txt", "size": nsrl.stat().st_size, "sha256": sha256}]
    assert details["files"] == {"md5": added.files["md5"].sha256}
    assert str(nsrl.parent) not in entry.details
    assert added.list_name == "nsrl.txt"
