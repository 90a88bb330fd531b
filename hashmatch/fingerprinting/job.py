"""What is wanted of a picture: a caller's arguments, checked once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from hashmatch.algorithms import get_algorithm
from hashmatch.decode import DEFAULT_LIMITS, Limits
from hashmatch.errors import InputError
from hashmatch.fingerprinting.views import VIEWS

DECODE_MODES = ("exact", "fast")


@dataclass(frozen=True, slots=True)
class Job:
    """What is wanted of each picture; small, and the same for many."""

    algorithms: tuple[str, ...] = ("pdq",)
    decode: str = "exact"
    dihedral: bool = False
    limits: Limits = DEFAULT_LIMITS
    frames: int = 1
    views: str = "none"

    @classmethod
    def of(
        cls,
        algorithms: Iterable[str],
        decode: str,
        dihedral: bool,
        limits: Limits | None,
        frames: int = 1,
        views: str = "none",
    ) -> Job:
        """Check a caller's arguments.

        Raises:
            InputError: a wrong one.
        """
        names = _checked_algorithms(algorithms)
        if decode not in DECODE_MODES:
            raise InputError(f"decode: expected one of {', '.join(DECODE_MODES)}, got {decode!r}")
        if decode == "fast" and set(names) != {"pdq"}:
            raise InputError(
                f"decode: expected exact with {', '.join(names)}; fast gives pdq alone"
            )
        allowed = limits or DEFAULT_LIMITS
        if not isinstance(frames, int) or isinstance(frames, bool) or frames < 1:
            raise InputError(f"frames: expected an integer of 1 or more, got {frames!r}")
        if frames > allowed.max_frames:
            raise InputError(f"frames: expected at most {allowed.max_frames}, got {frames}")
        if views not in VIEWS:
            raise InputError(f"views: expected one of {', '.join(VIEWS)}, got {views!r}")
        return cls(names, decode, dihedral, allowed, frames, views)


def _checked_algorithms(algorithms: Iterable[str]) -> tuple[str, ...]:
    if isinstance(algorithms, str):
        raise InputError(f"algorithms: expected a sequence of names, got the text {algorithms!r}")
    names = tuple(algorithms)
    if not names:
        raise InputError("algorithms: expected at least one name, got none")
    for name in names:
        if not get_algorithm(name).computed:
            raise InputError(f"algorithms: {name} is imported from lists, not computed here")
    return names
