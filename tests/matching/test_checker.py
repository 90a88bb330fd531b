"""One medium against the database: which answer, and why."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from known_media import digests_of, flipped, record
from pictures import encoded, photograph, png
from PIL import Image

from hashmatch.database import Database
from hashmatch.errors import (
    HashFormatError,
    InputError,
    InputTypeError,
    UnknownAlgorithmError,
)
from hashmatch.fingerprinting import hash_image
from hashmatch.matching import (
    Alert,
    Checker,
    CheckResult,
    CheckStatus,
    Level,
    MatchKind,
    MatchPolicy,
)
from hashmatch.types import Digests, HashRecord, HashValue, Label

PIXELS = photograph(51)
DATA = png(PIXELS)
PDQ = hash_image(PIXELS).hashes["pdq"]
COPY = encoded(Image.fromarray(PIXELS).resize((150, 110)), "JPEG", quality=50)
"""A copy with other bytes, some bits away."""


def listed(db: Database, *records: HashRecord, source: str = "National list") -> None:
    report = db.import_records(records, source=source)
    assert report.rejected == 0
    assert report.added == len(records)


def only_match(result: CheckResult) -> Any:
    (match,) = result.matches
    return match


@pytest.mark.parametrize("names", [("md5",), ("sha1",), ("sha256",), ("md5", "sha1"), ()])
def test_by_digest_alone(db: Database, names: tuple[str, ...]) -> None:
    listed(db, record("1", digests_of(DATA, *names)))
    result = Checker(db).check(DATA)
    match = only_match(result)
    assert (result.status, result.alert) == (CheckStatus.MATCH, Alert.NATIONAL)
    assert match.kind is MatchKind.DIGEST
    assert match.algorithm == (names[-1] if names else "sha256")
    assert match.query_value == match.stored_value
    assert (match.distance, match.threshold, match.variant) == (0, 0, "original")
    assert (match.expected_false_matches, match.contradicting) == (None, ())
    assert Checker(db).check(png(photograph(52))).status is CheckStatus.NO_MATCH


def test_by_pdq_alone(db: Database) -> None:
    listed(db, record("1", None, PDQ))
    result = Checker(db).check(COPY)
    match = only_match(result)
    assert (result.status, result.alert) == (CheckStatus.MATCH, Alert.NATIONAL)
    assert (match.kind, match.algorithm) == (MatchKind.HASH, "pdq")
    assert 0 < match.distance <= 31 == match.threshold
    assert match.stored_value == PDQ.hex
    assert HashValue.from_hex("pdq", match.query_value).distance(PDQ) == match.distance
    assert (match.variant, match.variant_exact) == ("original", True)
    assert (match.query_quality, match.stored_quality) == (100, 100)
    assert match.asserted_by == "National list"
    assert match.expected_false_matches < 1e-20
    assert (result.n_variants, result.n_entries) == (8, 1)
    assert [stored.source for stored in match.opinions] == ["National list"]


TURNS = {
    "rotate90": lambda a: np.rot90(a, -1),
    "rotate180": lambda a: np.rot90(a, 2),
    "rotate270": lambda a: np.rot90(a, 1),
    "flip_x": lambda a: a[::-1],
    "flip_y": lambda a: a[:, ::-1],
    "flip_plus1": lambda a: a.swapaxes(0, 1),
    "flip_minus1": lambda a: np.rot90(a, 2).swapaxes(0, 1),
}


@pytest.mark.parametrize("variant", TURNS)
def test_mirrored_and_turned(db: Database, variant: str) -> None:
    """Through pixels: exactly. Through the hash alone: approximated, and said so."""
    listed(db, record("1", None, PDQ))
    turned = np.ascontiguousarray(TURNS[variant](PIXELS))
    checker = Checker(db)
    match = only_match(checker.check(png(turned)))
    assert (match.variant, match.distance, match.variant_exact) == (variant, 0, True)

    value = hash_image(turned).hashes["pdq"]
    match = only_match(checker.check_hash("pdq", value.hex, 100))
    assert (match.variant, match.variant_exact) == (variant, False)
    assert match.distance <= 31

    plain = Checker(db, MatchPolicy(orientations=False))
    assert plain.check(png(turned)).status is CheckStatus.NO_MATCH
    assert plain.check(png(turned)).n_variants == 1
    assert plain.check_hash("pdq", value.hex).status is CheckStatus.NO_MATCH
    assert plain.check(DATA).status is CheckStatus.MATCH


@pytest.mark.parametrize("distance", [0, 31, 32, 60, 61])
def test_thresholds_are_inclusive(db: Database, distance: int) -> None:
    listed(db, record("1", None, flipped(PDQ, distance)))
    policy = MatchPolicy(review_max_distance=60, orientations=False)
    result = Checker(db, policy).check_hash("pdq", PDQ.value)
    if distance > 60:
        assert result.status is CheckStatus.NO_MATCH
        return
    match = only_match(result)
    assert match.distance == distance
    confident = distance <= 31
    assert result.status is (CheckStatus.MATCH if confident else CheckStatus.POSSIBLE)
    assert match.threshold == (31 if confident else 60)
    assert result.matched
    if not confident:
        assert Checker(db).check_hash("pdq", PDQ.value).status is CheckStatus.NO_MATCH


@pytest.mark.parametrize(("quality", "floor", "found"), [(49, 50, 0), (50, 50, 1), (49, 49, 1)])
def test_quality_of_the_query(db: Database, quality: int, floor: int, found: int) -> None:
    listed(db, record("1", None, PDQ))
    result = Checker(db, MatchPolicy(min_quality=floor)).check_hash("pdq", PDQ.hex, quality)
    assert len(result.matches) == found
    if not found:
        assert result.status is CheckStatus.LOW_INFORMATION
        assert result.reason == "pdq quality 49 is below 50"
        assert result.n_variants == 0


def test_quality_of_the_entry(db: Database) -> None:
    listed(db, record("1", None, HashValue("pdq", PDQ.value, 60)))
    assert Checker(db).check_hash("pdq", PDQ.hex).status is CheckStatus.MATCH
    strict = Checker(db, MatchPolicy(min_quality=61))
    assert strict.check_hash("pdq", PDQ.hex, 100).status is CheckStatus.NO_MATCH


@pytest.mark.parametrize("value", [bytes(32), b"\xff" * 32])
def test_values_that_hold_nothing(db: Database, value: bytes) -> None:
    result = Checker(db).check_hash("pdq", value)
    assert result.status is CheckStatus.LOW_INFORMATION
    assert "bits set" in (result.reason or "")


def test_pictures_that_say_nothing(db: Database) -> None:
    """H02, H03: also against the hash of the same blank page."""
    blank = np.full((200, 200, 3), 255, dtype=np.uint8)
    tiny = np.zeros((4, 4, 3), dtype=np.uint8)
    listed(db, record("1", digests_of(b"other"), hash_image(blank).hashes["pdq"]))
    checker = Checker(db)
    for pixels in (blank, tiny):
        for source in (pixels, png(pixels)):
            result = checker.check(source)
            assert result.status is CheckStatus.LOW_INFORMATION
            assert result.reason
            assert not result.matched
    listed(db, record("1", digests_of(png(tiny))), source="Another list")
    assert checker.check(png(tiny)).status is CheckStatus.MATCH


def test_two_sources_that_disagree(db: Database) -> None:
    listed(db, record("1", digests_of(DATA), label=Label.NON_PERTINENT), source="A")
    listed(db, record("9", digests_of(DATA, "sha1"), PDQ, label=Label.CSAM), source="B")
    for source in (DATA, encoded(PIXELS, "JPEG", quality=80)):
        result = Checker(db).check(source)
        assert (result.status, result.alert) == (CheckStatus.MATCH, Alert.NATIONAL)
        assert result.conflict
        match = only_match(result)
        assert [(s.source, s.opinion.label) for s in match.opinions] == [
            ("B", Label.CSAM),
            ("A", Label.NON_PERTINENT),
        ]
        assert match.to_dict()["media"]["conflict"] is True


def test_baseline_is_the_gravest_and_no_is_never_legal(db: Database) -> None:
    listed(db, record("1", digests_of(DATA), label=Label.CSAM), source="National")
    listed(db, record("1", digests_of(DATA), label=Label.CSAM, baseline=True), source="ICSE")
    other = png(photograph(52))
    listed(db, record("2", digests_of(other), label=Label.UNCATEGORIZED, baseline=False))
    assert Checker(db).check(DATA).alert is Alert.BASELINE
    result = Checker(db).check(other)
    assert (result.status, result.alert) == (CheckStatus.MATCH, Alert.OTHER)


def test_alerts_are_the_agencys_to_set(db: Database) -> None:
    listed(db, record("1", digests_of(DATA), label=Label.CGI))
    alerts = {**MatchPolicy().alerts, Label.CGI: Alert.NATIONAL}
    assert Checker(db).check(DATA).alert is Alert.OTHER
    assert Checker(db, MatchPolicy(alerts=alerts)).check(DATA).alert is Alert.NATIONAL


def test_known_ignorable_only_by_digest_and_only_if_all_agree(db: Database) -> None:
    listed(db, record("1", digests_of(DATA), PDQ, label=Label.KNOWN_IGNORABLE), source="A")
    checker = Checker(db)
    result = checker.check(DATA)
    assert (result.status, result.alert) == (CheckStatus.KNOWN_IGNORABLE, Alert.NONE)
    assert not result.matched
    similar = checker.check(encoded(PIXELS, "JPEG", quality=80))
    assert (similar.status, similar.alert) == (CheckStatus.MATCH, Alert.NONE)
    listed(db, record("1", digests_of(DATA), label=Label.NON_PERTINENT), source="B")
    assert checker.check(DATA).status is CheckStatus.KNOWN_IGNORABLE
    listed(db, record("1", digests_of(DATA), label=Label.UNCATEGORIZED), source="C")
    assert checker.check(DATA).status is CheckStatus.MATCH


def test_a_harmless_file_that_looks_like_a_grave_one(db: Database) -> None:
    listed(db, record("1", digests_of(DATA), label=Label.KNOWN_IGNORABLE))
    listed(db, record("2", digests_of(b"another file"), PDQ, label=Label.CSAM))
    result = Checker(db).check(DATA)
    assert (result.status, result.alert) == (CheckStatus.MATCH, Alert.NATIONAL)
    assert [match.status for match in result.matches] == [
        CheckStatus.KNOWN_IGNORABLE,
        CheckStatus.MATCH,
    ]


def test_one_md5_two_files(db: Database) -> None:
    wrong = Digests(md5=digests_of(DATA).md5, sha1=digests_of(b"other").sha1)
    listed(db, record("1", wrong))
    result = Checker(db).check(DATA)
    match = only_match(result)
    assert (result.status, result.alert) == (CheckStatus.POSSIBLE, Alert.NATIONAL)
    assert (match.algorithm, match.contradicting) == ("md5", ("sha1",))
    assert result.matched


def test_a_wrong_digest_does_not_hide_the_hash(db: Database) -> None:
    """Lists have wrong digests; the same picture within the radius is a MATCH all the same."""
    wrong = Digests(md5=digests_of(DATA).md5, sha1=digests_of(b"other").sha1)
    listed(db, record("1", wrong, PDQ))
    result = Checker(db).check(DATA)
    match = only_match(result)
    assert (result.status, match.kind, match.distance) == (CheckStatus.MATCH, MatchKind.HASH, 0)
    far = Checker(db, MatchPolicy(level=Level.FAST, max_distance=0, review_max_distance=31))
    contradicted = Digests(md5=digests_of(COPY).md5, sha1=digests_of(b"third").sha1)
    listed(db, record("2", contradicted, PDQ), source="B")
    doubtful = far.check(COPY)
    assert doubtful.status is CheckStatus.POSSIBLE
    assert [match.kind for match in doubtful.matches] == [MatchKind.DIGEST, MatchKind.HASH]


def test_certain_digests_come_first(db: Database) -> None:
    digests = digests_of(DATA)
    doubtful = Digests(md5=digests.md5, sha1=digests_of(b"other").sha1)
    listed(db, record("1", doubtful, label=Label.CSAM), record("2", digests, label=Label.CGI))
    result = Checker(db).check(DATA)
    assert [match.contradicting for match in result.matches] == [(), ("sha1",)]
    assert (result.status, result.alert) == (CheckStatus.MATCH, Alert.NATIONAL)


@pytest.mark.parametrize(
    "data",
    [b"\0\0\0\x20ftypisom\0\0\2\0" + bytes(500), DATA[:5000], b"text", b"8BPS\0\1" + bytes(50)],
    ids=["video", "cut picture", "text", "broken picture"],
)
def test_media_that_can_not_be_hashed_have_digests(db: Database, data: bytes) -> None:
    checker = Checker(db)
    unknown = checker.check(data)
    assert unknown.status is CheckStatus.FAILED
    assert unknown.reason
    listed(db, record("1", digests_of(data, "sha1")))
    assert checker.check(data).status is CheckStatus.MATCH


def test_files_that_can_not_be_read(db: Database, tmp_path: Path) -> None:
    result = Checker(db).check(tmp_path / "missing.jpg")
    assert (result.status, result.reason) == (CheckStatus.FAILED, "No such file or directory")


def test_several_hashes_of_one_media_are_one_match(db: Database) -> None:
    digests = digests_of(b"original")
    listed(db, record("1", digests, flipped(PDQ, 20), flipped(PDQ, 6)), source="A")
    listed(db, record("1", digests, flipped(PDQ, 10)), source="B")
    result = Checker(db).check(DATA)
    match = only_match(result)
    assert (match.distance, match.stored_value) == (6, flipped(PDQ, 6).hex)
    assert match.asserted_by == "A"
    assert result.n_entries == 3


def test_nearest_first(db: Database) -> None:
    listed(db, *(record(str(n), None, flipped(PDQ, n)) for n in (24, 0, 30, 12)))
    assert [m.distance for m in Checker(db).check(DATA).matches] == [0, 12, 24, 30]


def test_digest_and_hash_of_one_media_are_one_match(db: Database) -> None:
    listed(db, record("1", digests_of(DATA), PDQ))
    assert only_match(Checker(db).check(DATA)).kind is MatchKind.DIGEST


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (("pdq", PDQ.hex[:-1]), HashFormatError, "64 hex digits, got 63"),
        (("pdq", "0x" + PDQ.hex), HashFormatError, "position 1"),
        (("pdq", b"short"), HashFormatError, "32 bytes"),
        (("pdq", 5), HashFormatError, "int"),
        (("md6", PDQ.hex), UnknownAlgorithmError, "md6"),
        (("tmk", bytes(1024)), InputError, "compares pdq"),
        (("pdq", PDQ.hex, 101), InputError, "quality"),
        (("pdq", PDQ.hex, -1), InputError, "quality"),
        (("pdq", PDQ.hex, "50"), InputError, "quality"),
        (("pdq", PDQ.hex, 50.0), InputError, "quality"),
    ],
)
def test_wrong_hashes(
    db: Database, arguments: tuple[Any, ...], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        Checker(db).check_hash(*arguments)


def test_wrong_digests_and_sources(db: Database) -> None:
    checker = Checker(db)
    with pytest.raises(InputError, match="at least one"):
        checker.check_digests()
    with pytest.raises(HashFormatError, match="md5"):
        checker.check_digests(md5="")
    with pytest.raises(InputTypeError):
        checker.check(5)  # type: ignore[arg-type]
    with pytest.raises(InputTypeError):
        checker.check(np.zeros((64, 64)))  # type: ignore[arg-type]


def test_digests_alone(db: Database) -> None:
    listed(db, record("1", digests_of(DATA)))
    digests = digests_of(DATA)
    result = Checker(db).check_digests(md5=(digests.md5 or "").upper(), sha1=digests.sha1)
    assert (result.status, result.fingerprint) == (CheckStatus.MATCH, None)
    assert result.query_digests == {"md5": digests.md5, "sha1": digests.sha1}
    assert Checker(db).check_digests(sha256="0" * 64).status is CheckStatus.NO_MATCH


def test_fingerprints_made_elsewhere(db: Database) -> None:
    listed(db, record("1", None, PDQ))
    mirrored = PIXELS[:, ::-1]
    checker = Checker(db)
    exact = only_match(checker.check_fingerprint(hash_image(mirrored, dihedral=True)))
    assert (exact.variant, exact.distance, exact.variant_exact) == ("flip_y", 0, True)
    near = only_match(checker.check_fingerprint(hash_image(mirrored)))
    assert (near.variant, near.variant_exact) == ("flip_y", False)
