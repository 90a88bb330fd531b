"""What came of the retrieval benchmark, counted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from benchmarks.video_asking import Answer, Found, Segment
from benchmarks.video_edits import EDITS, Shown

MATCH = "MATCH"


def target_of(answer: Answer) -> Found | None:
    return next((one for one in answer.found if one.name == answer.target), None)


def recall_rows(answers: Sequence[Answer]) -> list[dict[str, Any]]:
    """A row an edit: share that is MATCH, that is MATCH or POSSIBLE; where it was said to be."""
    rows = []
    for edit in dict.fromkeys(one.edit for one in answers):
        own = [one for one in answers if one.edit == edit and one.target]
        if not own:
            continue
        hits = [found for one in own if (found := target_of(one))]
        errors = np.array([error for one in own for error in offset_errors(one)])
        rows.append(
            {
                "edit": edit,
                "asked": edit in EDITS and EDITS[edit].asked,
                "queries": len(own),
                "MATCH": sum(one.status == MATCH for one in hits) / len(own),
                "or POSSIBLE": len(hits) / len(own),
                "registered": sum(one.registered for one in hits),
                "offset error, median ms": _quantile(errors, 0.5),
                "95 %": _quantile(errors, 0.95),
                "largest": _quantile(errors, 1.0),
                "seconds": float(np.median([one.seconds for one in own])),
            }
        )
    return rows


def offset_errors(answer: Answer) -> list[float]:
    """Milliseconds between where each segment is said to lie in the stored video and where it does.

    At the middle of the segment; beside the part of the query that it is most of.
    """
    found = target_of(answer)
    if found is None or found.status != MATCH:
        return []
    return [
        error for segment in found.segments if (error := _error(segment, answer.shown)) is not None
    ]


def _error(segment: Segment, shown: Iterable[Shown]) -> float | None:
    if segment.stored_from is None or segment.stored_to is None:
        return None
    start, end = segment.query_from / 1000, segment.query_to / 1000
    best = max(shown, key=lambda part: _overlap(part, start, end), default=None)
    if best is None:
        return None
    middle = (start + end) / 2
    said = (segment.stored_from + segment.stored_to) / 2000
    return abs(said - best.stored_at(middle)) * 1000


def _overlap(part: Shown, start: float, end: float) -> float:
    return min(end, part.query_s + part.seconds) - max(start, part.query_s)


def _quantile(values: Any, share: float) -> float | None:
    return float(np.quantile(values, share)) if len(values) else None


def whole(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Recall over the edits that the target names, each query counted once."""
    asked = [row for row in rows if row["asked"]]
    count = sum(row["queries"] for row in asked)
    return {
        "queries": count,
        "MATCH": sum(row["MATCH"] * row["queries"] for row in asked) / count,
        "or POSSIBLE": sum(row["or POSSIBLE"] * row["queries"] for row in asked) / count,
    }


def false_rows(answers: Sequence[Answer]) -> list[dict[str, Any]]:
    """Every match with another video than the one that is shown."""
    return [
        {
            "edit": one.edit,
            "query": one.clip,
            "with": found.name,
            "status": found.status,
            "reason": found.reason,
            "percent": found.percent,
            "segments": [
                [part.query_from, part.query_to, part.stored_from, part.stored_to]
                for part in found.segments
            ],
        }
        for one in answers
        for found in one.found
        if found.name != one.target
    ]


def missed_rows(answers: Sequence[Answer]) -> list[dict[str, Any]]:
    """Every query whose video is not MATCH, and what was said instead."""
    rows = []
    for one in answers:
        found = target_of(one)
        if one.target and (found is None or found.status != MATCH):
            rows.append(
                {
                    "edit": one.edit,
                    "query": one.clip,
                    "status": one.status,
                    "said": None if found is None else found.status,
                    "reason": one.reason if found is None else found.reason,
                    "percent": None if found is None else found.percent,
                }
            )
    return rows
