"""Which placements of a query each level tries: chosen by a study of edits
(docs/registration.md)."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

Placements = NDArray[np.float32]
"""float32 (n, 5): left, right, top, bottom, as shares of the known picture's sides that the query
lacks there (negative: it has that much more), and the angle in degrees."""

_EIGHT = tuple(range(8))
_AS_IT_IS = (0,)
_ANGLES = (-6, -4, -2, 2, 4, 6)
_TRIMMED = ("border", "bar")


_Place = tuple[float, float, float, float, float]


@dataclass(frozen=True, slots=True)
class Pass:
    """Placements for the views of some kinds.

    Attributes:
        kinds: of the views.
        placements: tried for each of them.
        orientations: and in each of these, numbers as in ``ORIENTATIONS``.
        continued: whether placements lack something of the known picture.
        most: views of these kinds that are taken, best first.
    """

    kinds: tuple[str, ...]
    placements: Placements
    orientations: tuple[int, ...] = _AS_IT_IS
    continued: bool = True
    most: int = 1


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a level tries beyond the plain hashes, in the order in which a budget is spent.

    Attributes:
        coarse_max_distance, prefilter_distance: bits within which a placement's hash makes an entry
            a candidate, of all 256 and of the 64 low-frequency ones.
        starts: placements from which a candidate is refined, the nearest.
        hopeless: bits above which refinement gives up after the first three rounds.
        most_refined: starts that are refined at most, the nearest: a bound for queries that were
            made to be near many entries.
        usual_far_in_a_million: of a million entries, how many are candidates of the median
            photograph without being near it.
    """

    passes: tuple[Pass, ...]
    coarse_max_distance: int = 80
    prefilter_distance: int = 18
    starts: int = 2
    hopeless: tuple[int, int, int] = (74, 70, 66)
    most_refined: int = 384
    usual_far_in_a_million: float = 3.0

    def upright(self) -> Plan:
        """The same in the query's own orientation only."""
        passes = tuple(replace(step, orientations=_AS_IT_IS) for step in self.passes)
        return replace(self, passes=passes)


def _grid(*edges: float) -> list[_Place]:
    places = [(a, b, c, d, 0.0) for a, b, c, d in itertools.product(edges, repeat=4)]
    return sorted(places, key=lambda place: sum(map(abs, place)))  # a budget cuts the rarer ones


def _turns(*cuts: float) -> list[_Place]:
    return [(cut, cut, cut, cut, float(angle)) for cut in cuts for angle in _ANGLES]


def _bars() -> list[_Place]:
    """Bars on two sides that no trim found: a fifth to a half of the picture's side."""
    sizes = (0.1, 0.17, 0.25)
    return [(-s, -s, 0.0, 0.0, 0.0) for s in sizes] + [(0.0, 0.0, -s, -s, 0.0) for s in sizes]


@cache
def windows() -> Placements:
    """Parts of the query, of its own aspect, that may be the whole known picture."""
    found: list[_Place] = []
    for share in (0.9, 0.84, 0.78, 0.72, 0.66, 0.6, 0.54, 0.48):
        room = 1 - share
        steps = max(2, round(room / 0.06) + 1)
        for left, top in itertools.product(np.linspace(0, room, steps), repeat=2):
            right, bottom = room - left, room - top
            found.append((-left / share, -right / share, -top / share, -bottom / share, 0.0))
    return _placements(found)


def _placements(*parts: list[_Place]) -> Placements:
    array = np.array([place for part in parts for place in part], dtype=np.float32)
    array.setflags(write=False)
    return array


@cache
def standard_plan() -> Plan:
    """Crops to 15 % and borders to 10 % a side, turns to 8 degrees, and both within what was
    trimmed."""
    whole = _placements(_grid(-0.06, 0.0, 0.07, 0.14), _turns(0.0, 0.04, 0.08), _bars())
    trimmed = _placements(_grid(0.0, 0.07, 0.14), _turns(0.0, 0.05))
    return Plan((Pass(("whole",), whole), Pass(_TRIMMED, trimmed, most=2)))


@cache
def thorough_plan() -> Plan:
    """Crops to 33 % a side, to 27 % in the seven other orientations, and everything else in eight
    orientations, and pictures within the picture."""
    far = _placements(_grid(0.02, 0.09, 0.16, 0.23, 0.30))
    cut = _placements(_grid(0.03, 0.10, 0.17, 0.24))
    framed = _placements(_grid(-0.06, 0.0, 0.07, 0.14), _bars())
    turned = _placements(_turns(0.0, 0.05, 0.1))
    trimmed = _placements(_grid(0.0, 0.07, 0.14))
    inside = _placements(_grid(-0.03, 0.03))
    return Plan(
        (
            Pass(("whole",), far),
            Pass(("whole",), cut, _EIGHT[1:]),
            Pass(("whole",), framed, _EIGHT),
            Pass(("whole",), turned, _EIGHT),
            Pass(_TRIMMED, trimmed, _EIGHT, most=2),
            Pass(_TRIMMED, _placements(_turns(0.0, 0.05)), most=2),
            Pass(("picture",), inside, most=12),
            Pass(("whole",), windows(), continued=False),
        ),
        coarse_max_distance=84,
        hopeless=(78, 72, 68),
        most_refined=1024,
        usual_far_in_a_million=400.0,
    )
