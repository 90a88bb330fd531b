"""Known footage in another order: parts count where each of them is more than chance."""

from __future__ import annotations

from dataclasses import replace

import pytest
from frame_tracks import Film, fingerprint, frames, joined, stored_hashes
from known_media import record

from hashmatch.database import Database
from hashmatch.matching import Checker, CheckStatus, MatchKind
from hashmatch.types import MediaKind


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("part_ms", [4000, 5000])
def test_parts_of_a_few_seconds_against_a_frame_a_second(
    db: Database, part_ms: int, seed: int
) -> None:
    """Two halves swapped, each of four or five stored frames and less than half of either side."""
    film = Film(seed, length_ms=2 * part_ms + 1000, scene_ms=700)
    known = stored_hashes(frames(film, interval_ms=1000, phase=340))
    listed = replace(record("known", None, *known), kind=MediaKind.VIDEO)
    db.import_records([listed], source="List")
    first = frames(film, interval_ms=125, end=part_ms, noise=8)
    second = frames(film, interval_ms=125, start=part_ms + 1000, noise=8)
    result = Checker(db).check_fingerprint(fingerprint(joined(second, first), 0.125))
    (match,) = result.matches
    assert match.kind is MatchKind.FRAMES
    assert match.status is CheckStatus.MATCH, match.reason
    assert match.video is not None
    assert len(match.video.segments) == 2
