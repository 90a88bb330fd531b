"""What HammingIndex refuses, and that a refusal changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from hashmatch.errors import InputError, InputTypeError
from hashmatch.index import HammingIndex

INT64 = np.iinfo(np.int64)


def hashes(n: int, seed: int = 0) -> Any:
    return np.random.default_rng(seed).integers(0, 256, (n, 32), dtype=np.uint8)


@pytest.fixture
def index() -> HammingIndex:
    filled = HammingIndex(256)
    filled.add(hashes(10), np.arange(10))
    return filled


def content(index: HammingIndex) -> tuple[int, list[int], list[int]]:
    result = index.knn(np.zeros((1, 32), np.uint8), 10**6)
    return len(index), result.ids.tolist(), result.distances.tolist()


WRONG_HASHES: dict[str, tuple[Any, type[InputError], str]] = {
    "float64": (np.zeros((2, 32)), InputTypeError, "float64 (2, 32)"),
    "int8": (np.zeros((2, 32), np.int8), InputTypeError, "int8 (2, 32)"),
    "uint64": (np.zeros((2, 4), np.uint64), InputTypeError, "uint64 (2, 4)"),
    "bool": (np.zeros((2, 256), bool), InputTypeError, "bool (2, 256)"),
    "object": (np.zeros((2, 32), object), InputTypeError, "object (2, 32)"),
    "list": ([[0] * 32], InputTypeError, "list"),
    "hex": ("00" * 32, InputTypeError, "str"),
    "bytes": (b"\0" * 32, InputTypeError, "bytes"),
    "None": (None, InputTypeError, "NoneType"),
    "one hash": (np.zeros(32, np.uint8), InputError, "uint8 (32,)"),
    "too short": (np.zeros((2, 31), np.uint8), InputError, "uint8 (2, 31)"),
    "unpacked bits": (np.zeros((2, 256), np.uint8), InputError, "uint8 (2, 256)"),
    "three axes": (np.zeros((2, 1, 32), np.uint8), InputError, "uint8 (2, 1, 32)"),
    "empty": (np.zeros((0, 8), np.uint8), InputError, "uint8 (0, 8)"),
}

CALLS: dict[str, tuple[str, Callable[[HammingIndex, Any], object]]] = {
    "add": ("hashes", lambda index, value: index.add(value)),
    "add with ids": ("hashes", lambda index, value: index.add(value, np.array([50, 51]))),
    "range_search": ("queries", lambda index, value: index.range_search(value, 3)),
    "knn": ("queries", lambda index, value: index.knn(value, 3)),
}


@pytest.mark.parametrize("call", sorted(CALLS))
@pytest.mark.parametrize("case", sorted(WRONG_HASHES))
def test_wrong_hashes_are_named(index: HammingIndex, call: str, case: str) -> None:
    value, error, got = WRONG_HASHES[case]
    argument, function = CALLS[call]
    before = content(index)
    with pytest.raises(InputError) as raised:
        function(index, value)
    assert type(raised.value) is error
    message = str(raised.value)
    assert message.startswith(f"{argument}: expected uint8 (n, 32), got ")
    assert got in message
    assert content(index) == before


WRONG_IDS: dict[str, tuple[Any, type[InputError], str]] = {
    "float": (np.array([50.0, 51.0]), InputTypeError, "float64"),
    "bool": (np.array([True, False]), InputTypeError, "bool"),
    "text": (np.array(["50", "51"]), InputTypeError, "got <U2"),
    "object": (np.array([50, None]), InputTypeError, "object"),
    "over int64": (np.array([50, 2**63], np.uint64), InputError, str(2**63)),
    "too few": (np.array([50]), InputError, "expected one id a hash (2), got 1"),
    "none": (np.array([], np.int64), InputError, "expected one id a hash (2), got 0"),
    "too many": (np.array([50, 51, 52]), InputError, "expected one id a hash (2), got 3"),
    "two axes": (np.array([[50, 51]]), InputError, "(1, 2)"),
    "one number": (50, InputError, "()"),
    "already there": (np.array([50, 3]), InputError, "id 3 is already in the index"),
    "twice": (np.array([50, 50]), InputError, "id 50 stands twice"),
}


@pytest.mark.parametrize("case", sorted(WRONG_IDS))
def test_wrong_ids_add_nothing(index: HammingIndex, case: str) -> None:
    ids, error, got = WRONG_IDS[case]
    before = content(index)
    with pytest.raises(InputError) as raised:
        index.add(hashes(2, seed=1), ids)
    assert type(raised.value) is error
    assert str(raised.value).startswith("ids: ")
    assert got in str(raised.value)
    assert content(index) == before
    # Nothing of the refused ids is remembered either.
    index.add(hashes(1, seed=1), np.array([50]))
    assert len(index) == 11


@pytest.mark.parametrize(
    ("ids", "got"),
    [
        ([3, 99], "id 99 is not in the index"),
        ([3, 3], "id 3 stands twice"),
        ([-1], "id -1 is not in the index"),
        ([INT64.max], f"id {INT64.max} is not in the index"),
    ],
)
def test_a_refused_removal_removes_nothing(index: HammingIndex, ids: list[int], got: str) -> None:
    before = content(index)
    with pytest.raises(InputError, match=got):
        index.remove(np.array(ids))
    assert content(index) == before


@pytest.mark.parametrize(
    ("ids", "error"),
    [(np.array([3.0]), InputTypeError), (np.array([[3]]), InputError), (3, InputError)],
)
def test_wrong_ids_remove_nothing(index: HammingIndex, ids: Any, error: type[InputError]) -> None:
    before = content(index)
    with pytest.raises(InputError) as raised:
        index.remove(ids)
    assert type(raised.value) is error
    assert content(index) == before


@pytest.mark.parametrize("bits", [0, -8, 7, 9, 100, 65536, 2**31, 2**70])
def test_wrong_bits(bits: int) -> None:
    with pytest.raises(InputError, match=rf"bits: expected a multiple of 8 .*, got {bits}$"):
        HammingIndex(bits)


@pytest.mark.parametrize("value", [3.0, "3", None, True, np.float32(3), np.bool_(True), [3]])
def test_numbers_must_be_integers(index: HammingIndex, value: Any) -> None:
    calls: list[tuple[str, Callable[[], object]]] = [
        ("bits", lambda: HammingIndex(value)),
        ("max_distance", lambda: index.range_search(hashes(1), value)),
        ("k", lambda: index.knn(hashes(1), value)),
    ]
    for name, call in calls:
        with pytest.raises(InputTypeError, match=f"^{name}: expected an integer, got "):
            call()


@pytest.mark.parametrize("k", [0, -1, -(10**30)])
def test_k_is_at_least_one(index: HammingIndex, k: int) -> None:
    with pytest.raises(InputError, match=r"^k: expected 1 or more"):
        index.knn(hashes(1), k)


def test_numpy_integers_are_integers(index: HammingIndex) -> None:
    assert HammingIndex(np.int32(256)).bits == 256  # type: ignore[arg-type]
    assert len(index.range_search(hashes(3), np.uint16(256)).ids) == 30  # type: ignore[arg-type]
    assert len(index.knn(hashes(3), np.int64(2)).ids) == 6  # type: ignore[arg-type]


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int32, np.uint64, ">i8"])
def test_any_integer_dtype_is_an_id(dtype: Any) -> None:
    index = HammingIndex(256)
    returned = index.add(hashes(3), np.array([5, 100, 7], dtype))
    assert returned.dtype == np.int64
    assert returned.tolist() == [5, 100, 7]
    index.remove(np.array([100], dtype))
    assert content(index)[0] == 2


def test_ids_number_on_from_the_largest_ever_used() -> None:
    index = HammingIndex(256)
    assert index.add(hashes(2)).tolist() == [0, 1]
    index.add(hashes(1), np.array([40]))
    assert index.add(hashes(2)).tolist() == [41, 42]
    index.remove(np.array([41, 42]))
    assert index.add(hashes(1)).tolist() == [43]
    index.add(hashes(1), np.array([-7]))
    assert index.add(hashes(1)).tolist() == [44]


@pytest.mark.parametrize("largest", [INT64.max, INT64.max - 1])
def test_no_id_above_the_largest(largest: int) -> None:
    index = HammingIndex(256)
    index.add(hashes(2), np.array([largest, INT64.min]))
    before = content(index)
    with pytest.raises(InputError, match="no id is left above the largest one"):
        index.add(hashes(2))
    assert content(index) == before
    assert index.add(hashes(2), np.array([0, 1])).tolist() == [0, 1]
    assert before[0] == 2


def test_adding_and_removing_nothing(index: HammingIndex) -> None:
    before = content(index)
    nothing = np.empty((0, 32), np.uint8)
    assert index.add(nothing).tolist() == []
    assert index.add(nothing, np.empty(0, np.int64)).tolist() == []
    index.remove(np.empty(0, np.int64))
    assert content(index) == before
    assert index.range_search(nothing, 256).offsets.tolist() == [0]
    assert index.knn(nothing, 3).offsets.tolist() == [0]


@pytest.mark.parametrize("query", [-1, 2, 10**9])
def test_a_result_knows_its_queries(index: HammingIndex, query: int) -> None:
    result = index.range_search(hashes(2), 256)
    with pytest.raises(InputError, match=rf"query: expected 0\.\.1, got {query}"):
        result.of(query)


def test_views_and_read_only_hashes(index: HammingIndex) -> None:
    wide = np.random.default_rng(2).integers(0, 256, (20, 64), dtype=np.uint8)
    wide.flags.writeable = False
    views = [wide[::2, ::2], wide[::-1, 32:], np.asfortranarray(wide[:, :32])]
    for view in views:
        copy = np.array(view, order="C")
        for radius in (0, 120):
            a, b = index.range_search(view, radius), index.range_search(copy, radius)
            assert a.ids.tobytes() == b.ids.tobytes()
        other = HammingIndex(256)
        other.add(view)
        assert other.range_search(copy, 0).ids.tolist() == list(range(len(view)))


def test_the_callers_arrays_may_change_afterwards() -> None:
    values, ids = hashes(3), np.arange(3)
    index = HammingIndex(256)
    index.add(values, ids)
    kept = values.copy()
    values[:] = 0
    ids[:] = 9
    assert index.range_search(kept, 0).ids.tolist() == [0, 1, 2]
