"""What callers hand to an index, checked once: one row of bytes an entry, ids, numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hashmatch.errors import InputError, InputTypeError


def rows_argument(value: Any, name: str, width: int) -> NDArray[np.uint8]:
    """C-contiguous uint8 of shape (n, width).

    Raises:
        InputTypeError: no array, or another dtype.
        InputError: another shape.
    """
    expected = f"{name}: expected uint8 (n, {width})"
    if not isinstance(value, np.ndarray):
        raise InputTypeError(f"{expected}, got {type(value).__name__}")
    if value.dtype != np.uint8:
        raise InputTypeError(f"{expected}, got {value.dtype} {value.shape}")
    if value.ndim != 2 or value.shape[1] != width:
        raise InputError(f"{expected}, got uint8 {value.shape}")
    return np.ascontiguousarray(value)


def ids_argument(value: Any) -> NDArray[np.int64]:
    """C-contiguous int64 of shape (n,), from integers of any dtype.

    Raises:
        InputTypeError: no integers.
        InputError: more than one axis, or a number over int64.
    """
    array = np.asarray(value)
    if array.ndim != 1:
        raise InputError(f"ids: expected int64 (n,), got {array.dtype} {array.shape}")
    if array.size == 0:
        return np.empty(0, dtype=np.int64)
    if array.dtype.kind not in "iu":
        raise InputTypeError(f"ids: expected int64 (n,), got {array.dtype} {array.shape}")
    if array.dtype.kind == "u" and int(array.max()) > np.iinfo(np.int64).max:
        raise InputError(f"ids: expected int64, got {int(array.max())}")
    return np.ascontiguousarray(array, dtype=np.int64)


def integer_argument(value: Any, name: str, *, least: int | None = None) -> int:
    """A Python integer, not below ``least``.

    Raises:
        InputTypeError: no integer; a bool is none.
        InputError: below ``least``.
    """
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, np.integer)):
        raise InputTypeError(f"{name}: expected an integer, got {type(value).__name__}")
    number = int(value)
    if least is not None and number < least:
        raise InputError(f"{name}: expected {least} or more, got {number}")
    return number
