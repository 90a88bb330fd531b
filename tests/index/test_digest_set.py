"""Digest sets beside a dictionary, on random and on chosen digests."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from reference.digests import ReferenceSet, crowded, neighbours

from hashmatch import _native
from hashmatch.errors import IndexFileError, InputError, InputTypeError
from hashmatch.index import DigestSet
from hashmatch.index.digest_records import radix_bits

WIDTHS = (16, 20, 32)
Bytes = NDArray[np.uint8]


def random_digests(n: int, width: int, seed: int = 1) -> Bytes:
    return np.random.default_rng(seed).integers(0, 256, (n, width), dtype=np.uint8)


def assert_equal(known: DigestSet, expected: ReferenceSet, queries: Bytes) -> None:
    assert len(known) == len(expected)
    found = known.contains(queries)
    assert found.dtype == np.bool_
    assert found.tolist() == expected.contains(queries)
    if known.has_payload:
        matches = known.find(queries)
        assert len(matches) == len(queries)
        assert [matches.of(i).tolist() for i in range(len(queries))] == expected.find(queries)
        assert matches.offsets.dtype == matches.payloads.dtype == np.int64


@pytest.mark.parametrize("with_payload", [False, True])
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("n", [0, 1, 2, 7, 8, 9, 31, 32, 33, 1000])
def test_random_digests(n: int, width: int, with_payload: bool) -> None:
    digests = random_digests(n, width)
    payload = np.arange(n, dtype=np.int64) - n // 2 if with_payload else None
    expected = ReferenceSet()
    expected.add(digests, payload)
    queries = np.concatenate([digests, neighbours(digests), random_digests(65, width, 2)])
    known = DigestSet.from_arrays(digests, payload)
    known.verify()
    assert known.has_payload == with_payload
    assert_equal(known, expected, queries)


@pytest.mark.parametrize("with_payload", [False, True])
@pytest.mark.parametrize(
    ("width", "shared"), [(16, 8), (16, 15), (20, 8), (20, 15), (20, 19), (32, 8), (32, 31)]
)
def test_digests_that_share_their_beginning(width: int, shared: int, with_payload: bool) -> None:
    digests = crowded(3000, width, shared, seed=3)
    payload = np.arange(3000, dtype=np.int64) if with_payload else None
    expected = ReferenceSet()
    expected.add(digests, payload)
    known = DigestSet.from_arrays(digests, payload)
    assert_equal(known, expected, np.concatenate([digests, neighbours(digests)]))


def test_the_least_and_the_greatest_digest() -> None:
    for width in WIDTHS:
        ends = np.array([[0] * width, [255] * width], dtype=np.uint8)
        filling = random_digests(500, width)
        expected = ReferenceSet()
        expected.add(np.concatenate([ends, filling]))
        known = DigestSet.from_arrays(np.concatenate([ends, filling]))
        assert_equal(known, expected, np.concatenate([ends, neighbours(ends)]))
        without = DigestSet.from_arrays(filling)
        assert without.contains(ends).tolist() == [False, False]


@pytest.mark.parametrize("copies", [1, 2, 3, 4, 5, 8, 9, 100])
def test_all_payloads_of_a_digest_come_back_ascending(copies: int) -> None:
    digests = random_digests(40, 20)
    payload = np.random.default_rng(4).integers(-(2**63), 2**63 - 1, 40 * copies, dtype=np.int64)
    payload[:3] = [2**63 - 1, -(2**63), 0]
    repeated = np.tile(digests, (copies, 1))
    expected = ReferenceSet()
    expected.add(repeated, payload)
    known = DigestSet.from_arrays(repeated, payload)
    assert_equal(known, expected, np.concatenate([digests, neighbours(digests)]))


def test_exact_repetitions_collapse() -> None:
    digests = random_digests(10, 16)
    twice = np.concatenate([digests, digests])
    assert len(DigestSet.from_arrays(twice)) == 10
    assert len(DigestSet.from_arrays(twice, np.zeros(20, dtype=np.int64))) == 10
    assert len(DigestSet.from_arrays(twice, np.arange(20, dtype=np.int64))) == 20


@settings(max_examples=60, deadline=None)
@given(
    width=st.sampled_from(WIDTHS),
    rows=st.lists(
        st.tuples(st.binary(min_size=3, max_size=3), st.integers(-(2**63), 2**63 - 1)), max_size=80
    ),
    asked=st.lists(st.binary(min_size=3, max_size=3), max_size=20),
    at=st.sampled_from(["front", "middle", "end"]),
)
def test_against_a_dictionary(
    width: int, rows: list[tuple[bytes, int]], asked: list[bytes], at: str
) -> None:
    """Three bytes differ, wherever they stand: in the directory's bits, behind them, at the end."""
    before = {"front": 0, "middle": width // 2, "end": width - 3}[at]

    def spread(values: list[bytes]) -> Bytes:
        whole = b"".join(b"\x80" * before + v + b"\x7f" * (width - 3 - before) for v in values)
        return np.frombuffer(whole, dtype=np.uint8).reshape(-1, width)

    digests = spread([row[0] for row in rows])
    payload = np.array([row[1] for row in rows], dtype=np.int64)
    expected = ReferenceSet()
    expected.add(digests, payload)
    queries = np.concatenate([digests, spread(asked), neighbours(digests)])
    assert_equal(DigestSet.from_arrays(digests, payload), expected, queries)


def test_no_digest_asked_for() -> None:
    known = DigestSet.from_arrays(random_digests(5, 20), np.arange(5, dtype=np.int64))
    nothing = np.empty((0, 20), dtype=np.uint8)
    assert known.contains(nothing).tolist() == []
    assert known.find(nothing).offsets.tolist() == [0]


@pytest.mark.parametrize(
    ("queries", "error"),
    [
        (b"\0" * 20, InputTypeError),
        (np.zeros((2, 20), dtype=np.int8), InputTypeError),
        (np.zeros((2, 20), dtype=np.float64), InputTypeError),
        (np.zeros(20, dtype=np.uint8), InputError),
        (np.zeros((2, 16), dtype=np.uint8), InputError),
        (np.zeros((1, 2, 20), dtype=np.uint8), InputError),
    ],
)
def test_wrong_queries(queries: Any, error: type[Exception]) -> None:
    known = DigestSet.from_arrays(random_digests(5, 20), np.arange(5, dtype=np.int64))
    for ask in (known.contains, known.find):
        with pytest.raises(error, match=r"digests: expected uint8 \(n, 20\), got"):
            ask(queries)


def test_wrong_content() -> None:
    digests = random_digests(5, 20)
    with pytest.raises(InputError, match="width: expected 16"):
        DigestSet.from_arrays(random_digests(5, 19))
    with pytest.raises(InputTypeError, match="digests"):
        DigestSet.from_arrays(digests.astype(np.int64))
    with pytest.raises(InputTypeError, match="digests"):
        DigestSet.from_arrays(digests.tolist())
    with pytest.raises(InputError, match="digests"):
        DigestSet.from_arrays(digests.reshape(-1))
    wrong: list[tuple[Any, type[Exception]]] = [
        (np.arange(4), InputError),
        (np.arange(5.0), InputTypeError),
        (np.arange(5, dtype=np.int32), InputTypeError),
        ([1, 2, 3, 4, 5], InputTypeError),
        (np.zeros((5, 1), dtype=np.int64), InputError),
    ]
    for payload, error in wrong:
        with pytest.raises(error, match=r"payload: expected int64 \(5,\), got"):
            DigestSet.from_arrays(digests, payload)


def test_find_needs_payloads() -> None:
    known = DigestSet.from_arrays(random_digests(5, 20))
    with pytest.raises(InputError, match="expected a set with payloads"):
        known.find(random_digests(1, 20))


def test_a_query_that_was_not_asked() -> None:
    matches = DigestSet.from_arrays(random_digests(5, 20), np.arange(5)).find(random_digests(2, 20))
    for query in (-1, 2):
        with pytest.raises(InputError, match=r"query: expected 0\.\.1"):
            matches.of(query)


def test_arrays_of_any_layout_and_read_only_ones() -> None:
    digests = random_digests(64, 20)
    payload = np.arange(64, dtype=np.int64)
    expected = ReferenceSet()
    expected.add(digests, payload)
    wide = np.zeros((128, 40), dtype=np.uint8)
    wide[::2, 10:30] = digests
    strided = wide[::2, 10:30]
    strided.flags.writeable = False
    every_other = np.repeat(payload, 2)[::2]
    known = DigestSet.from_arrays(strided, every_other)
    assert_equal(known, expected, strided)
    assert_equal(known, expected, np.asfortranarray(digests))
    assert np.array_equal(digests, random_digests(64, 20)), "the caller's array is as it was"


def test_memory_is_as_stated() -> None:
    n = 100_000
    digests = random_digests(n, 20)
    plain = DigestSet.from_arrays(digests)
    directory = plain.memory_bytes - 20 * n
    assert directory == 4 * ((1 << radix_bits(n)) + 1)
    assert 0.5 * n <= directory <= n + 4
    assert plain.total_bytes == plain.memory_bytes
    loaded = DigestSet.from_arrays(digests, np.arange(n))
    assert loaded.memory_bytes == 28 * n + directory


def test_the_directory_grows_with_the_set_up_to_a_limit() -> None:
    assert [radix_bits(n) for n in (0, 1, 7, 8, 15, 16, 31, 32)] == [0, 0, 0, 1, 1, 2, 2, 3]
    assert radix_bits(200_000_000) == 25
    assert radix_bits(2**32 - 1) == 25


def test_closed() -> None:
    known = DigestSet.from_arrays(random_digests(5, 20))
    with known:
        assert len(known) == 5
    for use in (lambda: known.contains(random_digests(1, 20)), lambda: len(known), known.verify):
        with pytest.raises(IndexFileError, match="closed"):
            use()


def test_threads_give_the_same_answers() -> None:
    digests = random_digests(20_000, 20)
    known = DigestSet.from_arrays(digests, np.arange(20_000, dtype=np.int64))
    queries = np.concatenate([digests[::3], random_digests(5000, 20, 9)])
    expected = known.find(queries)
    differing: list[int] = []

    def ask(number: int) -> None:
        for _ in range(5):
            found = known.find(queries)
            if not (
                np.array_equal(found.offsets, expected.offsets)
                and np.array_equal(found.payloads, expected.payloads)
            ):
                differing.append(number)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert differing == []
    assert len(expected.payloads) == len(digests[::3])


def test_the_core_refuses_what_would_read_outside() -> None:
    records = np.zeros((4, 20), dtype=np.uint8)
    directory = np.array([0, 4], dtype=np.uint32)
    queries = np.zeros((1, 20), dtype=np.uint8)
    with pytest.raises(ValueError, match="directory"):
        _native.digest_contains(records, directory[:1], queries)
    with pytest.raises(ValueError, match="directory"):
        _native.digest_contains(records, np.zeros(4, dtype=np.uint32), queries)
    with pytest.raises(ValueError, match="width"):
        _native.digest_contains(records, directory, np.zeros((1, 16), dtype=np.uint8))
    with pytest.raises(ValueError, match="width"):
        _native.digest_contains(records, directory, np.zeros(20, dtype=np.uint8))
    with pytest.raises(ValueError, match="payloads"):
        _native.digest_find(records, directory, queries)
    with pytest.raises(ValueError, match="records"):
        _native.digest_sort(np.zeros((4, 21), dtype=np.uint8))
    with pytest.raises(ValueError, match="room"):
        _native.digest_merge([records, records], np.zeros((7, 20), dtype=np.uint8))
    with pytest.raises(ValueError, match="same size"):
        _native.digest_merge([np.zeros((4, 16), dtype=np.uint8)], records)
    with pytest.raises(ValueError, match="bound"):
        _native.digest_count_up_to(records, np.zeros(19, dtype=np.uint8))
    with pytest.raises(TypeError):
        _native.digest_contains(records.astype(np.int16), directory, queries)
    # A directory that lies is clamped to the records.
    lying = np.array([2**32 - 1, 2**32 - 1], dtype=np.uint32)
    assert _native.digest_contains(records, lying, queries).tolist() == [0]
