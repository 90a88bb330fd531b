"""Pictures with known edits: the placement that registration finds is the one that was made."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from known_media import record
from numpy.typing import NDArray
from PIL import Image
from registration.edits import cropped, framed, texture, turned, turned_cut

from hashmatch.database import Database, open_database
from hashmatch.fingerprinting import examine_image, hash_image
from hashmatch.index import HammingIndex
from hashmatch.matching import Checker, CheckStatus, Level, Match, MatchPolicy
from hashmatch.matching.adjusted import adjusted_distance
from hashmatch.matching.plans import Pass, Plan, standard_plan
from hashmatch.matching.registration import Registered, register

Pixels = NDArray[np.uint8]
Edges = tuple[float, float, float, float, float]

KNOWN = [texture(seed) for seed in range(12)]
HASHES = [hash_image(picture).hashes["pdq"] for picture in KNOWN]
CUT = turned_cut(KNOWN[0], 3)


def rot90(picture: Pixels) -> Pixels:
    return np.ascontiguousarray(np.rot90(picture))


def rot270(picture: Pixels) -> Pixels:
    return np.ascontiguousarray(np.rot90(picture, -1))


def mirrored(picture: Pixels) -> Pixels:
    return np.ascontiguousarray(picture[:, ::-1])


EDITS: dict[str, tuple[Callable[[Pixels], Pixels], Edges]] = {
    "cut": (lambda p: cropped(p, 0.06, 0.1, 0.03, 0.08), (0.06, 0.1, 0.03, 0.08, 0)),
    "cut at the left": (lambda p: cropped(p, 0.14, 0, 0, 0), (0.14, 0, 0, 0, 0)),
    "cut at the bottom": (lambda p: cropped(p, 0, 0, 0, 0.12), (0, 0, 0, 0.12, 0)),
    "turned left": (lambda p: turned(p, 3), (CUT, CUT, CUT, CUT, 3)),
    "turned right": (lambda p: turned(p, -3), (CUT, CUT, CUT, CUT, -3)),
}


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    path = tmp_path_factory.mktemp("known") / "a.db"
    with open_database(path, create=True, actor="tester") as db:
        db.import_records([record(str(n), None, h) for n, h in enumerate(HASHES)], source="A")
        yield db


def only_match(checker: Checker, picture: Pixels, number: int) -> Match:
    result = checker.check(picture)
    assert result.status is CheckStatus.MATCH
    (match,) = result.matches
    assert match.stored_value == HASHES[number].hex
    assert match.adjusted_distance is not None
    assert match.adjusted_distance <= match.threshold == checker.policy.registered_max_distance
    return match


def assert_placed(match: Match, expected: Edges) -> None:
    at = match.placement
    assert at is not None
    for made, true in zip((at.left, at.right, at.top, at.bottom), expected, strict=False):
        assert made == pytest.approx(true, abs=0.015)
    assert at.angle == pytest.approx(expected[4], abs=1)


@pytest.mark.parametrize("edit", EDITS)
@pytest.mark.parametrize("number", [0, 7])
def test_standard_finds_where_it_lies(known: Database, edit: str, number: int) -> None:
    change, expected = EDITS[edit]
    match = only_match(Checker(known), change(KNOWN[number]), number)
    assert_placed(match, expected)
    assert match.refined_from is not None
    assert match.distance <= match.refined_from <= standard_plan().coarse_max_distance
    assert (match.placement and match.placement.view) == "whole"
    assert match.variant == "original"


@pytest.mark.parametrize(
    ("change", "variant", "expected", "words"),
    [
        (mirrored, "flip_y", (0.1, 0, 0.05, 0, 0), "mirrored"),
        (rot90, "rotate270", (0.1, 0, 0.05, 0, 0), "turned by a quarter to the left"),
        (rot270, "rotate90", (0.1, 0, 0.05, 0, 0), "turned by a quarter to the right"),
    ],
)
def test_thorough_finds_mirrored_and_quarter_turned_parts(
    known: Database,
    change: Callable[[Pixels], Pixels],
    variant: str,
    expected: Edges,
    words: str,
) -> None:
    """The edges are the known picture's: what was cut from its left is cut from the left, though
    the query shows that side at its right."""
    query = change(cropped(KNOWN[3], *expected[:4]))
    match = only_match(Checker(known, MatchPolicy(level=Level.THOROUGH)), query, 3)
    assert_placed(match, expected)
    assert match.variant == variant
    assert match.placement is not None
    assert match.placement.orientation == variant
    said = match.placement.describe()
    assert "cut from the left" in said
    assert "cut from the top" in said
    assert "cut from the right" not in said.replace("0.5 % cut from the right", "")
    assert words in said
    assert Checker(known).check(query).status is CheckStatus.NO_MATCH  # it says what it costs


def test_mirrored_and_turned(known: Database) -> None:
    """The angle is that of the picture before it was mirrored."""
    query = mirrored(turned(KNOWN[4], 4))
    match = only_match(Checker(known, MatchPolicy(level=Level.THOROUGH)), query, 4)
    cut = turned_cut(KNOWN[4], 4)
    assert_placed(match, (cut, cut, cut, cut, 4))
    assert match.placement is not None
    assert "to the left" in match.placement.describe()


@pytest.mark.parametrize(
    ("edit", "said", "unsaid"),
    [
        ("cut at the left", "cut from the left", "cut from the bottom"),
        ("cut at the bottom", "cut from the bottom", "cut from the left"),
        ("turned left", "degrees to the left", "to the right"),
        ("turned right", "degrees to the right", "to the left"),
    ],
)
def test_words(known: Database, edit: str, said: str, unsaid: str) -> None:
    match = only_match(Checker(known), EDITS[edit][0](KNOWN[0]), 0)
    assert match.placement is not None
    words = match.placement.describe()
    assert said in words
    assert unsaid not in words


def whole_only(picture: Pixels, number: int) -> Registered:
    """What registration makes of the whole query, without the views within it."""
    views = examine_image(picture, dihedral=True, views="trims").views[:1]
    index = HammingIndex(bits=256)
    index.add(np.stack([np.frombuffer(value.value, np.uint8) for value in HASHES]))
    found = register(views, {0}, index, standard_plan(), 10**9).found
    assert found[0].hash_id == number
    return found[0]


@pytest.mark.parametrize("sides", [(0.05, 0.05, 0.06, 0.05), (0.0, 0.06, 0.03, 0.0)])
def test_a_border_that_no_trim_found(sides: tuple[float, float, float, float]) -> None:
    one = whole_only(framed(KNOWN[2], *sides), 2)
    assert one.distance <= 31
    for made, true in zip(one.placement, sides, strict=False):
        assert made == pytest.approx(-true, abs=0.015)
    assert one.hidden < 0.02


def test_what_the_numbers_are() -> None:
    one = whole_only(cropped(KNOWN[1], 0.1, 0.04, 0.06, 0.1), 1)
    assert one.stored == HASHES[1].value
    apart = int.from_bytes(one.stored, "big") ^ int.from_bytes(one.query, "big")
    assert one.distance == apart.bit_count()
    assert one.hidden == pytest.approx(1 - 0.86 * 0.84, abs=0.03)
    assert one.concentration < 0.16
    assert one.adjusted == pytest.approx(one.weighted + 11.5 * one.hidden, abs=1e-6)


def test_views_that_are_not_usable_are_not_used() -> None:
    views = examine_image(cropped(KNOWN[1], 0.1, 0.04, 0.06, 0.1), views="trims").views
    index = HammingIndex(bits=256)
    index.add(np.frombuffer(HASHES[1].value, np.uint8)[None])
    plan = standard_plan()
    assert register(views, {0}, index, plan, 10**9).found
    for nothing in (
        register(views, set(), index, plan, 10**9),
        register((), {0}, index, plan, 10**9),
    ):
        assert (nothing.found, nothing.n_placements, nothing.n_comparisons) == ((), 0, 0)
    empty = register(views, {0}, HammingIndex(bits=256), plan, 10**9)
    assert (empty.found, empty.n_comparisons, empty.gates) == ((), 0, ())
    only_whole = replace(plan, passes=plan.passes[1:])  # what is within borders alone
    assert register(views[:1], {0}, index, only_whole, 10**9).n_placements == 0


def test_photographs(known: Database, corpus: Path, tmp_path: Path) -> None:
    edits: dict[str, tuple[Callable[[Pixels], Pixels], Edges]] = {
        "cut": (lambda p: cropped(p, 0.05, 0.1, 0.07, 0.02), (0.05, 0.1, 0.07, 0.02, 0)),
        "turned": (lambda p: turned(p, 2.5), (0.0, 0.0, 0.0, 0.0, 2.5)),
    }
    files = sorted((corpus / "photos").glob("*.jpg"))[:60:15]
    assert len(files) == 4
    pictures = [np.asarray(Image.open(file).convert("RGB")) for file in files]
    with open_database(tmp_path / "b.db", create=True, actor="tester") as db:
        values = [hash_image(picture).hashes["pdq"] for picture in pictures]
        db.import_records([record(str(n), None, v) for n, v in enumerate(values)], source="A")
        checker = Checker(db)
        for picture, value in zip(pictures, values, strict=True):
            for change, expected in edits.values():
                (match, *others) = checker.check(change(picture)).matches
                assert (match.stored_value, match.status, others) == (
                    value.hex,
                    CheckStatus.MATCH,
                    [],
                )
                cut = turned_cut(picture, expected[4])
                if match.placement is not None:  # else it was near enough as it is
                    left, right, top, bottom, angle = expected
                    edges = (left + cut, right + cut, top + cut, bottom + cut)
                    assert_placed(match, (*edges, angle))


def index_of(*values: bytes) -> HammingIndex:
    index = HammingIndex(bits=256)
    index.add(np.stack([np.frombuffer(value, np.uint8) for value in values]))
    return index


def trials_of(one: Registered) -> float:
    """What the adjusted distance has beyond the weighted one, hiding and concentration."""
    return one.adjusted - adjusted_distance(one.weighted, one.hidden, one.concentration)


@pytest.mark.parametrize(("orientation", "bits"), [(0, 0.0), (5, 3.0)])
def test_what_another_orientation_costs(orientation: int, bits: float) -> None:
    query = cropped(KNOWN[1], 0.07, 0.07, 0.0, 0.0)
    query = mirrored(query) if orientation else query
    view = examine_image(query, views="trims").views[0]
    start = np.array([[0.07, 0.07, 0.0, 0.0, 0.0]], np.float32)
    plan = Plan((Pass(("whole",), start, (orientation,)),))
    (one,) = register([view], {0}, index_of(HASHES[1].value), plan, 10**9).found
    assert one.orientation == orientation
    assert trials_of(one) == pytest.approx(bits, abs=1e-6)


@pytest.mark.parametrize(
    ("kind", "captioned", "bits"), [("border", False, 0.0), ("bar", False, 3.0), ("bar", True, 0.0)]
)
def test_what_leaving_out_a_bar_costs(kind: str, captioned: bool, bits: float) -> None:
    whole = examine_image(cropped(KNOWN[1], 0.07, 0.07, 0.0, 0.0), views="trims").views[0]
    view = replace(whole, kind=kind, uncaptioned=HASHES[2] if captioned else None)
    start = np.array([[0.07, 0.07, 0.0, 0.0, 0.0]], np.float32)
    plan = Plan((Pass((kind,), start),))
    (one,) = register([whole, view], {0, 1}, index_of(HASHES[1].value), plan, 10**9).found
    assert one.view == 1
    assert trials_of(one) == pytest.approx(bits, abs=0.1)  # an edge may end a little outside


@pytest.mark.parametrize(
    ("around", "bits"), [(0.1, 17.63), (0.2, 19.85), (0.4, 23.48), (0.65, None)]
)
def test_what_a_part_of_the_query_costs(around: float, bits: float | None) -> None:
    """15 bits, and 5 for each halving of the area; below a fifth of it nothing is a candidate."""
    query = framed(KNOWN[1], around, around, around, around)
    view = examine_image(query, views="trims").views[0]
    start = np.array([[-around] * 4 + [0.0]], np.float32)
    known = index_of(HASHES[1].value)
    (one,) = register(
        [view], {0}, known, Plan((Pass(("whole",), start, continued=False),)), 9
    ).found
    assert one.distance <= 20
    if bits is None:
        assert one.adjusted == float("inf")
    else:
        assert trials_of(one) == pytest.approx(bits, abs=0.3)
    if around > 0.1:
        return
    # The same as a border is what was added to the picture, and no choice among parts.
    (border,) = register([view], {0}, known, Plan((Pass(("whole",), start),)), 9).found
    assert trials_of(border) == pytest.approx(0, abs=1e-6)
