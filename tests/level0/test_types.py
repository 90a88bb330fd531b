"""Hash values, digests, labels."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hashmatch.algorithms import ALGORITHMS, Comparison, get_algorithm
from hashmatch.errors import (
    HashFormatError,
    InputError,
    InputTypeError,
    UnknownAlgorithmError,
)
from hashmatch.types import Digests, HashValue, Label

ZERO = HashValue("pdq", bytes(32))
values = st.binary(min_size=32, max_size=32)


def pdq_value(*first: int) -> HashValue:
    return HashValue("pdq", bytes(first) + bytes(32 - len(first)))


def test_distance_counts_bits_not_bytes() -> None:
    assert ZERO.distance(pdq_value(255, 0)) == 8
    assert ZERO.distance(pdq_value(1, 1)) == 2
    assert ZERO.distance(HashValue("pdq", b"\xff" * 32)) == 256
    assert ZERO.distance(ZERO) == 0


@given(values, values, values)
def test_distance_is_a_metric(a: bytes, b: bytes, c: bytes) -> None:
    x, y, z = (HashValue("pdq", value) for value in (a, b, c))
    expected = int(np.unpackbits(np.frombuffer(a, np.uint8) ^ np.frombuffer(b, np.uint8)).sum())
    assert x.distance(y) == y.distance(x) == expected
    assert (x.distance(y) == 0) == (a == b)
    assert x.distance(z) <= x.distance(y) + y.distance(z)


def test_case_does_not_change_a_hash() -> None:
    text = "f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22"
    lower, upper = HashValue.from_hex("pdq", text), HashValue.from_hex("pdq", text.upper())
    assert lower == upper
    assert lower.hex == upper.hex == text
    assert lower.distance(upper) == 0


@pytest.mark.parametrize("other", [None, "0" * 64, bytes(32), 0, np.zeros(32, np.uint8), Digests()])
def test_distance_to_anything_else_is_a_typed_error(other: Any) -> None:
    with pytest.raises(InputTypeError, match="other: expected HashValue, got "):
        ZERO.distance(other)


def test_algorithms_never_compare_with_each_other() -> None:
    photodna = HashValue("photodna", bytes(144))
    for a, b in ((ZERO, photodna), (photodna, ZERO)):
        with pytest.raises(InputError, match="hashes of different algorithms never compare"):
            a.distance(b)
    with pytest.raises(InputError, match="do not compare by Hamming distance"):
        photodna.distance(photodna)


@pytest.mark.parametrize("length", [0, 8, 31, 33, 64])
def test_another_length_is_no_hash(length: int) -> None:
    with pytest.raises(HashFormatError, match=f"pdq hash: expected 32 bytes, got {length}"):
        HashValue("pdq", bytes(length))


@pytest.mark.parametrize("value", ["0" * 64, bytearray(32), None, np.zeros(32, np.uint8)])
def test_a_value_is_bytes(value: Any) -> None:
    with pytest.raises(InputTypeError, match="pdq hash: expected bytes, got "):
        HashValue("pdq", value)


@pytest.mark.parametrize("name", ["", "PDQ", "imagehash", "pdq "])
def test_unknown_algorithms(name: str) -> None:
    with pytest.raises(UnknownAlgorithmError, match="expected one of "):
        HashValue(name, bytes(32))
    with pytest.raises(UnknownAlgorithmError, match="expected one of "):
        HashValue.from_hex(name, "00")


def test_distinct_hashes_have_distinct_hash_codes() -> None:
    rng = np.random.default_rng(1)
    made = {HashValue("pdq", rng.bytes(32)) for _ in range(300)}
    assert len(made) == 300
    assert len({hash(value) for value in made}) == 300


@pytest.mark.parametrize("number", [0, 1, 2**60, 2**255])
def test_weight_and_hex_keep_their_length(number: int) -> None:
    value = HashValue("pdq", number.to_bytes(32, "big"), quality=7)
    assert value.hex == f"{number:064x}"
    assert value.bits == 256
    assert value.weight == number.bit_count()
    assert value.to_dict() == {"algorithm": "pdq", "hex": value.hex, "quality": 7}


def test_digests_parse_and_compare() -> None:
    known = Digests.parse(md5="AB" * 16, sha1="cd" * 20)
    assert known.items() == [("md5", "ab" * 16), ("sha1", "cd" * 20)]
    assert bool(known)
    assert not Digests.parse()
    assert known.contradicts(Digests(md5="00" * 16))
    assert known.contradicts(Digests(md5="ab" * 16, sha1="00" * 20))
    assert not known.contradicts(Digests(md5="ab" * 16, sha256="00" * 32))
    assert not known.contradicts(Digests(sha256="00" * 32))
    assert not known.contradicts(Digests())


@pytest.mark.parametrize(
    ("name", "text"), [("md5", "ab" * 15), ("sha1", "ab" * 16), ("sha256", "ag" * 32)]
)
def test_wrong_digests_are_named(name: str, text: str) -> None:
    with pytest.raises(HashFormatError, match=f"^{name}: expected "):
        Digests.parse(**{name: text})


def test_severity_orders_labels() -> None:
    order = sorted(Label, key=lambda label: label.severity, reverse=True)
    assert order[0] is Label.CSAM
    assert order[-1] is Label.KNOWN_IGNORABLE
    assert len({label.severity for label in Label}) == len(Label)


def test_the_table_of_algorithms_is_consistent() -> None:
    for name, algorithm in ALGORITHMS.items():
        assert get_algorithm(name) is algorithm
        assert name == algorithm.name
        assert algorithm.bits % 8 == 0
        assert algorithm.n_bytes * 8 == algorithm.bits
        hamming = algorithm.comparison is Comparison.HAMMING
        assert algorithm.max_distance is None or hamming
        assert (algorithm.min_quality is not None) == algorithm.computed
    assert len({a.vics_name.casefold() for a in ALGORITHMS.values()}) == len(ALGORITHMS)
    assert get_algorithm("pdq").bits == 256
    assert get_algorithm("pdq").max_distance == 31
    assert get_algorithm("pdq").min_quality == 50
