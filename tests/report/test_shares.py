"""The bar at the head of a report: its parts meet, and no number says more than it knows."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hashmatch.ledger import Ledger
from hashmatch.report import ClassCount, ReportModel, TriageClass
from hashmatch.report.shares import CLASS_MARKS, FULL, share_of

MakeModel = Callable[..., ReportModel]
COUNTS = st.lists(st.integers(0, 10**7), min_size=len(TriageClass), max_size=len(TriageClass))


def test_every_class_has_a_colour_that_says_what_is_to_be_done() -> None:
    assert set(CLASS_MARKS) == set(TriageClass)
    for triage, mark in CLASS_MARKS.items():
        assert (mark == "known") == triage.known
        assert (mark in ("maybe", "new")) == triage.to_look_at


def test_any_counts(make_model: MakeModel) -> None:
    @given(COUNTS, st.integers(0, 1000))
    def check(counts: list[int], skipped: int) -> None:
        classes = tuple(map(ClassCount, TriageClass, counts))
        model = make_model(classes=classes, ledger=Ledger(done=sum(counts) + skipped))
        share = share_of(model)
        assert share.saved + model.n_to_look_at == sum(counts)
        assert share.known == sum(counts[:3])
        assert sum(part.files for part in share.parts) == model.ledger.seen
        assert all(part.files for part in share.parts)
        at = 0
        for part in share.parts:
            assert part.left == at
            at += part.width
        assert at == (FULL if model.ledger.seen else 0)
        for part in share.parts:
            assert f"{part.files:,}" in share.words

    check()


@pytest.mark.parametrize(
    ("saved", "look", "percent"),
    [(0, 0, None), (0, 5, "0.0 %"), (5, 0, "100.0 %"), (1, 10**6, "0.1 %"), (10**6, 1, "99.9 %")],
)
def test_percent(make_model: MakeModel, saved: int, look: int, percent: str | None) -> None:
    classes = (ClassCount(TriageClass.DUPLICATE, saved), ClassCount(TriageClass.UNKNOWN, look))
    model = make_model(classes=classes, ledger=Ledger(done=saved + look))
    assert share_of(model).percent == percent
