"""What holds for every algorithm of the table: inputs, minimum sizes, turns, threads, ISAs."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from reference import pictures

from hashmatch import cpu
from hashmatch.algorithms import ALGORITHMS
from hashmatch.errors import HashmatchError, InputError, InputTypeError, UnknownAlgorithmError
from hashmatch.hashing import (
    ORIENTATIONS,
    ahash,
    blockhash,
    blockhash_precise,
    dhash,
    dihedral_pixels,
    hash_pixels,
    min_side,
    pdq,
    pdq_cpp,
    pdq_dihedral,
    phash,
    phash256,
    whash,
)

Pixels = NDArray[np.uint8]

FUNCTIONS: dict[str, Callable[[Any], tuple[Pixels, int]]] = {
    "ahash": ahash,
    "blockhash": blockhash,
    "blockhash-precise": blockhash_precise,
    "dhash": dhash,
    "pdq": pdq,
    "pdq-cpp": pdq_cpp,
    "phash": phash,
    "phash256": phash256,
    "whash": whash,
}
NAMES = sorted(FUNCTIONS)
every_hash = pytest.mark.parametrize("name", NAMES)

TURNS: dict[str, Callable[[Pixels], Pixels]] = {
    "original": lambda a: a,
    "rotate90": lambda a: np.rot90(a, 1),
    "rotate180": lambda a: np.rot90(a, 2),
    "rotate270": lambda a: np.rot90(a, 3),
    "flip_x": lambda a: a[::-1],
    "flip_y": lambda a: a[:, ::-1],
    "flip_plus1": lambda a: a.swapaxes(0, 1),
    "flip_minus1": lambda a: np.rot90(a, 2).swapaxes(0, 1),
}


def text(answer: tuple[Pixels, int]) -> tuple[str, int]:
    return answer[0].tobytes().hex(), answer[1]


def test_every_computed_algorithm_is_there() -> None:
    assert sorted(name for name, row in ALGORITHMS.items() if row.computed) == NAMES


@every_hash
def test_shapes_and_the_function_of_the_name(name: str) -> None:
    pixels = pictures.make("smooth", 600, 90, 1)
    value, quality = hash_pixels(name, pixels)
    assert value.dtype == np.uint8
    assert value.shape == (ALGORITHMS[name].n_bytes,)
    assert type(quality) is int
    assert 0 <= quality <= 100
    assert text((value, quality)) == text(FUNCTIONS[name](pixels))


@pytest.mark.parametrize("function", [hash_pixels, dihedral_pixels, lambda n, _: min_side(n)])
@pytest.mark.parametrize("name", ["photodna", "PDQ", "", "pdq "])
def test_names_that_are_not_computed(name: str, function: Callable[[str, Pixels], object]) -> None:
    with pytest.raises(UnknownAlgorithmError, match=r"^algorithm: "):
        function(name, pictures.make("noise", 30, 30, 1))


VIEWS: dict[str, Callable[[Pixels], Pixels]] = {
    "rot90": np.rot90,
    "fortran": np.asfortranarray,
    "every second": lambda a: a[::2, ::2],
    "upside down": lambda a: a[::-1],
    "cropped": lambda a: a[3:-2, 1:-4],
    "channels reversed": lambda a: a[:, :, ::-1] if a.ndim == 3 else a,
    "one channel": lambda a: a[:, :, 1] if a.ndim == 3 else a,
    "broadcast": lambda a: np.broadcast_to(a[:1], a.shape),
    "misaligned": lambda a: np.frombuffer(b"x" + a.tobytes(), np.uint8)[1:].reshape(a.shape),
}


@every_hash
@pytest.mark.parametrize("colour", [False, True])
@pytest.mark.parametrize("view", sorted(VIEWS))
def test_views_equal_their_copy(view: str, colour: bool, name: str) -> None:
    pixels = pictures.make("smooth", 530, 123, 4, colour=colour)
    before = pixels.tobytes()
    pixels.flags.writeable = False
    seen = VIEWS[view](pixels)
    assert text(hash_pixels(name, seen)) == text(hash_pixels(name, np.array(seen, order="C")))
    assert pixels.tobytes() == before


@every_hash
@pytest.mark.parametrize(
    ("value", "error", "got"),
    [
        (np.zeros((90, 80, 3)), InputTypeError, "float64 (90, 80, 3)"),
        (np.zeros((90, 80), np.uint16), InputTypeError, "uint16 (90, 80)"),
        (np.zeros((90, 80), bool), InputTypeError, "bool (90, 80)"),
        (np.ma.masked_array(np.zeros((90, 80), np.uint8)), InputTypeError, "masked"),
        ([[1, 2]], InputTypeError, "got list"),
        (None, InputTypeError, "got NoneType"),
        (np.zeros((90, 80, 4), np.uint8), InputError, "(90, 80, 4)"),
        (np.zeros((90, 80, 1), np.uint8), InputError, "(90, 80, 1)"),
        (np.zeros(6400, np.uint8), InputError, "(6400,)"),
    ],
)
def test_wrong_arrays_are_named(value: Any, error: type[InputError], got: str, name: str) -> None:
    for function in (hash_pixels, dihedral_pixels):
        with pytest.raises(HashmatchError) as raised:
            function(name, value)
        assert type(raised.value) is error
        assert str(raised.value).startswith("pixels: expected uint8 (h, w, 3) or (h, w), got")
        assert got in str(raised.value)


@every_hash
def test_minimum_sizes(name: str) -> None:
    least = min_side(name)
    assert least == {"pdq": 5, "pdq-cpp": 5, "blockhash": 16, "blockhash-precise": 16}.get(name, 1)
    small = least - 1
    for shape in [(small, small), (small, 700), (700, small), (0, 0), (0, 9, 3), (small, 700, 3)]:
        for function in (hash_pixels, dihedral_pixels):
            with pytest.raises(InputError, match=f"at least {least}, got uint8") as raised:
                function(name, np.zeros(shape, np.uint8))
            assert not isinstance(raised.value, TypeError)
    for shape in [(least, least), (least, 3000), (3000, least, 3)]:
        hash_pixels(name, pictures.make("noise", shape[0], shape[1], 1, colour=len(shape) == 3))


@every_hash
@pytest.mark.parametrize("colour", [False, True])
@pytest.mark.parametrize("shape", [(90, 131), (64, 64), (600, 250), (521, 1100)])
def test_dihedral_rows_are_the_hashes_of_the_turned_pictures(
    shape: tuple[int, int], colour: bool, name: str
) -> None:
    assert tuple(TURNS) == ORIENTATIONS
    pixels = pictures.make("blocks", *shape, 9, colour=colour)
    pixels //= 2
    pixels += pictures.make("smooth", *shape, 9, colour=colour) // 2
    rows, quality = dihedral_pixels(name, pixels)
    expected = [
        hash_pixels(name, np.ascontiguousarray(TURNS[turn](pixels))) for turn in ORIENTATIONS
    ]
    assert rows.dtype == np.uint8
    assert [row.tobytes() for row in rows] == [value.tobytes() for value, _ in expected]
    assert quality == expected[0][1]
    assert len({row.tobytes() for row in rows}) == 8


def test_pdqs_dihedral_is_its_own() -> None:
    pixels = pictures.make("smooth", 300, 200, 1)
    rows, quality = dihedral_pixels("pdq", pixels)
    expected, expected_quality = pdq_dihedral(pixels)
    assert (rows.tobytes(), quality) == (expected.tobytes(), expected_quality)


sides = st.integers(16, 560)


@every_hash
@settings(max_examples=40)
@given(st.sampled_from(sorted(pictures.KINDS)), sides, sides, st.booleans(), st.integers(0, 2**32))
def test_every_isa_gives_what_serial_gives(
    name: str, kind: str, height: int, width: int, colour: bool, seed: int
) -> None:
    pixels = pictures.make(kind, height, width, seed, colour=colour)
    with cpu.using_isa("serial"):
        expected = text(hash_pixels(name, pixels))
    for isa in cpu.available_isas():
        with cpu.using_isa(isa):
            assert cpu.active_isa() == isa
            assert text(hash_pixels(name, pixels)) == expected


def test_many_threads_give_the_serial_result() -> None:
    kinds = sorted(pictures.KINDS)
    made = [
        pictures.make(kinds[i % len(kinds)], 40 + 7 * (i % 40), 300 - 5 * (i % 50), i)
        for i in range(120)
    ]

    def everything(pixels: Pixels) -> list[tuple[str, int]]:
        return [text(hash_pixels(name, pixels)) for name in NAMES]

    expected = [everything(p) for p in made]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(everything, made)) == expected
