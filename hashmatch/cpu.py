"""Which instruction set the C++ kernels use. Every one gives the same results bit for bit.

``HASHMATCH_ISA`` forces one before the first kernel call; a name that is unknown or that this CPU
lacks is a ``CpuFeatureError`` then, never a silent fallback.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from hashmatch import _native
from hashmatch.errors import CpuFeatureError


def available_isas() -> tuple[str, ...]:
    """What this CPU and operating system can run, slowest first; ``"serial"`` is always there."""
    return tuple(_native.available_isas())


def active_isa() -> str:
    """The instruction set in use: ``"serial"``, ``"avx2"``, ``"avx512"`` or ``"neon"``.

    Raises:
        CpuFeatureError: ``HASHMATCH_ISA`` names one that is unknown or that this CPU lacks.
    """
    try:
        return _native.active_isa()
    except ValueError as error:
        raise CpuFeatureError(f"HASHMATCH_ISA: {error}") from error


def use_isa(name: str) -> None:
    """Use this instruction set from now on, in every thread.

    Raises:
        CpuFeatureError: the name is unknown or this CPU lacks it.
    """
    try:
        _native.use_isa(name)
    except ValueError as error:
        raise CpuFeatureError(str(error)) from error


@contextmanager
def using_isa(name: str) -> Iterator[None]:
    """Use an instruction set within a block, then the former one again."""
    before = active_isa()
    use_isa(name)
    try:
        yield
    finally:
        use_isa(before)


def compiler() -> str:
    """Which compiler built the kernels."""
    return _native.compiler()
