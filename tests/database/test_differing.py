"""What a diff tells is the difference between two whole views, and no more."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from database.histories import HISTORIES, SOURCES, Act
from database.samples import digests, many_records, record
from hypothesis import HealthCheck, given, settings

from hashmatch.database import Change, ChangeKind, Database, SnapshotView, open_database
from hashmatch.errors import InputError
from hashmatch.types import Label

Statement = tuple[str, str, str, int]
Said = dict[Statement, tuple[int, Label, bool | None]]
Fact = tuple[object, ...]


def said(view: SnapshotView, source: str | None) -> Said:
    """Every active statement: its media, label and Baseline."""
    ids = [media_id for block in view.live_media(block=100) for media_id in block]
    return {
        (s.source, s.record_key, s.content, s.first_revision): (
            media_id,
            s.opinion.label,
            s.opinion.baseline,
        )
        for media_id, media in view.media(ids).items()
        for s in media.opinions
        if source in (None, s.source)
    }


def consolidated(found: Said) -> dict[int, tuple[Label, bool | None]]:
    states: dict[int, list[tuple[Label, bool | None]]] = {}
    for media_id, label, baseline in found.values():
        states.setdefault(media_id, []).append((label, baseline))
    return {
        media_id: (
            max((label for label, _ in stated), key=lambda label: label.severity),
            next((v for v in (True, False) if v in {b for _, b in stated}), None),
        )
        for media_id, stated in states.items()
    }


def expected(one: Said, other: Said) -> Counter[Fact]:
    """The difference, the obvious way."""
    facts: list[Fact] = [("added", *s[:2], other[s][0]) for s in other.keys() - one.keys()]
    facts += [("withdrawn", *s[:2], one[s][0]) for s in one.keys() - other.keys()]
    before, after = consolidated(one), consolidated(other)
    moves = {(one[s][0], other[s][0]) for s in one.keys() & other.keys()}
    moves = {(a, b) for a, b in moves if a != b}
    for a, b in moves:
        if a in after:
            facts.append(("regrouped", a, b) if b in before else ("separated", b, a))
        else:
            facts.append(("merged", a, b) if b in before else ("replaced", a, b))
    moved_from, moved_to = {a for a, _ in moves}, {b for _, b in moves}
    facts += [("appeared", m) for m in after.keys() - before.keys() - moved_to]
    facts += [("vanished", m) for m in before.keys() - after.keys() - moved_from]
    for media in before.keys() & after.keys():
        for name, was, now in zip(("label", "baseline"), before[media], after[media], strict=True):
            if was is not now:
                facts.append((name, media, was, now))
    return Counter(facts)


def fact(change: Change) -> Fact:
    what = change.what.value
    if change.source is not None:
        return (what, change.source, change.record_key, change.media_id)
    if change.other_media_id is not None:
        return (what, change.media_id, change.other_media_id)
    if what in ("label", "baseline"):
        return (what, change.media_id, change.before, change.after)
    return (what, change.media_id)


@settings(max_examples=30)
@given(history=HISTORIES)
def test_a_diff_is_the_difference_of_two_views(history: list[Act]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        diffs_are_differences(open_database(Path(folder) / "a.db", create=True), history)


@settings(max_examples=3, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=HISTORIES)
def test_diffs_of_both_backends(open_new: Callable[..., Database], history: list[Act]) -> None:
    diffs_are_differences(open_new(), history)


def diffs_are_differences(opened: Database, history: list[Act]) -> None:
    with opened as db:
        for act in history:
            act(db)
        known = [*db.stats().by_source]
        for source in (None, *known[:1]):
            then = []
            for revision in range(db.revision + 1):
                with db.snapshot(as_of=revision) as view:
                    then.append(said(view, source))
            for earlier in range(len(then)):
                for later in range(earlier, len(then)):
                    with db.diff(earlier, later, source=source) as diff:
                        found = Counter(map(fact, diff))
                    assert found == expected(then[earlier], then[later])
                    totals = Counter(str(one[0]) for one in found.elements())
                    assert {k: n for k, n in diff.counts.changes.items() if n} == totals


def told(db: Database, earlier: int, later: int, source: str | None = None) -> list[Change]:
    with db.diff(earlier, later, source=source) as diff:
        return list(diff)


def test_what_is_told_of_statements(db: Database) -> None:
    first, second, third = SOURCES
    db.import_records([record("a"), record("b", of=digests(md5=2))], source=first)
    db.import_records([record("a", label=Label.CGI)], source=first)
    db.import_records([], source=first, complete=True)
    db.import_records([record("c", opinion={"baseline": True})], source=second)
    db.withdraw(source=second, record_key="c")
    changes = told(db, 1, 2)
    assert [(c.what, c.record_key, c.label, c.revision, c.reason) for c in changes[:2]] == [
        (ChangeKind.ADDED, "a", Label.CGI, 2, None),
        (ChangeKind.WITHDRAWN, "a", Label.CSAM, 2, "superseded"),
    ]
    assert changes[0].digests == digests(md5=1, sha1=1)
    assert (changes[2].what, changes[2].before, changes[2].after) == (
        ChangeKind.LABEL,
        Label.CSAM,
        Label.CGI,
    )
    with db.diff(2, 4) as diff:
        list(diff)
    assert diff.to_dict() == {
        "from": 2,
        "to": 4,
        "source": None,
        "changes": {
            **dict.fromkeys([kind.value for kind in ChangeKind], 0),
            "added": 1,
            "withdrawn": 2,
            "appeared": 1,
            "vanished": 2,
        },
        "withdrawn_reasons": {"absent": 2},
        "by_source": {
            first: {"added": 0, "withdrawn": 2},
            second: {"added": 1, "withdrawn": 0},
        },
    }
    assert told(db, 3, 5) == []
    assert [c.reason for c in told(db, 4, 5)] == ["withdrawn", None]
    with pytest.raises(InputError, match=f"expected one of .*{first}.*, got '{third}'"):
        told(db, 0, 1, third)


def test_wrong_revisions(db: Database) -> None:
    db.import_records([record("a")], source="s")
    with pytest.raises(InputError, match="from_revision: expected at most to_revision, which is 0"):
        told(db, 1, 0)
    with pytest.raises(InputError, match=r"to_revision: expected a revision from 0 .* to 1 "):
        told(db, 0, 2)
    with pytest.raises(InputError, match=r"from_revision: .* got -1"):
        told(db, -1, 1)
    assert told(db, 1, 1) == []


def test_many_media_are_told_in_blocks(db: Database) -> None:
    db.import_records(many_records(2_500), source="s")
    db.import_records(many_records(2_100), source="s", complete=True)
    assert Counter(c.what.value for c in told(db, 0, 1)) == {"added": 2_500, "appeared": 2_500}
    assert Counter(c.what.value for c in told(db, 1, 2)) == {"withdrawn": 400, "vanished": 400}
