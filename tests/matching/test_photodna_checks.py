"""PhotoDNA values against those of lists. All values here are made up."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from known_media import digests_of, record

from hashmatch.database import Database, VectorLookup, open_database
from hashmatch.hashing import ORIENTATIONS
from hashmatch.index import photodna_orientations
from hashmatch.matching import Checker, CheckRequest, CheckStatus, MatchPolicy, Thresholds
from hashmatch.types import HashValue


def value(seed: int) -> HashValue:
    return HashValue("photodna", random.Random(seed).randbytes(144))


def moved(of: HashValue, distance: int) -> HashValue:
    """Another value at this squared distance: sums of squares of steps in single bytes."""
    row = np.frombuffer(of.value, np.uint8).astype(np.int64)
    for place in range(144):
        step = min(int(distance**0.5), 127)
        row[place] += step if row[place] < 128 else -step
        distance -= step * step
    assert distance == 0
    return HashValue("photodna", row.astype(np.uint8).tobytes())


@pytest.mark.parametrize("distance", [0, 1, 39_999, 40_000, 40_001])
def test_within_the_radius(db: Database, distance: int) -> None:
    known = value(1)
    db.import_records([record("1", None, known), record("2", None, value(2))], source="ICSE")
    query = moved(known, distance)
    result = Checker(db).check_request(CheckRequest(photodna=query.value))
    assert result.query == (query,)
    assert (result.n_variants, result.n_entries, result.n_comparisons) == (8, 2, 16)
    if distance > 40_000:
        assert (result.status, result.matches) == (CheckStatus.NO_MATCH, ())
        return
    (match,) = result.matches
    assert (match.algorithm, match.distance, match.threshold) == ("photodna", distance, 40_000)
    assert (match.status, match.reason) == (CheckStatus.MATCH, None)
    assert (match.query_value, match.stored_value) == (query.hex, known.hex)
    assert (match.variant, match.variant_exact, match.asserted_by) == ("original", True, "ICSE")
    assert match.expected_false_matches is None


@pytest.mark.parametrize("number", range(1, 8))
def test_orientations(db: Database, number: int) -> None:
    known = value(1)
    row = np.frombuffer(known.value, np.uint8)[None]
    turned = photodna_orientations(row)[number, 0].tobytes()
    db.import_records([record("1", None, known)], source="A")
    (match,) = Checker(db).check_hash("photodna", turned).matches
    assert (match.distance, match.variant_exact) == (0, False)
    # The orientation that brings the query back to the entry.
    back = photodna_orientations(np.frombuffer(turned, np.uint8)[None])[:, 0]
    assert back[ORIENTATIONS.index(match.variant)].tobytes() == known.value
    assert match.query_value == known.hex
    plain = Checker(db, MatchPolicy(orientations=False)).check_hash("photodna", turned)
    assert (plain.status, plain.n_variants) == (CheckStatus.NO_MATCH, 1)


def test_values_that_say_too_little_are_not_compared(db: Database) -> None:
    flat = HashValue("photodna", bytes([7] * 100 + list(range(44))))
    db.import_records([record("1", None, value(1))], source="A")
    result = Checker(db).check_request(CheckRequest(photodna=flat.value))
    assert result.status is CheckStatus.LOW_INFORMATION
    assert result.reason == "photodna entropy 0.31 is below 0.70"
    assert result.gates == (result.reason,)
    assert (result.n_variants, result.n_comparisons) == (0, 0)
    free = MatchPolicy(others={"photodna": Thresholds(None, 40_000)})
    assert Checker(db, free).check_hash("photodna", flat.value).status is CheckStatus.NO_MATCH


def test_a_stated_quality_is_no_entropy(db: Database) -> None:
    poor = HashValue("photodna", value(1).value, 10)
    db.import_records([record("1", None, poor)], source="A")
    result = Checker(db).check_request(CheckRequest(hashes={"photodna": poor}))
    assert result.status is CheckStatus.MATCH
    assert result.gates == ()


def test_orientations_are_judged_one_by_one(db: Database) -> None:
    """Rows of equal cells: each row of cells differs from the next, and after a quarter turn each
    cell does from its neighbour: 5 of 143 pairs, then 35."""
    row = np.repeat(np.arange(6), 24).astype(np.uint8).tobytes()
    policy = MatchPolicy(others={"photodna": Thresholds(None, 40_000, 20)})
    result = Checker(db, policy).check_hash("photodna", row)
    assert result.n_variants == 4
    assert result.gates == ("photodna: 4 of 8 orientations say too little",)


def test_thresholds_and_the_review_band(db: Database) -> None:
    known = value(1)
    db.import_records([record("1", None, known)], source="A")
    policy = MatchPolicy(others={"photodna": Thresholds(1000, 2000, 70)})
    status = {}
    for distance in (1000, 1001, 2000, 2001):
        result = Checker(db, policy).check_hash("photodna", moved(known, distance).value)
        status[distance] = result.status.value
        if result.status is CheckStatus.POSSIBLE:
            assert result.matches[0].reason == f"distance {distance} is above 1000"
    assert list(status.values()) == ["MATCH", "POSSIBLE", "POSSIBLE", "NO_MATCH"]


def test_it_follows_the_database(db: Database, path: Path) -> None:
    db.import_records([record(str(n), None, value(n)) for n in range(20)], source="A")
    with open_database(path, read_only=True) as other:
        checker = Checker(other)
        for published in (False, True):
            if published:
                db.publish_index()
            assert checker.check_hash("photodna", value(3).hex).status is CheckStatus.MATCH
            assert checker.check_hash("photodna", value(99).hex).status is CheckStatus.NO_MATCH
        db.withdraw(source="A", record_key="3")
        gone = checker.check_hash("photodna", value(3).hex)
        assert (gone.status, gone.n_entries) == (CheckStatus.NO_MATCH, 19)
        db.import_records([record("99", None, value(99))], source="A")
        new = checker.check_hash("photodna", value(99).hex)
        assert (new.status, new.n_entries) == (CheckStatus.MATCH, 20)


def test_with_a_digest_and_with_pdq_it_is_one_answer(db: Database) -> None:
    digests = digests_of(b"x")
    db.import_records([record("1", digests, value(1)), record("2", None, value(2))], source="A")
    request = CheckRequest(md5=digests.md5, photodna=value(2).value)
    result = Checker(db).check_request(request)
    assert [m.algorithm for m in result.matches] == ["md5", "photodna"]


def test_nothing_is_read_unless_a_request_has_one(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    db.import_records([record("1", digests_of(b"x"), value(1))], source="A")
    monkeypatch.setattr(VectorLookup, "__init__", None)
    checker = Checker(db)
    assert checker.check(b"x").status is CheckStatus.MATCH
    assert checker.check_hash("pdq", b"\x0f" * 32).status is CheckStatus.NO_MATCH
