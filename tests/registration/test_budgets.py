"""What registration may cost, what says so where it was cut, and that nothing but the query and the
entries counts."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from known_media import flipped, record
from numpy.typing import NDArray
from registration.edits import cropped, texture

from hashmatch import _native, cpu
from hashmatch.database import Database
from hashmatch.fingerprinting import examine_image, hash_image
from hashmatch.index import HammingIndex
from hashmatch.matching import Checker, CheckStatus, Level, MatchPolicy
from hashmatch.matching.adjusted import FAR
from hashmatch.matching.plans import Plan, standard_plan, thorough_plan
from hashmatch.matching.registration import Registered, Registration, register
from hashmatch.matching.widening import plan_of

MUCH = 10**12
PICTURE = texture(21)
QUERY = cropped(PICTURE, 0.06, 0.02, 0.04, 0.05)
VIEWS = examine_image(QUERY, views="trims").views[:1]
PDQ = hash_image(PICTURE).hashes["pdq"]
STANDARD = standard_plan()
FEW = Plan((replace(STANDARD.passes[0], placements=STANDARD.passes[0].placements[::11].copy()),))


def rows_of(n: int) -> NDArray[np.uint8]:
    """Hashes that are all near the picture's, and no two alike."""
    rng = np.random.default_rng(3)
    stored = np.frombuffer(PDQ.value, np.uint8)[None].repeat(n, 0)
    masks = np.zeros((n, 256), np.uint8)
    for k in range(n):
        masks[k, rng.choice(256, 3 + k % 17, replace=False)] = 1
    made: NDArray[np.uint8] = stored ^ np.packbits(masks, axis=1)
    assert len(np.unique(made, axis=0)) == n
    return made


def index_of(rows: NDArray[np.uint8], ids: NDArray[np.int64] | None = None) -> HammingIndex:
    index = HammingIndex(bits=256)
    index.add(rows, np.arange(len(rows)) if ids is None else ids)
    return index


def searched(index: HammingIndex, plan: Plan = FEW, most: int = MUCH) -> Registration:
    return register(VIEWS, {0}, index, plan, most)


def without_id(one: Registered) -> Registered:
    return replace(one, hash_id=0)


@pytest.mark.parametrize("n", [1, 5, 40])
def test_comparisons_are_placements_times_entries(n: int) -> None:
    made = searched(index_of(rows_of(n)))
    assert made.n_placements == len(FEW.passes[0].placements)
    assert made.n_comparisons == made.n_placements * n
    assert made.n_candidates == n
    assert made.gates == ()


@pytest.mark.parametrize("plan", [standard_plan(), thorough_plan()])
def test_a_plan_costs_the_same_for_every_query(plan: Plan) -> None:
    """Of one view: its passes' placements in each orientation; far entries are no candidates."""
    far = np.random.default_rng(1).integers(0, 256, (1, 32), dtype=np.uint8)
    expected = sum(
        len(step.placements) * len(step.orientations)
        for step in plan.passes
        if "whole" in step.kinds
    )
    for picture in (QUERY, texture(33, 80, 60)):
        views = examine_image(picture, views="trims").views[:1]
        made = register(views, {0}, index_of(far), plan, MUCH)
        assert (made.n_placements, made.n_comparisons) == (expected, expected)
        assert made.found == ()


@pytest.mark.parametrize("most", [0, 39, 40, 200, 419, 10**6])
def test_a_budget_cuts_and_says_so(most: int) -> None:
    made = searched(index_of(rows_of(40)), most=most)
    wanted = len(FEW.passes[0].placements)
    tried = min(wanted, most // 40)
    assert made.n_comparisons == tried * 40 <= most
    assert made.n_placements == tried
    cut = f"budget: {tried} of {wanted} placements were tried"
    assert made.gates == (() if tried == wanted else (cut,))
    assert len(made.found) <= 40
    if tried == wanted:
        assert len(made.found) == 40


def test_a_check_says_that_its_budget_was_reached(db: Database) -> None:
    far = flipped(PDQ, 90)
    db.import_records([record("1", None, PDQ), record("2", None, far)], source="A")
    for level in (Level.STANDARD, Level.THOROUGH):
        cut = Checker(db, MatchPolicy(level=level, max_comparisons=21)).check(QUERY)
        assert any(gate.startswith("budget: 10 of ") for gate in cut.gates)
        none = Checker(db, MatchPolicy(level=level, max_comparisons=0)).check(QUERY)
        assert none.n_comparisons == 2 * none.n_variants
        assert cut.n_comparisons == none.n_comparisons + 20
    whole = Checker(db).check(QUERY)
    assert whole.status is CheckStatus.MATCH
    assert not any("budget" in gate for gate in whole.gates)


def test_what_settles_a_check_costs_no_registration(db: Database) -> None:
    """A digest, or a plain match: the comparisons are those of the variants."""
    db.import_records([record("1", None, PDQ)], source="A")
    plain = Checker(db).check(PICTURE)
    assert plain.status is CheckStatus.MATCH
    assert plain.matches[0].placement is None
    assert plain.n_comparisons == plain.n_variants * plain.n_entries
    placed = Checker(db).check(QUERY)
    assert placed.n_comparisons > placed.n_variants * placed.n_entries
    fast = Checker(db, MatchPolicy(level=Level.FAST)).check(QUERY)
    assert (fast.status, fast.n_comparisons) == (CheckStatus.NO_MATCH, fast.n_variants)


def test_a_crowd_is_refined_in_part() -> None:
    """A query made to be near everything costs no more than so many refinements, of the nearest."""
    index, plan = index_of(rows_of(60)), replace(FEW, starts=1)
    everything = searched(index, plan)
    assert (len(everything.found), everything.gates) == (60, ())
    made = searched(index, replace(plan, most_refined=16))
    assert made.gates == ("the nearest 16 of 60 starts were refined",)
    assert (made.n_candidates, len(made.found)) == (60, 16)
    kept = {one.hash_id for one in made.found}
    left_out = [one.coarse for one in everything.found if one.hash_id not in kept]
    assert max(one.coarse for one in made.found) <= min(left_out)


def test_the_bounds_of_refinements_are_small() -> None:
    assert (standard_plan().most_refined, thorough_plan().most_refined) == (384, 1024)


@pytest.mark.parametrize("most", [1024, 16])
def test_the_order_of_the_entries_does_not_count(most: int) -> None:
    plan = replace(FEW, most_refined=most)
    rows = rows_of(40)
    order = np.random.default_rng(9).permutation(40)
    made = searched(index_of(rows), plan)
    shuffled = searched(index_of(rows[order], order), plan)
    assert shuffled == made
    renamed = searched(index_of(rows[order]), plan)  # other ids
    assert [without_id(one) for one in renamed.found] == [without_id(one) for one in made.found]
    pieces = HammingIndex(bits=256)
    for row, number in zip(rows[order], order, strict=True):
        pieces.add(row[None], np.array([number]))
    assert searched(pieces, plan) == made


def test_every_instruction_set_and_thread_gives_the_same() -> None:
    index = index_of(rows_of(6))
    expected = searched(index)
    assert len(expected.found) == 6
    for name in cpu.available_isas():
        with cpu.using_isa(name):
            assert searched(index) == expected
    with ThreadPoolExecutor(4) as pool:
        assert all(made == expected for made in pool.map(lambda _: searched(index), range(8)))


def test_one_answer_for_an_entry_the_nearest() -> None:
    """Of two starts; and it is in the order of the adjusted distance."""
    rows = rows_of(30)
    two = searched(index_of(rows)).found
    one = searched(index_of(rows), replace(FEW, starts=1)).found
    assert sorted(r.hash_id for r in two) == sorted(r.hash_id for r in one) == list(range(30))
    single = {r.hash_id: r.adjusted for r in one}
    assert all(r.adjusted <= single[r.hash_id] for r in two)
    assert any(r.adjusted < single[r.hash_id] for r in two)
    assert [r.adjusted for r in two] == sorted(r.adjusted for r in two)


def test_ties_at_the_bound_do_not_depend_on_ids() -> None:
    """Entries that are all as near: which of them are refined is decided by their hashes."""
    nowhere = np.zeros((1, 5), np.float32)
    plan = Plan((replace(FEW.passes[0], placements=nowhere),), most_refined=8)
    query = _native.RegistrationQuery(VIEWS[0].compact, VIEWS[0].aspect, (0.0, 0.0, 1.0, 1.0), True)
    rng = np.random.default_rng(4)
    masks = np.zeros((30, 256), np.uint8)
    for mask in masks:
        mask[rng.choice(256, 20, replace=False)] = 1
    rows = query.hashes(nowhere, 0) ^ np.packbits(masks, axis=1)
    order = rng.permutation(30)
    made, renamed = (searched(index_of(each), plan).found for each in (rows, rows[order]))
    assert [one.coarse for one in made] == [20] * 8
    assert [without_id(one) for one in made] == [without_id(one) for one in renamed]


def test_entries_of_one_hash_are_one_candidate() -> None:
    """They share what it costs and what it gives, but not the bound."""
    rows = rows_of(6)
    alone = searched(index_of(rows))
    many = searched(index_of(rows.repeat(5, 0)), replace(FEW, most_refined=2 * 6))
    assert (many.n_candidates, many.gates) == (6, ())
    assert [(one.hash_id, one.adjusted) for one in many.found] == [
        (5 * one.hash_id + k, one.adjusted) for one in alone.found for k in range(5)
    ]
    assert many.n_comparisons == 5 * alone.n_comparisons


@pytest.mark.parametrize("level", [Level.STANDARD, Level.THOROUGH])
def test_a_policy_without_orientations_tries_the_querys_own_alone(level: Level) -> None:
    every, upright = (
        plan_of(MatchPolicy(level=level, orientations=asked)) for asked in (True, False)
    )
    assert {step.orientations for step in upright.passes} == {(0,)}
    assert replace(upright, passes=()) == replace(every, passes=())
    for step, other in zip(upright.passes, every.passes, strict=True):
        assert np.array_equal(step.placements, other.placements)
        assert (step.kinds, step.most) == (other.kinds, other.most)
    more = sum(len(step.placements) * (len(step.orientations) - 1) for step in every.passes)
    assert bool(more) is (level is Level.THOROUGH)


def test_near_grids_come_first() -> None:
    """A budget cuts the placements that are farthest from the query as it is."""
    made = searched(index_of(rows_of(1)), standard_plan(), most=20).found
    assert made[0].distance <= 31


def test_a_query_that_attracts_pays_for_it() -> None:
    """Many that come near without being near make the one that is near worth less."""
    known = np.frombuffer(PDQ.value, np.uint8)[None]
    rng = np.random.default_rng(8)
    masks = np.zeros((60, 256), np.uint8)
    for mask in masks:
        mask[rng.choice(256, 76, replace=False)] = 1
    crowd = index_of(np.concatenate([known, known ^ np.packbits(masks, axis=1)]))
    plan = replace(
        FEW,
        coarse_max_distance=110,
        prefilter_distance=64,
        hopeless=(256, 256, 256),
        usual_far_in_a_million=0.0,
    )
    (alone,) = searched(index_of(known), plan).found
    crowded = searched(crowd, plan)
    assert (crowded.n_candidates, len(crowded.found)) == (61, 61)
    far = sum(one.adjusted - crowded.attraction > FAR for one in crowded.found)
    assert far > 20
    assert crowded.attraction == pytest.approx(1.5 * np.log2((far + 4) / 4))
    (near,) = (one for one in crowded.found if one.hash_id == 0)
    assert near == replace(alone, adjusted=alone.adjusted + crowded.attraction)
    # As many as queries usually have cost nothing; those that were not refined count too.
    assert searched(crowd, replace(plan, usual_far_in_a_million=1e6)).attraction == 0
    part = searched(crowd, replace(plan, most_refined=40))
    assert len(part.found) < 61
    assert part.attraction == pytest.approx(crowded.attraction, abs=1)
