"""Lists that hold other hashes than PDQ: each compared by its own pipeline and thresholds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from known_media import digests_of, flipped, record
from pictures import encoded, photograph, png

from hashmatch.database import Database
from hashmatch.errors import InputError
from hashmatch.fingerprinting import hash_image
from hashmatch.matching import (
    DEFAULT_OTHERS,
    Checker,
    CheckRequest,
    CheckStatus,
    Level,
    MatchPolicy,
    Thresholds,
)
from hashmatch.types import HashValue

COMPUTED = [name for name in DEFAULT_OTHERS if name not in ("pdq", "photodna")]
PIXELS = photograph(61)
HASHES = hash_image(PIXELS, algorithms=("pdq", *COMPUTED, "ahash")).hashes
COPY = encoded(PIXELS, "JPEG", quality=75)


@pytest.mark.parametrize("name", COMPUTED)
def test_a_copy_is_found_by_the_hash_that_the_list_has(db: Database, name: str) -> None:
    db.import_records([record("1", None, HASHES[name])], source="List")
    checker = Checker(db)
    assert checker.algorithms == ("pdq", name)
    radii = checker.policy.thresholds(name)
    for source, variant in ((COPY, "original"), (png(PIXELS[:, ::-1]), "flip_y")):
        result = checker.check(source)
        (match,) = result.matches
        confident = radii.match is not None
        assert match.status is (CheckStatus.MATCH if confident else CheckStatus.POSSIBLE)
        assert (match.algorithm, match.variant, match.variant_exact) == (name, variant, True)
        assert match.distance <= match.threshold == radii.possible
        assert (match.reason is None) is confident
        assert confident or "never more than POSSIBLE" in (match.reason or "")
        # PDQ was compared with nothing, the other hash with one entry.
        assert (result.n_variants, result.n_entries, result.n_comparisons) == (16, 1, 8)
        assert [value.algorithm for value in result.query] == ["pdq", name]
    assert checker.check(png(photograph(62))).status is CheckStatus.NO_MATCH


def test_expected_false_matches_only_where_they_are_known(db: Database) -> None:
    for number, name in enumerate(("pdq", "pdq-cpp", "phash256")):
        db.import_records([record(str(number), None, HASHES[name])], source="List")
    found = {m.algorithm: m.expected_false_matches for m in Checker(db).check(PIXELS).matches}
    assert list(found) == ["pdq", "pdq-cpp", "phash256"]
    assert found["pdq"] is not None
    assert found["pdq-cpp"] is not None
    assert found["phash256"] is None


@pytest.mark.parametrize("distance", [0, 3, 4, 9, 10])
def test_thresholds_of_each_algorithm(db: Database, distance: int) -> None:
    db.import_records([record("1", None, flipped(HASHES["phash"], distance))], source="List")
    policy = MatchPolicy(others={"phash": Thresholds(match=3, possible=9)}, orientations=False)
    for result in (
        Checker(db, policy).check(PIXELS),
        Checker(db, policy).check_hash("phash", HASHES["phash"].hex),
    ):
        if distance > 9:
            assert result.status is CheckStatus.NO_MATCH
            continue
        (match,) = result.matches
        assert match.distance == distance
        assert match.status is (CheckStatus.MATCH if distance <= 3 else CheckStatus.POSSIBLE)
        assert match.threshold == (3 if distance <= 3 else 9)
        assert match.reason == (None if distance <= 3 else f"distance {distance} is above 3")


def test_what_the_policy_does_not_name_is_not_compared(db: Database) -> None:
    db.import_records([record("1", None, HASHES["ahash"], HASHES["phash"])], source="List")
    checker = Checker(db, MatchPolicy(others={}))
    assert checker.algorithms == ("pdq",)
    assert checker.check(PIXELS).status is CheckStatus.NO_MATCH
    made = hash_image(PIXELS, algorithms=("pdq", "phash", "ahash"))
    assert checker.check_fingerprint(made).status is CheckStatus.NO_MATCH
    assert Checker(db).algorithms == ("pdq", "phash")
    for refused in ({"ahash": HASHES["ahash"]}, {"phash": HASHES["phash"]}):
        with pytest.raises(InputError, match="this checker compares pdq, got"):
            checker.check_request(CheckRequest(hashes=refused))
    named = MatchPolicy(others={"ahash": Thresholds(None, 0)})
    assert Checker(db, named).check(PIXELS).status is CheckStatus.POSSIBLE


def test_another_main_algorithm(db: Database) -> None:
    db.import_records([record("1", None, HASHES["phash"])], source="List")
    db.import_records([record("2", None, HASHES["pdq"])], source="List")
    checker = Checker(db, MatchPolicy("phash", max_distance=4, review_max_distance=8))
    assert checker.algorithms == ("phash", "pdq")
    assert [m.algorithm for m in checker.check(COPY).matches] == ["phash", "pdq"]
    bare = checker.check_hash("phash", HASHES["phash"].hex)
    assert (bare.n_variants, bare.matches[0].variant) == (1, "original")
    assert bare.gates == ("phash: a bare hash is compared in its own orientation only",)


def test_it_follows_imports(db: Database) -> None:
    checker = Checker(db)
    assert (checker.algorithms, checker.check(PIXELS).status) == (("pdq",), CheckStatus.NO_MATCH)
    db.import_records([record("1", None, HASHES["phash"])], source="A")
    assert checker.check(PIXELS).status is CheckStatus.POSSIBLE
    db.publish_index()
    db.import_records([record("2", None, HASHES["dhash"])], source="A")
    for one in (checker, Checker(db)):
        assert one.algorithms == ("pdq", "dhash", "phash")
        assert len(one.check(PIXELS).matches) == 2
    for key in ("1", "2"):
        db.withdraw(source="A", record_key=key)
    for one in (checker, Checker(db)):
        assert one.check(PIXELS).status is CheckStatus.NO_MATCH


def test_one_match_for_a_medium_with_several_hashes(db: Database) -> None:
    """The confident one, though another is nearer in its own radius."""
    far = flipped(HASHES["pdq"], 30)
    near = HASHES["phash"]
    digests = digests_of(b"another file")
    db.import_records([record("1", digests, far, near)], source="A")
    (match,) = Checker(db).check(PIXELS).matches
    assert (match.algorithm, match.distance, match.status) == ("pdq", 30, CheckStatus.MATCH)
    review = MatchPolicy(level=Level.FAST, max_distance=10, review_max_distance=31)
    (match,) = Checker(db, review).check(PIXELS).matches
    assert (match.algorithm, match.distance, match.status) == ("phash", 0, CheckStatus.POSSIBLE)


def test_confident_ones_first_then_by_share_of_the_radius(db: Database) -> None:
    entries = [
        flipped(HASHES["pdq"], 30),
        flipped(HASHES["pdq"], 2),
        flipped(HASHES["phash"], 2),
        flipped(HASHES["phash256"], 16),
        HASHES["dhash"],
    ]
    db.import_records([record(str(n), None, e) for n, e in enumerate(entries)], source="A")
    found = [(m.algorithm, m.distance) for m in Checker(db).check(PIXELS).matches]
    assert found == [("pdq", 2), ("phash256", 16), ("pdq", 30), ("dhash", 0), ("phash", 2)]


def test_shares_and_not_bits_order_them(db: Database) -> None:
    entries = (flipped(HASHES["pdq"], 12), flipped(HASHES["phash256"], 16))
    db.import_records([record(str(n), None, e) for n, e in enumerate(entries)], source="A")
    wide = MatchPolicy(others={"phash256": Thresholds(100, 100)})
    found = [(m.algorithm, m.distance) for m in Checker(db, wide).check(PIXELS).matches]
    assert found == [("phash256", 16), ("pdq", 12)]


BLANK = np.full((200, 200, 3), 255, np.uint8)


def test_a_hash_that_says_too_little_is_a_gate(db: Database) -> None:
    """White paper with a dark corner: PDQ and phash are firm, blockhash is not."""
    page = BLANK.copy()
    page[60:130, 40:120] = PIXELS[:70, :80]
    made = hash_image(page, algorithms=("pdq", "blockhash"))
    assert (made.hashes["blockhash"].quality or 0) < 50 <= (made.hashes["pdq"].quality or 0)
    db.import_records([record("1", None, HASHES["blockhash"])], source="A")
    result = Checker(db, MatchPolicy(level=Level.FAST)).check(page)
    assert result.status is CheckStatus.NO_MATCH
    (gate,) = result.gates
    assert gate.startswith("blockhash quality")
    assert result.n_variants == 8
    trimmed = Checker(db).check(page)
    assert (trimmed.status, trimmed.gates) == (CheckStatus.NO_MATCH, (gate,))
    blank = Checker(db).check(BLANK)
    assert blank.status is CheckStatus.LOW_INFORMATION
    assert len(blank.gates) == 2


def test_a_picture_too_small_for_one_of_them(db: Database) -> None:
    db.import_records([record("1", None, HASHES["blockhash"])], source="A")
    small = np.random.default_rng(1).integers(0, 256, (14, 60), dtype=np.uint8)
    result = Checker(db).check(small)
    assert result.status is CheckStatus.NO_MATCH
    assert result.gates == ("blockhash: in the database, and not computed of the query",)
    assert Checker(db).check(small[:4]).status is CheckStatus.LOW_INFORMATION


def test_entries_that_say_too_little_are_left_out_and_counted(db: Database) -> None:
    poor = HashValue("phash", HASHES["phash"].value, 60)
    db.import_records([record("1", None, poor)], source="A")
    assert Checker(db).check(PIXELS).status is CheckStatus.POSSIBLE
    strict = MatchPolicy(others={"phash": Thresholds(None, 6, 61)})
    result = Checker(db, strict).check(PIXELS)
    assert result.status is CheckStatus.NO_MATCH
    assert result.gates == ("phash: 1 near entries say too little and were left out",)


def test_fingerprints_without_a_hash_that_the_database_holds(db: Database) -> None:
    db.import_records([record("1", None, HASHES["pdq"], HASHES["phash"])], source="A")
    checker = Checker(db)
    for source, found in ((PIXELS, CheckStatus.MATCH), (photograph(62), CheckStatus.NO_MATCH)):
        result = checker.check_fingerprint(hash_image(source, dihedral=True))
        assert result.status is found
        assert result.gates == ("phash: in the database, and not computed of the query",)
    # A bare hash is not all that could be known of a picture; nor is a text.
    assert checker.check_hash("pdq", HASHES["pdq"].hex).gates == ()
    assert checker.check(b"text").gates == ()


def test_a_list_that_comes_between_hashing_and_checking(db: Database) -> None:
    checker = Checker(db)
    made = hash_image(PIXELS, algorithms=checker.algorithms)
    assert checker.check_fingerprint(made).gates == ()
    db.import_records([record("1", None, HASHES["dhash"])], source="A")
    # This brings what a bare hash needs to the new revision, and nothing else.
    assert checker.check_hash("pdq", HASHES["pdq"].hex).revision == 1
    result = checker.check_fingerprint(made)
    assert (result.revision, result.status) == (1, CheckStatus.NO_MATCH)
    assert result.gates == ("dhash: in the database, and not computed of the query",)


@pytest.mark.parametrize("name", ["pdq", "pdq-cpp"])
def test_bare_hashes_that_can_be_turned(db: Database, name: str) -> None:
    db.import_records([record("1", None, HASHES[name])], source="A")
    turned = hash_image(PIXELS[::-1], algorithms=(name,)).hashes[name]
    result = Checker(db).check_hash(name, turned.value)
    (match,) = result.matches
    assert (match.variant, match.variant_exact, result.n_variants) == ("flip_x", False, 8)
    assert HashValue.from_hex(name, match.query_value).distance(HASHES[name]) == match.distance
    assert result.gates == ()


def test_a_database_without_them_is_asked_once_a_revision(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    db.import_records([record("1", None, HASHES["pdq"])], source="A")
    checker = Checker(db)
    assert checker.algorithms == ("pdq",)
    checker.check(png(photograph(62)))
    before, opened = db.snapshot, []

    def counted(**given: Any) -> Any:
        opened.append(1)
        return before(**given)

    monkeypatch.setattr(db, "snapshot", counted)
    for _ in range(3):
        assert checker.check(png(photograph(62))).status is CheckStatus.NO_MATCH
    assert opened == []
