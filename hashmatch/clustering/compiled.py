"""How loops over pairs are compiled. numba is loaded when a grouping is first made."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., object])


def compiled(function: F) -> F:
    """The function in machine code, compiled in this process."""
    return cast(F, numba.njit(cache=False, nogil=True)(function))
