"""How Meta's vPDQ tools compare two videos: without order, time or orientation. For comparison with
them; a check does not use it.

Source: facebook/ThreatExchange, vpdq/cpp (matchTwoHashBrute) and python-threatexchange (vpdq).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hashmatch.errors import InputError
from hashmatch.index import HammingIndex

TOOLS = ("cpp", "python")


class VpdqMatch(NamedTuple):
    """Percentages of frames; 0 of a video without a frame of the least quality."""

    query_percent: float
    stored_percent: float


def vpdq_match_percent(
    query: tuple[NDArray[np.uint8], NDArray[np.uint8]],
    stored: tuple[NDArray[np.uint8], NDArray[np.uint8]],
    *,
    max_distance: int = 31,
    min_quality: int = 50,
    tool: str = "cpp",
) -> VpdqMatch:
    """Shares of the frames of each video that have a near frame in the other one.

    Args:
        query, stored: PDQ hashes uint8 (n, 32) and their qualities uint8 (n,).
        max_distance: bits, inclusive. The C++ tool asks for fewer than 31; distances of PDQ hashes
            of one weight are even, so that is the same.
        min_quality: frames below it are in no count.
        tool: "cpp" counts every frame; "python" counts equal hashes of one video once.

    Raises:
        InputError: another tool, or arrays that do not fit each other.
    """
    if tool not in TOOLS:
        raise InputError(f"tool: expected one of {', '.join(TOOLS)}, got {tool!r}")
    mine, theirs = (_counted(*side, min_quality, tool) for side in (query, stored))
    return VpdqMatch(_share(mine, theirs, max_distance), _share(theirs, mine, max_distance))


def _counted(
    hashes: NDArray[np.uint8], qualities: NDArray[np.uint8], min_quality: int, tool: str
) -> NDArray[np.uint8]:
    if len(hashes) != len(qualities):
        raise InputError(f"qualities: expected {len(hashes)}, one a hash, got {len(qualities)}")
    if tool == "python":  # of equal hashes the first one's quality counts
        _, firsts = np.unique(hashes, axis=0, return_index=True)
        hashes, qualities = hashes[firsts], qualities[firsts]
    return hashes[qualities >= min_quality]


def _share(mine: NDArray[np.uint8], theirs: NDArray[np.uint8], max_distance: int) -> float:
    if not len(mine) or not len(theirs):
        return 0.0
    index = HammingIndex(bits=256)
    index.add(theirs)
    found = index.range_search(mine, max_distance)
    return 100.0 * int(np.count_nonzero(np.diff(found.offsets))) / len(mine)
