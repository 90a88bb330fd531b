"""What pdq() takes and what it refuses (views, threads, wrong arrays, empty pictures)."""

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

from hashmatch.errors import HashmatchError, InputError, InputTypeError
from hashmatch.hashing import MIN_SIDE, pdq, pdq_dihedral

Pixels = NDArray[np.uint8]
Hasher = Callable[[Any], tuple[NDArray[np.uint8], int]]
both = pytest.mark.parametrize("hasher", [pdq, pdq_dihedral])

VIEWS: dict[str, Callable[[Pixels], Pixels]] = {
    "rot90": np.rot90,
    "transposed": lambda a: a.swapaxes(0, 1),
    "fortran": np.asfortranarray,
    "every second": lambda a: a[::2, ::2],
    "upside down": lambda a: a[::-1],
    "mirrored": lambda a: a[:, ::-1],
    "cropped": lambda a: a[3:-2, 1:-4],
    "channels reversed": lambda a: a[:, :, ::-1] if a.ndim == 3 else a,
    "one channel": lambda a: a[:, :, 1] if a.ndim == 3 else a,
    "three of four channels": lambda a: (
        np.concatenate([a, a[:, :, :1]], axis=2)[:, :, :3] if a.ndim == 3 else a
    ),
    "broadcast": lambda a: np.broadcast_to(a[:1], a.shape),
    "misaligned": lambda a: np.frombuffer(b"x" + a.tobytes(), np.uint8)[1:].reshape(a.shape),
}


def same(a: tuple[Pixels, int], b: tuple[Pixels, int]) -> bool:
    return a[0].tobytes() == b[0].tobytes() and a[1] == b[1]


@both
@pytest.mark.parametrize("colour", [False, True])
@pytest.mark.parametrize("view", sorted(VIEWS))
def test_views_equal_their_copy(view: str, colour: bool, hasher: Hasher) -> None:
    pixels = pictures.make("smooth", 90, 123, 4, colour=colour)
    seen = VIEWS[view](pixels)
    assert same(hasher(seen), hasher(np.array(seen, order="C", copy=True)))


@both
def test_read_only_pixels_are_read(hasher: Hasher) -> None:
    pixels = pictures.make("smooth", 70, 80, 4)
    expected = hasher(pixels)
    pixels.flags.writeable = False
    assert same(hasher(pixels), expected)


@both
def test_pixels_are_not_changed(hasher: Hasher) -> None:
    pixels = pictures.make("noise", 70, 80, 4)
    before = pixels.tobytes()
    hasher(pixels)
    assert pixels.tobytes() == before


@settings(max_examples=60)
@given(
    st.integers(20, 120),
    st.integers(20, 120),
    st.tuples(*[st.sampled_from([-3, -2, -1, 1, 2, 3])] * 2),
    st.booleans(),
)
def test_any_strides(height: int, width: int, steps: tuple[int, int], swap: bool) -> None:
    pixels = pictures.make("smooth", height, width, height * width)[:: steps[0], :: steps[1]]
    if swap:
        pixels = pixels.swapaxes(0, 1)
    assert same(pdq(pixels), pdq(np.ascontiguousarray(pixels)))


WRONG: dict[str, tuple[Any, type[InputError], str]] = {
    "float64": (np.zeros((9, 8, 3)), InputTypeError, "float64 (9, 8, 3)"),
    "float32": (np.zeros((9, 8), np.float32), InputTypeError, "float32 (9, 8)"),
    "int32": (np.zeros((9, 8), np.int32), InputTypeError, "int32 (9, 8)"),
    "int8": (np.zeros((9, 8), np.int8), InputTypeError, "int8 (9, 8)"),
    "uint16": (np.zeros((9, 8), np.uint16), InputTypeError, "uint16 (9, 8)"),
    "bool": (np.zeros((9, 8), bool), InputTypeError, "bool (9, 8)"),
    "object": (np.zeros((9, 8), object), InputTypeError, "object (9, 8)"),
    "list": ([[1, 2], [3, 4]], InputTypeError, "got list"),
    "bytes": (b"\xff\xd8", InputTypeError, "got bytes"),
    "None": (None, InputTypeError, "got NoneType"),
    "masked": (np.ma.masked_array(np.zeros((9, 8), np.uint8)), InputTypeError, "masked"),
    "RGBA": (np.zeros((9, 8, 4), np.uint8), InputError, "(9, 8, 4)"),
    "one channel": (np.zeros((9, 8, 1), np.uint8), InputError, "(9, 8, 1)"),
    "two channels": (np.zeros((9, 8, 2), np.uint8), InputError, "(9, 8, 2)"),
    "one axis": (np.zeros(64, np.uint8), InputError, "(64,)"),
    "four axes": (np.zeros((1, 9, 8, 3), np.uint8), InputError, "(1, 9, 8, 3)"),
    "no axis": (np.array(7, np.uint8), InputError, "()"),
}


@both
@pytest.mark.parametrize("case", sorted(WRONG))
def test_wrong_arrays_are_named(case: str, hasher: Hasher) -> None:
    value, error, got = WRONG[case]
    with pytest.raises(HashmatchError) as raised:
        hasher(value)
    assert type(raised.value) is error
    message = str(raised.value)
    assert message.startswith("pixels: expected uint8 (h, w, 3) or (h, w), got")
    assert got in message


def test_dtype_errors_are_both_kinds() -> None:
    with pytest.raises(TypeError) as raised:
        pdq(np.zeros((9, 8)))  # type: ignore[arg-type]  # the point of the test
    assert isinstance(raised.value, InputError)
    assert isinstance(raised.value, ValueError)


@both
@pytest.mark.parametrize(
    "shape",
    [
        *[(0, 0, 3), (0, 0), (0, 9), (9, 0, 3), (1, 1), (1, 500), (500, 1, 3)],
        *[(4, 4), (4, 4, 3), (20000, 2), (4, 5), (5, 4, 3)],
    ],
)
def test_below_the_minimum_there_is_no_hash(shape: tuple[int, ...], hasher: Hasher) -> None:
    with pytest.raises(InputError) as raised:
        hasher(np.zeros(shape, np.uint8))
    assert not isinstance(raised.value, TypeError)
    message = str(raised.value)
    assert message.startswith(f"pixels: expected both sides to be at least {MIN_SIDE}")
    assert str(shape) in message


@both
def test_the_minimum_itself_has_a_hash(hasher: Hasher) -> None:
    value, quality = hasher(pictures.make("noise", MIN_SIDE, MIN_SIDE, 1))
    assert value.any()
    assert quality > 0


def bordered() -> Pixels:
    picture = np.full((300, 400, 3), 255, np.uint8)
    picture[[0, -1]] = 0
    picture[:, [0, -1]] = 0
    return picture


EMPTY: dict[str, Pixels] = {
    "white": np.full((300, 400, 3), 255, np.uint8),
    "black": np.zeros((300, 400, 3), np.uint8),
    "blue": np.full((300, 400, 3), (0, 0, 255), np.uint8),
    "grey": np.full((300, 400), 127, np.uint8),
    "white 64x64": np.full((64, 64, 3), 255, np.uint8),
    "1-px border": bordered(),
}


@both
@pytest.mark.parametrize("case", sorted(EMPTY))
def test_empty_pictures_have_low_quality(case: str, hasher: Hasher) -> None:
    assert hasher(EMPTY[case])[1] < 50


def test_many_threads_give_the_serial_result() -> None:
    kinds = sorted(pictures.KINDS)
    made = [
        pictures.make(kinds[i % len(kinds)], 40 + 7 * (i % 40), 300 - 5 * (i % 50), i)
        for i in range(200)
    ]
    expected = [(pdq(p)[0].tobytes(), pdq_dihedral(p)[0].tobytes()) for p in made]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda p: (pdq(p)[0].tobytes(), pdq_dihedral(p)[0].tobytes()), made))
    assert found == expected


def test_a_turned_view_is_not_copied_and_hashes_as_its_copy() -> None:
    """All eight turns of a contiguous picture are hashed where they lie; others are copied."""
    from hashmatch.hashing.turns import as_stored, turned_pixels

    for pixels in (pictures.make("smooth", 90, 120, 1), pictures.make("smooth", 64, 64, 2)):
        for view in turned_pixels(pixels):
            stored, _ = as_stored(view)
            assert np.shares_memory(stored, pixels)
            copy = np.ascontiguousarray(view)
            assert pdq(view)[0].tobytes() == pdq(copy)[0].tobytes()
            assert pdq(view)[1] == pdq(copy)[1]
            assert np.array_equal(pdq_dihedral(view)[0], pdq_dihedral(copy)[0])
            assert pdq_dihedral(view)[1] == pdq_dihedral(copy)[1]
        assert not np.shares_memory(as_stored(pixels[::2, ::2])[0], pixels)
