"""docs/registration.md and docs/policy.md state the numbers that the code has."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hashmatch.matching import MatchPolicy, adjusted, judging, widening
from hashmatch.matching.plans import Plan, standard_plan, thorough_plan


@pytest.fixture(scope="module")
def page(root: Path) -> str:
    return (root / "docs" / "registration.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("term", "bits"),
    [
        ("hidden", adjusted.HIDDEN_BITS),
        ("concentrated", adjusted.CONCENTRATED_BITS),
        ("attraction", adjusted.ATTRACTION_BITS),
        ("another orientation", adjusted.TURNED_BITS),
        ("a bar without text", adjusted.BAR_BITS),
        ("a part of the query", adjusted.PART_BITS),
        ("each halving", adjusted.ZOOM_BITS),
    ],
)
def test_terms(page: str, term: str, bits: float) -> None:
    (said,) = re.findall(rf"^\| {term}[^|]*\| ([\d.]+)", page, re.MULTILINE)
    assert float(said) == bits


@pytest.mark.parametrize(
    "name", ["registered_max_distance", "registered_review_max_distance", "near_max_distance"]
)
def test_radii(page: str, name: str) -> None:
    (said,) = re.findall(rf"`{name}` \((\d+)\)", page)
    assert int(said) == getattr(MatchPolicy(), name)


def n_placements(plan: Plan) -> int:
    """At most: of a query with as many views as passes take."""
    return sum(len(p.placements) * len(p.orientations) * p.most for p in plan.passes)


def test_bounds(page: str, root: Path) -> None:
    standard, thorough = standard_plan(), thorough_plan()
    for said in (
        f"bits (`thorough`: {thorough.coarse_max_distance})",
        f"at most {standard.most_refined} starts of a query "
        f"(`thorough`: {thorough.most_refined:,})",
        f"({standard.usual_far_in_a_million:g} in a\nmillion at `standard`, "
        f"{thorough.usual_far_in_a_million:g} at `thorough`)",
        f"the {widening.MOST_WIDE:,} nearest entries",
        f"({judging.FLAT} of it)",
        f"up to {judging.SAME_PAGE} bits and a\ncaptioned picture up to {judging.SAME_CAPTION} ",
    ):
        assert said in page
    policy = (root / "docs" / "policy.md").read_text(encoding="utf-8")
    tried = f"{n_placements(standard)} placements with every entry at level `standard` and "
    assert f"{tried}{n_placements(thorough):,} at `thorough`" in policy
