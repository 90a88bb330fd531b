"""What the stages of one check cost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from time import perf_counter
from types import MappingProxyType


class Stages:
    """Milliseconds by stage, in the order in which they were first entered."""

    def __init__(self) -> None:
        self._ms: dict[str, float] = {}

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Adds what passes within the block to a stage."""
        started = perf_counter()
        try:
            yield
        finally:
            self._ms[name] = self._ms.get(name, 0.0) + 1000 * (perf_counter() - started)

    @property
    def ms(self) -> Mapping[str, float]:
        """Rounded to microseconds."""
        return MappingProxyType({name: round(ms, 3) for name, ms in self._ms.items()})
