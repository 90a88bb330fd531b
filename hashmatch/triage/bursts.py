"""Shots of a burst, which are near each other like copies but are other pictures."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int64]
Nearest = Callable[[Ids, Ids], Ids]

MOST_COMPARED = 100_000_000
"""Pairs that are compared to find the nearest ones; beyond, one picture stands for its shot."""
_SECONDS = len("2024-05-01T12:00:00")


def shots_of(rows: Ids, captured: Sequence[str | None], nearest: Nearest) -> list[Ids]:
    """A group of near pictures as the shots that are in it.

    Copies keep the moment of capture, or have none. So two moments are two shots; a moment without
    a fraction of a second is the same as one with it unless there are several of that second.
    Pictures that leave it open are with the nearest one that does not.

    Args:
        rows: int64 (m,), ascending.
        captured: the moment of each, "2024-05-01T12:00:00" or with a fraction; None: unknown.
        nearest: which of its second argument each row of the first is nearest to, of equals the
            first; int64.

    Returns:
        The rows of each shot, ascending; shots in the order of their first rows. One: no burst.
    """
    fractions: dict[str, set[str]] = {}
    for moment in captured:
        if moment is not None:
            second, fraction = _parts(moment)
            fractions.setdefault(second, set()).update([fraction] if fraction else [])
    if len(fractions) < 2 and all(len(found) < 2 for found in fractions.values()):
        return [rows]
    names: list[str] = [""] * len(rows)
    open_to: dict[str, list[int]] = {}  # by what the name of their shot begins with
    for at, moment in enumerate(captured):
        second, fraction = ("", "") if moment is None else _parts(moment)
        if moment is None or (len(fractions[second]) > 1 and not fraction):
            open_to.setdefault(second, []).append(at)
        else:
            names[at] = f"{second}.{fraction}" if len(fractions[second]) > 1 else second
    told = [at for at, name in enumerate(names) if name]
    for beginning, members in open_to.items():
        choice = [at for at in told if names[at].startswith(beginning)]
        if len(members) * len(choice) > MOST_COMPARED:
            first_of_each = {names[at]: at for at in reversed(choice)}
            choice = sorted(first_of_each.values())[: max(1, MOST_COMPARED // len(members))]
        for at, chosen in zip(members, nearest(rows[members], rows[choice]).tolist(), strict=True):
            names[at] = names[choice[chosen]]
    shots: dict[str, list[int]] = {}
    for at, name in enumerate(names):
        shots.setdefault(name, []).append(at)
    return [rows[members] for members in shots.values()]


def _parts(moment: str) -> tuple[str, str]:
    """Second, and fraction without zeros at its end; "0" for one of nothing but zeros."""
    fraction = moment[_SECONDS + 1 :]
    return moment[:_SECONDS], fraction and (fraction.rstrip("0") or "0")
