"""The whole way: scan with a database, groups with decisions, classes, a report; then again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from classed_sets import classes_of, group_of, groups_of, sha256_of
from known_media import digests_of, record
from pictures import encoded, photograph, png
from PIL import Image

from hashmatch.database import Database
from hashmatch.matching import Checker
from hashmatch.report import write_report
from hashmatch.scan import Catalogue
from hashmatch.triage import (
    Classification,
    DatabaseJudge,
    Decisions,
    classify,
    evidence_of,
    fixed_time,
    group_copies,
    report_model,
)
from hashmatch.types import Label

MakeCatalogue = Callable[..., Catalogue]
Classified = Callable[..., Classification]

NEW = photograph(101)
FILES = {
    "known/original.png": png(photograph(100)),
    "known/smaller.jpg": encoded(
        Image.fromarray(photograph(100)).resize((280, 210)), "JPEG", quality=60
    ),
    "new/best.png": png(NEW),
    "new/mirrored.png": png(np.ascontiguousarray(NEW[:, ::-1])),
    "new/small.jpg": encoded(Image.fromarray(NEW).resize((260, 195)), "JPEG", quality=50),
    "other.png": png(photograph(102)),
}


def test_scan_groups_decisions_and_report(
    db: Database, tmp_path: Path, make_catalogue: MakeCatalogue
) -> None:
    known = digests_of(FILES["known/original.png"])
    db.import_records([record("1", known, baseline=True)], source="INTERPOL ICSE")
    judge = DatabaseJudge(db, Checker(db))
    catalogue = make_catalogue(FILES, judge=judge)
    decisions = Decisions.open(tmp_path / "set")

    def run(name: str) -> dict[str, str]:
        groups = group_copies(catalogue, bonds=decisions.bonds, folder=tmp_path)
        with classify(catalogue, groups, key=judge.key, decisions=decisions) as made:
            moment = fixed_time({"SOURCE_DATE_EPOCH": "1000000000"})
            assert moment is not None
            head = evidence_of(catalogue, command_line=[], started_at=moment, ended_at=moment)
            write_report(report_model(made, head), tmp_path / name)
            return classes_of(made)

    expected = {
        "known/original.png": "baseline",
        "known/smaller.jpg": "possible",  # the list has its original's digests alone
        "new/best.png": "unknown",
        "new/mirrored.png": "duplicate",
        "new/small.jpg": "duplicate",
        "other.png": "unknown",
    }
    assert run("first") == expected
    assert run("again") == expected
    for name in ("report.html", "groups.jsonl", "review.csv", "manifest.json"):
        first, again = ((tmp_path / run / name).read_bytes() for run in ("first", "again"))
        assert first == again, name

    best, small, mirrored = (
        sha256_of(catalogue, f"new/{name}") for name in ("best.png", "small.jpg", "mirrored.png")
    )
    decisions.add_category(Label.NON_PERTINENT, [best], examiner="E")
    decisions.add_not_same([mirrored, best], examiner="E")
    decisions.add_not_same([mirrored, small], examiner="E")
    decided = run("decided")
    assert decided["new/best.png"] == "ignorable"
    assert decided["new/mirrored.png"] == "unknown"
    assert decided["new/small.jpg"] == "unknown"  # near what is ignorable is not the same bytes
    decisions.add_same([best, small], examiner="E")
    assert run("same")["new/small.jpg"] == "unknown"


@pytest.mark.parametrize(("bound", "expected"), [(False, "unknown"), (True, "duplicate")])
def test_what_somebody_called_the_same_is_settled(
    tmp_path: Path,
    make_catalogue: MakeCatalogue,
    classified: Classified,
    bound: bool,
    expected: str,
) -> None:
    """In a chain, the last link of which is far from the first."""
    catalogue = make_catalogue({"1.png": FILES["other.png"], "2.png": FILES["new/best.png"]})
    decisions = Decisions.open(tmp_path / "set")
    if bound:
        both = [sha256_of(catalogue, "1.png"), sha256_of(catalogue, "2.png")]
        decisions.add_same(both, examiner="E")
    far = group_of(catalogue, "1.png", "2.png", distances=np.array([0, 90]))
    made = classified(catalogue, groups_of([far], "single"), decisions=decisions)
    assert classes_of(made) == {"1.png": "unknown", "2.png": expected}
