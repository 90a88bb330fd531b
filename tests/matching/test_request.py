"""Everything that is known of one medium, asked at once."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from known_media import digests_of, record
from pictures import photograph, png

from hashmatch.database import Database
from hashmatch.errors import HashFormatError, InputError, UnknownAlgorithmError
from hashmatch.fingerprinting import hash_image
from hashmatch.matching import Checker, CheckRequest, CheckStatus, MatchKind
from hashmatch.types import Digests, HashValue

PIXELS = photograph(66)
DATA = png(PIXELS)
PDQ = hash_image(PIXELS).hashes["pdq"]
PHOTODNA = bytes(range(144))


def test_values_are_kept_as_they_compare() -> None:
    digests = digests_of(DATA)
    request = CheckRequest(
        md5=(digests.md5 or "").upper(),
        hashes={
            "pdq": PDQ.hex.upper(),
            "phash": bytes(range(8)),
            "dhash": HashValue("dhash", b"12345678"),
        },
        photodna=base64.b64encode(PHOTODNA).decode(),
        quality=70,
    )
    assert request.digests == Digests(md5=digests.md5)
    assert request.photodna == PHOTODNA
    assert request.values == {
        "pdq": HashValue("pdq", PDQ.value, 70),
        "phash": HashValue("phash", bytes(range(8)), 70),
        "dhash": HashValue("dhash", b"12345678"),
        "photodna": HashValue("photodna", PHOTODNA),
    }
    for written in (PHOTODNA, PHOTODNA.hex(), PHOTODNA.hex().upper()):
        assert CheckRequest(photodna=written).photodna == PHOTODNA
        assert CheckRequest(hashes={"photodna": written}) == CheckRequest(photodna=written)


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({}, InputError, "request: expected a source, a digest"),
        ({"md5": "0" * 31}, HashFormatError, "md5"),
        ({"hashes": {"md6": "00"}}, UnknownAlgorithmError, "md6"),
        ({"hashes": {"pdq": "00"}}, HashFormatError, "pdq hash"),
        ({"hashes": {"pdq": 5}}, HashFormatError, "int"),
        ({"hashes": {"phash": PDQ}}, InputError, "expected a phash hash under phash, got pdq"),
        ({"hashes": "pdq"}, InputError, "hashes: expected a mapping"),
        ({"hashes": {"pdq": PDQ}, "quality": 101}, InputError, "quality"),
        ({"hashes": {"pdq": PDQ}, "quality": True}, InputError, "quality"),
        ({"photodna": b"short"}, HashFormatError, "144 bytes, got 5"),
        ({"photodna": ""}, HashFormatError, "got 0 characters"),
        ({"photodna": "0" * 287}, HashFormatError, "got 287 characters"),
        ({"photodna": "g" * 288}, HashFormatError, "hex digits"),
        ({"photodna": "-" * 192}, HashFormatError, "expected base64"),
        ({"photodna": "é" * 192}, HashFormatError, "expected base64"),
        ({"photodna": "A" * 191 + "="}, HashFormatError, "photodna"),
        ({"photodna": 5}, HashFormatError, "int"),
        ({"photodna": PHOTODNA, "hashes": {"photodna": PHOTODNA}}, InputError, "expected it once"),
    ],
)
def test_wrong_requests(given: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        CheckRequest(**given)


def test_a_source_alone_is_a_check(db: Database) -> None:
    db.import_records([record("1", None, PDQ)], source="A")
    same = {"checked_at": "", "cost_ms": 0}
    checker = Checker(db)
    for source in (DATA, PIXELS):
        asked = checker.check_request(CheckRequest(source)).to_dict()
        assert {**asked, **same} == {**checker.check(source).to_dict(), **same}


def test_values_of_one_medium_are_one_answer(db: Database) -> None:
    other = digests_of(b"other")
    db.import_records([record("1", None, PDQ), record("2", other)], source="A")
    result = Checker(db).check_request(CheckRequest(sha1=other.sha1, hashes={"pdq": PDQ.hex}))
    assert [match.kind for match in result.matches] == [MatchKind.DIGEST, MatchKind.HASH]
    assert result.fingerprint is None
    assert result.query_digests == {"sha1": other.sha1}
    assert result.query == (HashValue("pdq", PDQ.value),)


def test_what_the_source_gives_counts_before_what_is_stated(db: Database) -> None:
    digests = digests_of(DATA)
    db.import_records([record("1", digests), record("2", None, PDQ)], source="A")
    checker = Checker(db)
    stated: dict[str, Any] = {
        "md5": digests.md5,
        "hashes": {"pdq": hash_image(photograph(67)).hashes["pdq"]},
    }
    result = checker.check_request(CheckRequest(DATA, **stated))
    assert [m.kind for m in result.matches] == [MatchKind.DIGEST, MatchKind.HASH]
    assert result.query == (PDQ,)
    # An array has no digest, a text no hash: there the stated ones are all there is.
    assert len(checker.check_request(CheckRequest(PIXELS, **stated)).matches) == 2
    text = CheckRequest(b"text", hashes={"pdq": PDQ.hex})
    assert checker.check_request(text).status is CheckStatus.MATCH
    with pytest.raises(InputError, match="expected the digests that were stated"):
        checker.check_request(CheckRequest(b"text", **stated))


def test_an_algorithm_that_is_not_compared(db: Database) -> None:
    with pytest.raises(InputError, match=r"compares pdq, .*, got 'tmk'"):
        Checker(db).check_request(CheckRequest(hashes={"tmk": bytes(1024)}))
