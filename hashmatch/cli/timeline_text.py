"""A timeline as text: a strip for the query, and one for the known video."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from hashmatch.matching import VideoEvidence, VideoSegment, time_text

WIDEST, NARROWEST = 160, 20
FULL, PARTLY, EMPTY = "█", "▒", "·"
PLAIN = {FULL: "#", PARTLY: "+", EMPTY: "."}
MOST_SEGMENTS = 40
"""Parts that are told in words; the strips show all."""


def strips(
    found: VideoEvidence | None, duration_ms: int, width: int, *, plain: bool = False
) -> Iterator[str]:
    """Lines for one match; none of a match that is not by frames.

    Args:
        duration_ms: of the query.
        width: columns of the terminal.
        plain: ASCII alone.
    """
    if found is None or not found.segments:
        return
    columns = max(NARROWEST, min(width - 30, WIDEST))
    mine = [(s.query_from_ms, s.query_to_ms) for s in found.segments]
    yield _line("query", mine, max(duration_ms, *(end for _, end in mine)), columns, plain)
    theirs = placed(found.segments)
    if theirs:
        length = stored_length(found)
        yield _line("known", theirs, length, columns, plain)
    for segment in found.segments[:MOST_SEGMENTS]:
        yield f"    {segment.describe()}"
    if len(found.segments) > MOST_SEGMENTS:
        yield f"    and {len(found.segments) - MOST_SEGMENTS} more parts"


def placed(segments: Iterable[VideoSegment]) -> list[tuple[int, int]]:
    """Where segments are in the known video, of those that have a place there."""
    return [
        (s.stored_from_ms, s.stored_to_ms)
        for s in segments
        if s.stored_from_ms is not None and s.stored_to_ms is not None
    ]


def stored_length(found: VideoEvidence) -> int:
    """Milliseconds of the known video, as far as its informative frames and segments tell."""
    return max(found.stored_ms or 0, *(end for _, end in placed(found.segments)))


def cells(parts: Sequence[tuple[int, int]], length: int, columns: int) -> str:
    """A strip of so many characters: full, partly covered, empty."""
    length = max(length, 1)
    text = []
    for column in range(columns):
        start, end = column * length / columns, (column + 1) * length / columns
        covered = sum(max(0.0, min(end, to) - max(start, begin)) for begin, to in parts)
        share = covered / (end - start)
        text.append(FULL if share >= 0.5 else PARTLY if share > 0 else EMPTY)
    return "".join(text)


def _line(
    name: str, parts: Sequence[tuple[int, int]], length: int, columns: int, plain: bool
) -> str:
    strip = cells(parts, length, columns)
    if plain:
        strip = "".join(PLAIN[cell] for cell in strip)
    return f"  {name} {time_text(0)} |{strip}| {time_text(length)}"
