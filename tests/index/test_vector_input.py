"""What VectorIndex refuses, and that a refusal changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from hashmatch.errors import InputError, InputTypeError
from hashmatch.index import VectorIndex, entropy, photodna_orientations

INT64 = np.iinfo(np.int64)


def vectors(n: int, seed: int = 0) -> Any:
    return np.random.default_rng(seed).integers(0, 256, (n, 144), dtype=np.uint8)


@pytest.fixture
def index() -> VectorIndex:
    filled = VectorIndex()
    filled.add(vectors(10), np.arange(10))
    return filled


def content(index: VectorIndex) -> tuple[int, list[int], list[int]]:
    result = index.knn(np.zeros((1, 144), np.uint8), 10**6)
    return len(index), result.ids.tolist(), result.distances.tolist()


WRONG_VECTORS: dict[str, tuple[Any, type[InputError], str]] = {
    "float64": (np.zeros((2, 144)), InputTypeError, "float64 (2, 144)"),
    "int8": (np.zeros((2, 144), np.int8), InputTypeError, "int8 (2, 144)"),
    "object": (np.zeros((2, 144), object), InputTypeError, "object (2, 144)"),
    "list": ([[0] * 144], InputTypeError, "list"),
    "bytes": (b"\0" * 144, InputTypeError, "bytes"),
    "None": (None, InputTypeError, "NoneType"),
    "one vector": (np.zeros(144, np.uint8), InputError, "uint8 (144,)"),
    "too short": (np.zeros((2, 143), np.uint8), InputError, "uint8 (2, 143)"),
    "too long": (np.zeros((2, 145), np.uint8), InputError, "uint8 (2, 145)"),
    "three axes": (np.zeros((2, 36, 4), np.uint8), InputError, "uint8 (2, 36, 4)"),
}

CALLS: dict[str, tuple[str, Callable[[VectorIndex, Any], object]]] = {
    "add": ("vectors", lambda index, value: index.add(value)),
    "add with ids": ("vectors", lambda index, value: index.add(value, np.array([50, 51]))),
    "range_search": ("queries", lambda index, value: index.range_search(value, 3)),
    "oriented": ("queries", lambda index, value: index.range_search(value, orientations=True)),
    "knn": ("queries", lambda index, value: index.knn(value, 3)),
    "photodna_orientations": ("vectors", lambda _, value: photodna_orientations(value)),
}


@pytest.mark.parametrize("call", sorted(CALLS))
@pytest.mark.parametrize("case", sorted(WRONG_VECTORS))
def test_wrong_vectors_are_named(index: VectorIndex, call: str, case: str) -> None:
    value, error, got = WRONG_VECTORS[case]
    argument, function = CALLS[call]
    before = content(index)
    with pytest.raises(InputError) as raised:
        function(index, value)
    assert type(raised.value) is error
    message = str(raised.value)
    assert message.startswith(f"{argument}: expected uint8 (n, 144), got ")
    assert got in message
    assert content(index) == before


WRONG_IDS: dict[str, tuple[Any, type[InputError], str]] = {
    "float": (np.array([50.0, 51.0]), InputTypeError, "float64"),
    "bool": (np.array([True, False]), InputTypeError, "bool"),
    "text": (np.array(["50", "51"]), InputTypeError, "got <U2"),
    "over int64": (np.array([50, 2**63], np.uint64), InputError, str(2**63)),
    "too few": (np.array([50]), InputError, "expected one id a vector (2), got 1"),
    "none": (np.array([], np.int64), InputError, "expected one id a vector (2), got 0"),
    "too many": (np.array([50, 51, 52]), InputError, "expected one id a vector (2), got 3"),
    "two axes": (np.array([[50, 51]]), InputError, "(1, 2)"),
    "already there": (np.array([50, 3]), InputError, "id 3 is already in the index"),
    "twice": (np.array([50, 50]), InputError, "id 50 stands twice"),
}


@pytest.mark.parametrize("case", sorted(WRONG_IDS))
def test_wrong_ids_add_nothing(index: VectorIndex, case: str) -> None:
    ids, error, got = WRONG_IDS[case]
    before = content(index)
    with pytest.raises(InputError) as raised:
        index.add(vectors(2, seed=1), ids)
    assert type(raised.value) is error
    assert str(raised.value).startswith("ids: ")
    assert got in str(raised.value)
    assert content(index) == before
    index.add(vectors(1, seed=1), np.array([50]))  # nothing of the refused ids is remembered
    assert len(index) == 11


@pytest.mark.parametrize(
    ("ids", "error", "got"),
    [
        ([3, 99], InputError, "id 99 is not in the index"),
        ([3, 3], InputError, "id 3 stands twice"),
        ([-1], InputError, "id -1 is not in the index"),
        ([INT64.max], InputError, f"id {INT64.max} is not in the index"),
        ([3.0], InputTypeError, "float64"),
        ([[3]], InputError, "(1, 1)"),
    ],
)
def test_a_refused_removal_removes_nothing(
    index: VectorIndex, ids: list[Any], error: type[InputError], got: str
) -> None:
    before = content(index)
    with pytest.raises(InputError) as raised:
        index.remove(np.array(ids))
    assert type(raised.value) is error
    assert got in str(raised.value)
    assert content(index) == before


@pytest.mark.parametrize("dims", [0, -1, 4097, 2**31, 2**70])
def test_wrong_dims(dims: int) -> None:
    with pytest.raises(InputError, match=rf"dims: expected 1 to 4096, got {dims}$"):
        VectorIndex(dims)


@pytest.mark.parametrize("value", [3.0, "3", None, True, np.float32(3), np.bool_(True), [3]])
def test_numbers_must_be_integers(index: VectorIndex, value: Any) -> None:
    calls: list[tuple[str, Callable[[], object]]] = [
        ("dims", lambda: VectorIndex(value)),
        ("max_distance", lambda: index.range_search(vectors(1), value)),
        ("threads", lambda: index.range_search(vectors(1), threads=value)),
        ("k", lambda: index.knn(vectors(1), value)),
    ]
    for name, call in calls:
        with pytest.raises(InputTypeError, match=f"^{name}: expected an integer, got "):
            call()


@pytest.mark.parametrize("value", [-1, -(10**30)])
def test_numbers_have_a_least_value(index: VectorIndex, value: int) -> None:
    with pytest.raises(InputError, match=rf"^max_distance: expected 0 or more, got {value}$"):
        index.range_search(vectors(1), value)
    calls: list[Callable[[], object]] = [
        lambda: index.knn(vectors(1), value + 1),
        lambda: index.range_search(vectors(1), threads=value + 1),
    ]
    for call in calls:
        with pytest.raises(InputError, match=rf": expected 1 or more, got {value + 1}$"):
            call()


@pytest.mark.parametrize(
    ("value", "error"),
    [
        (-0.1, InputError),
        (1.01, InputError),
        (float("nan"), InputError),
        (True, InputTypeError),
        ("0.7", InputTypeError),
    ],
)
def test_wrong_entropies(index: VectorIndex, value: Any, error: type[InputError]) -> None:
    with pytest.raises(InputError, match=r"^min_entropy: expected ") as raised:
        index.range_search(vectors(1), min_entropy=value)
    assert type(raised.value) is error


def test_what_needs_photodna_or_neighbouring_bytes() -> None:
    with pytest.raises(InputError, match=r"^orientations: expected an index of 144 bytes, got 9$"):
        VectorIndex(9).range_search(np.zeros((1, 9), np.uint8), orientations=True)
    with pytest.raises(InputError, match=r"dims 2 or more, got uint8 \(1, 1\)"):
        VectorIndex(1).range_search(np.zeros((1, 1), np.uint8), min_entropy=0.5)
    with pytest.raises(InputTypeError, match="expected uint8"):
        entropy(np.zeros((2, 5)))  # type: ignore[arg-type]
    for wrong in (("left", "right", "up"), ("left",) * 4, ("left", "right", "up", "in")):
        with pytest.raises(InputError, match=r"^directions: expected an order of left, right, "):
            photodna_orientations(vectors(1), directions=wrong)


def test_ids_number_on_from_the_largest_ever_used() -> None:
    index = VectorIndex()
    assert index.add(vectors(2)).tolist() == [0, 1]
    index.add(vectors(1), np.array([40]))
    index.remove(np.array([40]))
    assert index.add(vectors(2)).tolist() == [41, 42]
    index.add(vectors(1), np.array([-7]))
    assert index.add(vectors(1)).tolist() == [43]


@pytest.mark.parametrize("largest", [INT64.max, INT64.max - 1])
def test_no_id_above_the_largest(largest: int) -> None:
    index = VectorIndex()
    index.add(vectors(2), np.array([largest, INT64.min]))
    before = content(index)
    with pytest.raises(InputError, match="no id is left above the largest one"):
        index.add(vectors(2))
    assert content(index) == before
    assert index.add(vectors(2), np.array([0, 1])).tolist() == [0, 1]


def test_nothing_in_nothing_out(index: VectorIndex) -> None:
    before = content(index)
    nothing = np.empty((0, 144), np.uint8)
    assert index.add(nothing).tolist() == []
    assert index.add(nothing, np.empty(0, np.int64)).tolist() == []
    index.remove(np.empty(0, np.int64))
    assert content(index) == before
    empty = VectorIndex()
    for one in (index, empty):
        assert one.range_search(nothing).offsets.tolist() == [0]
        assert one.range_search(nothing, min_entropy=0.7, orientations=True).offsets.tolist() == [0]
        assert one.knn(nothing, 3).offsets.tolist() == [0]
    assert empty.range_search(vectors(2), 10**9, threads=4).offsets.tolist() == [0, 0, 0]
    assert empty.knn(vectors(2), 5).offsets.tolist() == [0, 0, 0]


@pytest.mark.parametrize("query", [-1, 2, 10**9])
def test_of_a_query_that_is_not_there(index: VectorIndex, query: int) -> None:
    with pytest.raises(InputError, match=rf"query: expected 0\.\.1, got {query}"):
        index.range_search(vectors(2)).of(query)
