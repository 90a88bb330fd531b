"""What callers pass to an index, checked once before the core sees it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hashmatch.errors import InputError, InputTypeError

_MAX_THREADS = 1024


def rows(array: Any, columns: int, name: str, shape: str) -> NDArray[np.uint8]:
    """A C-contiguous uint8 array of ``columns`` columns.

    Args:
        shape: how the message spells the expected shape.

    Raises:
        InputTypeError: no array, or another dtype.
        InputError: another shape.
    """
    expected = f"{name}: expected uint8 {shape}"
    if not isinstance(array, np.ndarray):
        raise InputTypeError(f"{expected}, got {type(array).__name__}")
    if array.dtype != np.uint8:
        raise InputTypeError(f"{expected}, got {array.dtype} {array.shape}")
    if array.ndim != 2 or array.shape[1] != columns:
        raise InputError(f"{expected}, got uint8 {array.shape}")
    return np.ascontiguousarray(array)


def ids_of(ids: Any) -> NDArray[np.int64]:
    """Ids as int64. Raises InputError or InputTypeError where they are no 1-D integers."""
    array = np.asarray(ids)
    if array.ndim != 1:
        raise InputError(f"ids: expected int64 (n,), got {array.dtype} {array.shape}")
    if array.size == 0:
        return np.empty(0, dtype=np.int64)
    if array.dtype.kind not in "iu":
        raise InputTypeError(f"ids: expected int64 (n,), got {array.dtype} {array.shape}")
    if array.dtype.kind == "u" and int(array.max()) > np.iinfo(np.int64).max:
        raise InputError(f"ids: expected int64, got {int(array.max())}")
    return np.ascontiguousarray(array, dtype=np.int64)


def integer(value: Any, name: str) -> int:
    """Any integer but a bool. Raises InputTypeError otherwise."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, np.integer)):
        raise InputTypeError(f"{name}: expected an integer, got {type(value).__name__}")
    return int(value)


def at_least(value: Any, least: int, name: str) -> int:
    """An integer of ``least`` or more. Raises InputError or InputTypeError otherwise."""
    number = integer(value, name)
    if number < least:
        raise InputError(f"{name}: expected {least} or more, got {number}")
    return number


def bits_within(value: Any, name: str, bits: int) -> int:
    """A radius in bits, at most ``bits``. Raises InputError or InputTypeError otherwise."""
    radius = integer(value, name)
    if radius < 0:
        raise InputError(f"{name}: expected 0 or more bits, got {radius}")
    return min(radius, bits)


def thread_count(value: Any) -> int:
    """Threads to use at most. Raises InputError or InputTypeError where it is no count."""
    return min(at_least(value, 1, "threads"), _MAX_THREADS)
