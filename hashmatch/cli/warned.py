"""Warnings of segments that are not used, as one line for people."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from hashmatch.cli.output import console, shown
from hashmatch.database import SegmentsWarning


@contextmanager
def segments_warnings_told() -> Iterator[None]:
    """Within it, such a warning is told once, on stderr; others go where they went."""
    before = warnings.showwarning

    def show(message: Warning | str, category: type[Warning], *rest: Any, **named: Any) -> None:
        if issubclass(category, SegmentsWarning):
            console(stderr=True).print(f"hashmatch: warning: {shown(message)}")
        else:
            before(message, category, *rest, **named)

    with warnings.catch_warnings():
        warnings.simplefilter("default", SegmentsWarning)
        warnings.showwarning = show
        yield
