"""Decisions stay, survive what crashes, and two examiners' files become one."""

from __future__ import annotations

import csv
import io
import json
import stat
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hashmatch.errors import CatalogueCorruptError, CatalogueError, ExchangeError, InputError
from hashmatch.triage import Bonds, DecisionKind, Decisions, write_decisions
from hashmatch.triage.decision import Decision
from hashmatch.triage.decision_state import DecisionState
from hashmatch.types import Label

A, B, C, D = (letter * 64 for letter in "abcd")
START = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Clock:
    """Tells what it is set to."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def decisions(tmp_path: Path, clock: Clock) -> Decisions:
    return Decisions.open(tmp_path / "out", clock=clock)


def labels(decisions: Decisions) -> dict[str, str | None]:
    made = decisions.categories
    return {sha: one.label.value if one.label else None for sha, one in made.items()}


def test_nothing_is_written_before_something_is_decided(tmp_path: Path) -> None:
    decisions = Decisions.open(tmp_path / "out")
    assert (list(decisions), len(decisions), decisions.bonds) == ([], 0, Bonds())
    assert not (tmp_path / "out").exists()


def test_a_decision_is_there_for_later_runs(decisions: Decisions, clock: Clock) -> None:
    made = decisions.add_category(
        Label.CSAM, [B, A], examiner="E. One", note="seen", paths={A: "disk/a\udce4.jpg"}
    )
    assert (made.number, made.contents, made.at) == (1, (A, B), START)
    assert made.paths == ("disk/a\udce4.jpg", "")
    later = Decisions.open(decisions.path.parent)
    assert list(later) == [made]
    assert labels(later) == {A: "csam", B: "csam"}
    assert stat.S_IMODE(decisions.path.stat().st_mode) == 0o600
    (line,) = decisions.path.read_text("ascii").splitlines()
    assert json.loads(line)["schema"] == "hashmatch.decision/1"


def test_the_later_one_counts_and_history_stays(decisions: Decisions) -> None:
    decisions.add_category(Label.CSAM, [A, B], examiner="E")
    decisions.add_category(Label.NON_PERTINENT, [A], examiner="F")
    assert labels(decisions) == {A: "non_pertinent", B: "csam"}
    decisions.withdraw(2, examiner="E")
    assert labels(decisions) == {A: "csam", B: "csam"}
    decisions.withdraw(3, examiner="E")  # the withdrawal itself
    assert labels(decisions) == {A: "non_pertinent", B: "csam"}
    assert [one.number for one in decisions] == [1, 2, 3, 4]


def test_a_clock_that_was_set_back_changes_no_order(decisions: Decisions, clock: Clock) -> None:
    decisions.add_category(Label.CSAM, [A], examiner="E")
    clock.now = START - timedelta(days=400)
    decisions.add_category(Label.CGI, [A], examiner="E")
    assert labels(decisions) == {A: "cgi"}


def test_bonds_do_not_contradict_each_other(decisions: Decisions) -> None:
    decisions.add_same([A, B, C], examiner="E")
    assert decisions.bonds == Bonds(same=((A, B), (A, C)))
    apart = decisions.add_not_same([A, B], examiner="E")
    # The three can't be together any more, and A and C still can.
    assert decisions.bonds == Bonds(same=((A, C),), apart=((A, B),))
    decisions.add_same([B, C], examiner="E")
    assert decisions.bonds.apart == ((A, B),)
    assert (B, C) in decisions.bonds.same
    assert decisions.state.counts(apart)


def test_what_a_later_one_leaves_nothing_of_is_outdated(decisions: Decisions) -> None:
    first = decisions.add_not_same([A, B], examiner="E")
    decisions.add_same([A, B], examiner="E")
    assert decisions.bonds == Bonds(same=((A, B),))
    assert not decisions.state.counts(first)


WRONG: list[Callable[[Decisions], object]] = [
    lambda d: d.add_same([A], examiner="E"),
    lambda d: d.add_same([A, A.upper()], examiner="E"),
    lambda d: d.add_not_same([A, B, C], examiner="E"),
    lambda d: d.add_category(Label.CSAM, [], examiner="E"),
    lambda d: d.add_category(Label.CSAM, ["xyz"], examiner="E"),
    lambda d: d.add_category(Label.CSAM, [A[:-1]], examiner="E"),
    lambda d: d.add_category(Label.CSAM, [A], examiner="  "),
    lambda d: d.add_category(Label.CSAM, [A], examiner="E", note="x" * 5000),
    lambda d: d.withdraw(1, examiner="E"),
]


@pytest.mark.parametrize("wrong", WRONG)
def test_wrong_decisions_are_refused(decisions: Decisions, wrong: Any) -> None:
    with pytest.raises(InputError):
        wrong(decisions)
    assert not decisions.path.exists() or decisions.path.stat().st_size == 0
    assert len(decisions) == 0


@pytest.mark.parametrize("kept", [1, 40, -2])
def test_a_torn_last_line_is_cut_off(decisions: Decisions, kept: int) -> None:
    first = decisions.add_category(Label.CSAM, [A], examiner="E")
    whole = decisions.path.read_bytes()
    decisions.add_category(Label.CGI, [A], examiner="E")
    torn = decisions.path.read_bytes()[len(whole) :][:kept]
    decisions.path.write_bytes(whole + torn)
    with pytest.warns(UserWarning, match="not written to its end"):
        later = Decisions.open(decisions.path.parent)
    assert list(later) == [first]
    assert decisions.path.read_bytes() == whole + torn  # reading changes nothing
    second = later.add_category(Label.COMPARISON, [B], examiner="E")
    assert list(Decisions.open(decisions.path.parent)) == [first, second]


def test_only_the_newline_is_missing(decisions: Decisions) -> None:
    first = decisions.add_category(Label.CSAM, [A], examiner="E")
    decisions.path.write_bytes(decisions.path.read_bytes().removesuffix(b"\n"))
    later = Decisions.open(decisions.path.parent)
    assert list(later) == [first]
    second = later.add_category(Label.CGI, [B], examiner="E")
    third = later.add_category(Label.CGI, [C], examiner="E")
    assert list(Decisions.open(decisions.path.parent)) == [first, second, third]


@pytest.mark.parametrize(
    "line",
    [
        b"{}",
        b"[]",
        b"nothing",
        b'{"schema": "hashmatch.decision/2", "number": 1}',
        b'{"schema":"hashmatch.decision/1","number":2,"kind":"same","at":"2026-03-01T12:00:00Z",'
        b'"examiner":"E","contents":["' + A.encode() + b'","' + B.encode() + b'"]}',
    ],
)
def test_any_other_damage_is_an_error(tmp_path: Path, line: bytes) -> None:
    (tmp_path / "decisions.jsonl").write_bytes(line + b"\n")
    with pytest.raises(CatalogueCorruptError, match="line 1"):
        Decisions.open(tmp_path)


def test_two_that_are_open_see_each_other(tmp_path: Path) -> None:
    one, other = Decisions.open(tmp_path), Decisions.open(tmp_path)
    one.add_category(Label.CSAM, [A], examiner="E")
    assert other.add_category(Label.CGI, [B], examiner="F").number == 2
    one.read()
    assert labels(one) == labels(other) == {A: "csam", B: "cgi"}


def test_a_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_bytes(b"")
    (tmp_path / "decisions.jsonl").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(CatalogueError, match="decisions"):
        Decisions.open(tmp_path)


def test_merging_both_ways_gives_one_state(tmp_path: Path, clock: Clock) -> None:
    mine = Decisions.open(tmp_path / "mine", clock=clock)
    theirs = Decisions.open(tmp_path / "theirs", clock=clock)
    mine.add_category(Label.CSAM, [A], examiner="E")
    theirs.add_category(Label.CGI, [B], examiner="F")
    clock.now += timedelta(minutes=1)
    theirs.add_category(Label.COMPARISON, [A], examiner="F")
    theirs.withdraw(1, examiner="F")
    done = mine.merge(theirs.path)
    assert (done.added, done.there) == (3, 0)
    assert [(one.number, one.examiner) for one in mine] == [(1, "E"), (2, "F"), (3, "F"), (4, "F")]
    assert theirs.merge(mine.path).added == 1
    assert labels(mine) == labels(theirs) == {A: "comparison"}
    assert mine.merge(theirs.path).added == 0
    assert len(mine) == len(theirs) == 4


def test_decisions_of_the_future_are_not_merged(tmp_path: Path, clock: Clock) -> None:
    theirs = Decisions.open(tmp_path / "theirs", clock=lambda: START + timedelta(days=300))
    theirs.add_category(Label.CSAM, [A], examiner="F")
    mine = Decisions.open(tmp_path / "mine", clock=clock)
    with pytest.raises(InputError, match="decision 1"):
        mine.merge(theirs.path)
    with pytest.raises(CatalogueError, match="no such"):
        mine.merge(tmp_path / "nowhere.jsonl")
    assert len(mine) == 0


def test_exported_and_taken_over(decisions: Decisions, tmp_path: Path) -> None:
    decisions.add_same([A, B], examiner="E", paths={A: "=1+1", B: "b\udce4"})
    decisions.add_category(Label.CSAM, [A, C], examiner="E", note="first")
    decisions.add_category(Label.CGI, [A], examiner="E")
    assert write_decisions(decisions, tmp_path / "all.jsonl") == 3
    other = Decisions.open(tmp_path / "other")
    other.merge(tmp_path / "all.jsonl")
    assert list(other) == list(decisions)
    write_decisions(decisions, tmp_path / "all.csv")
    text = (tmp_path / "all.csv").read_text("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [(row["decision"], row["sha256"][:1], row["holds"]) for row in rows] == [
        ("1", "a", "yes"),
        ("1", "b", "yes"),
        ("2", "a", "no"),
        ("2", "c", "yes"),
        ("3", "a", "yes"),
    ]
    assert (rows[0]["path"], rows[1]["path"]) == ("'=1+1", "b\\xe4")
    assert bytes.fromhex(rows[1]["path_hex"]) == b"b\xe4"
    with pytest.raises(ExchangeError):
        write_decisions(decisions, tmp_path / "all.csv")
    with pytest.raises(InputError, match=r"\.jsonl or \.csv"):
        write_decisions(decisions, tmp_path / "all.txt")


@st.composite
def histories(draw: st.DrawFn) -> list[Decision]:
    made: list[Decision] = []
    for number in range(1, draw(st.integers(1, 12)) + 1):
        kinds = [DecisionKind.SAME, DecisionKind.NOT_SAME, DecisionKind.CATEGORY]
        kind = draw(st.sampled_from([*kinds, DecisionKind.WITHDRAW] if made else kinds))
        least = {DecisionKind.CATEGORY: 1, DecisionKind.WITHDRAW: 0}.get(kind, 2)
        most = 2 if kind is DecisionKind.NOT_SAME else 4 * (least > 0)
        chosen = draw(st.sets(st.sampled_from([A, B, C, D]), min_size=least, max_size=most))
        is_category = kind is DecisionKind.CATEGORY
        is_withdrawal = kind is DecisionKind.WITHDRAW
        made.append(
            Decision(
                number=number,
                kind=kind,
                at=START + timedelta(seconds=number),
                examiner="E",
                contents=tuple(sorted(chosen)),
                label=draw(st.sampled_from(list(Label))) if is_category else None,
                withdraws=draw(st.sampled_from(made)).id if is_withdrawal else None,
            )
        )
    return made


@given(histories(), st.randoms())
def test_any_history_has_one_state_without_contradiction(made: list[Decision], rng: Any) -> None:
    state = DecisionState.of(made)
    mixed = list(made)
    rng.shuffle(mixed)
    assert DecisionState.of(mixed) == state
    group = {letter: letter for letter in (A, B, C, D)}
    for first, second in state.bonds.same:
        old, new = group[second], group[first]
        group = {letter: new if name == old else name for letter, name in group.items()}
    assert all(group[first] != group[second] for first, second in state.bonds.apart)
    holding = [one for one in made if one.id not in state.withdrawn]
    for sha256, decision in state.categories.items():
        of_it = [d for d in holding if d.label is not None and sha256 in d.contents]
        assert decision is max(of_it, key=lambda one: one.at)
