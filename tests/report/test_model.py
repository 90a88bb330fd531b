"""A model that contradicts itself is refused before anything is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from hashmatch.errors import InputError
from hashmatch.report import ClassCount, Evidence, ReportModel, TriageClass


def test_times_are_told_in_utc(evidence: Evidence) -> None:
    zone = timezone(timedelta(hours=2))
    made = replace(
        evidence,
        started_at=datetime(2026, 3, 1, 10, 30, tzinfo=zone),
        ended_at=datetime(2026, 3, 1, 12, 0, tzinfo=zone),
    )
    assert made.started_at.isoformat() == "2026-03-01T08:30:00+00:00"
    with pytest.raises(InputError, match="with a zone"):
        replace(evidence, started_at=datetime(2026, 3, 1))
    with pytest.raises(InputError, match="no time before"):
        replace(evidence, ended_at=evidence.started_at - timedelta(seconds=1))


@pytest.mark.parametrize(
    ("classes", "message"),
    [
        ((ClassCount(TriageClass.UNKNOWN, 8),), "at most the 7 files"),
        ((ClassCount(TriageClass.UNKNOWN, 1), ClassCount(TriageClass.UNKNOWN, 1)), "once"),
        ((ClassCount(TriageClass.UNKNOWN, -1),), "negative"),
    ],
)
def test_counts_that_cannot_be(
    make_model: Callable[..., ReportModel], classes: tuple[ClassCount, ...], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        make_model(classes=classes)


def test_what_is_to_be_looked_at(make_model: Callable[..., ReportModel]) -> None:
    assert make_model().n_to_look_at == 3
    assert make_model().n_classed == 6
    assert {t for t in TriageClass if t.known} == {"baseline", "national", "other"}
