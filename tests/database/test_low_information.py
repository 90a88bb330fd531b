"""Hashes that are kept and never matched are listed, with whose they are and why."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from database.samples import digests, pdq, pdq_value, photodna, record

from hashmatch import Checker
from hashmatch.database import Database
from hashmatch.types import HashValue

FLAT = HashValue("photodna", bytes((7,)) * 43 + bytes((9,)) * 101)
LIGHT = HashValue("pdq", b"\x01" * 32)
EMPTY = HashValue("pdq", bytes(32), 100)
DARK = HashValue("pdq", b"\xff" * 32)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (FLAT, "low entropy"),
        (LIGHT, "bit weight"),
        (EMPTY, "constant value"),
        (DARK, "constant value"),
        (pdq(5, 49), "low quality"),
        (HashValue("photodna", bytes(144)), "constant value"),
    ],
)
def test_what_holds_too_little_is_kept_listed_and_not_matched(
    database: Database, value: HashValue, reason: str
) -> None:
    good = record("good", of=digests(md5=2), hashes=(pdq(1), photodna(1)))
    report = database.import_records(
        [record("k\0", of=digests(md5=1), hashes=(value,)), good], source="s\ud800"
    )
    assert report.not_matchable_reasons == {f"{value.algorithm}: {reason}": 1}
    (one,) = database.low_information_hashes()
    assert (one.source, one.record_key, one.reason) == ("s\ud800", "k\0", reason)
    assert (one.algorithm, one.hex, one.quality) == (value.algorithm, value.hex, value.quality)
    with database.snapshot() as view:
        assert [m.media_id for m in view.media_by_digests(digests(md5=1))] == [one.media_id]
    if value.algorithm == "pdq":
        found = Checker(database).check_hash("pdq", value.value, quality=100)
        assert not found.matches
    assert Checker(database).check_digests(md5=digests(md5=1).md5).matches


def test_withdrawn_ones_are_not(database: Database) -> None:
    database.import_records([record("a", hashes=(LIGHT,))], source="s")
    database.withdraw(source="s", record_key="a")
    assert not list(database.low_information_hashes())


def test_the_boundaries_are_matched(open_new: Callable[..., Database]) -> None:
    """70 % of neighbours differ, quality 50, 96 and 160 bits: enough."""
    changing = bytes((n + 1) % 2 for n in range(101)) + bytes((0,)) * 43
    values = (
        HashValue("photodna", changing),
        HashValue("pdq", pdq_value(5), 50),
        HashValue("pdq", b"\x07" * 32),
        HashValue("pdq", b"\xf8" * 32),
    )
    db = open_new()
    report = db.import_records([record("a", hashes=values)], source="s")
    assert report.not_matchable == 0
