"""Python's search for cycles, seldom, while millions of rows pass that hold none."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_AT_LEAST = 200_000


@contextmanager
def seldom_collected() -> Iterator[None]:
    """Within the block the youngest generation is searched less often, never not at all.

    Of each batch of rows hundreds of thousands of tuples are made and forgotten; to look through
    them for cycles each time costs a tenth of an import.
    """
    before = gc.get_threshold()
    if 0 < before[0] < _AT_LEAST:
        gc.set_threshold(_AT_LEAST, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
