"""When a registered copy is a MATCH, when only POSSIBLE, and why."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from known_media import record
from numpy.typing import NDArray
from pictures import photograph
from PIL import Image, ImageDraw
from registration.edits import cropped, texture

from hashmatch.database import Database
from hashmatch.fingerprinting import View, examine_image, hash_image
from hashmatch.matching import Checker, CheckStatus, Level, MatchPolicy
from hashmatch.matching.adjusted import adjusted_distance, attraction_bits, hidden_share
from hashmatch.matching.concentration import concentration
from hashmatch.matching.judging import (
    FLAT,
    SAME_CAPTION,
    SAME_PLACED_PAGE,
    Verdict,
    is_settled,
    judge_plain,
    judge_registered,
    own_radius,
)
from hashmatch.matching.question import Question
from hashmatch.matching.registration import Registered
from hashmatch.types import Digests, HashValue

Pixels = NDArray[np.uint8]
POLICY = MatchPolicy(registered_max_distance=56, registered_review_max_distance=61)
WHOLE = View("whole", (0, 0, 100, 80), 1.25, np.zeros((256, 256), np.uint8))
ONE = Registered(
    hash_id=7,
    stored=bytes(32),
    query=bytes(32),
    view=0,
    orientation=0,
    placement=(0.1, 0.0, 0.0, 0.0, 0.0),
    coarse=60,
    distance=30,
    weighted=28.0,
    hidden=0.1,
    concentration=0.12,
    adjusted=29.0,
    evaluations=100,
)


def asked(*views: View) -> Question:
    return Question(Digests(), views=views)


@pytest.mark.parametrize(
    ("adjusted", "status", "threshold"),
    [
        (0.0, CheckStatus.MATCH, 56),
        (56.0, CheckStatus.MATCH, 56),
        (56.1, CheckStatus.POSSIBLE, 61),
        (61.0, CheckStatus.POSSIBLE, 61),
    ],
)
def test_radii_are_inclusive(adjusted: float, status: CheckStatus, threshold: int) -> None:
    verdict = judge_registered(POLICY, asked(WHOLE), replace(ONE, adjusted=adjusted))
    assert verdict is not None
    assert (verdict.status, verdict.threshold) == (status, threshold)
    between = f"adjusted distance {adjusted:.1f} is above 56"
    assert verdict.reason == (None if status is CheckStatus.MATCH else between)


@pytest.mark.parametrize("adjusted", [61.01, 256.0, float("inf")])
def test_beyond_both_radii_is_nothing(adjusted: float) -> None:
    assert judge_registered(POLICY, asked(WHOLE), replace(ONE, adjusted=adjusted)) is None


def test_the_policys_own_radii_count() -> None:
    strict = MatchPolicy(registered_max_distance=20, registered_review_max_distance=29)
    verdict = judge_registered(strict, asked(WHOLE), ONE)
    assert verdict is not None
    assert (verdict.status, verdict.threshold) == (CheckStatus.POSSIBLE, 29)
    assert judge_registered(strict, asked(WHOLE), replace(ONE, adjusted=29.5)) is None


@pytest.mark.parametrize("flatness", [FLAT - 0.01, FLAT, 1.0])
def test_pages_are_doubted(flatness: float) -> None:
    """What registration finds on a page is its layout, unless it is as near as a recompression."""
    same = replace(ONE, weighted=0.0, adjusted=float(SAME_PLACED_PAGE))
    exact = judge_registered(POLICY, asked(replace(WHOLE, flatness=flatness)), same)
    assert exact is not None
    assert exact.status is CheckStatus.MATCH
    near = replace(same, adjusted=SAME_PLACED_PAGE + 0.1)
    verdict = judge_registered(POLICY, asked(replace(WHOLE, flatness=flatness)), near)
    assert verdict is not None
    is_page = flatness >= FLAT
    assert verdict.status is (CheckStatus.POSSIBLE if is_page else CheckStatus.MATCH)
    assert ("mostly of one tone" in (verdict.reason or "")) == is_page


def test_the_view_that_was_placed_is_judged() -> None:
    """A photograph on a page: the page is flat, what is within it is not."""
    views = (replace(WHOLE, flatness=0.9), replace(WHOLE, kind="picture"))
    inside = judge_registered(POLICY, asked(*views), replace(ONE, view=1))
    outside = judge_registered(POLICY, asked(*views), ONE)
    assert inside is not None
    assert outside is not None
    assert (inside.status, outside.status) == (CheckStatus.MATCH, CheckStatus.POSSIBLE)


def uncaptioned(bits: int) -> HashValue:
    """So many bits from ``ONE``'s stored hash."""
    return HashValue("pdq", ((1 << bits) - 1).to_bytes(32, "big"), 100)


@pytest.mark.parametrize(
    ("weighted", "whole", "status"),
    [
        (28.0, 128, CheckStatus.MATCH),  # the entry is the picture without the caption
        (28.0, 31, CheckStatus.MATCH),
        (28.0, 30, CheckStatus.POSSIBLE),  # the entry has the caption too
        (28.0, 0, CheckStatus.POSSIBLE),
        (20.0, 0, CheckStatus.MATCH),  # very near to what is within the bars
        (20.1, 22, CheckStatus.POSSIBLE),
        (39.9, 42, CheckStatus.MATCH),
        (40.0, 50, CheckStatus.POSSIBLE),  # far from both: less has to be said for the bars
        (40.0, 51, CheckStatus.MATCH),
    ],
)
def test_captioned_templates(weighted: float, whole: int, status: CheckStatus) -> None:
    """Whether the entry is nearer to what is within the bars or to the whole with its bars."""
    views = (
        WHOLE,
        replace(WHOLE, kind="bar", box=(0, 20, 100, 80), uncaptioned=uncaptioned(whole)),
    )
    assert [view.captioned for view in views] == [False, True]
    verdict = judge_registered(POLICY, asked(*views), replace(ONE, view=1, weighted=weighted))
    assert verdict is not None
    assert verdict.status is status
    assert ("captioned" in (verdict.reason or "")) == (status is CheckStatus.POSSIBLE)


def test_the_whole_of_a_captioned_query_is_doubted() -> None:
    views = (WHOLE, replace(WHOLE, kind="bar", box=(0, 20, 100, 80), uncaptioned=uncaptioned(128)))
    verdict = judge_registered(POLICY, asked(*views), replace(ONE, weighted=0.0))
    assert verdict is not None
    assert verdict.status is CheckStatus.POSSIBLE
    assert "captioned" in (verdict.reason or "")


@pytest.mark.parametrize(
    ("box", "doubted"),
    [
        ((0, 20, 100, 80), False),
        ((0, 19, 100, 80), False),  # a fiftieth of its sides beyond what is within the bars
        ((0, 18, 100, 80), True),
        ((10, 30, 60, 70), False),
        ((10, 0, 60, 70), True),
    ],
)
def test_views_without_the_bars_are_not_doubted(
    box: tuple[int, int, int, int], doubted: bool
) -> None:
    bar = replace(WHOLE, kind="bar", box=(0, 20, 100, 80), uncaptioned=uncaptioned(128))
    views = (WHOLE, bar, replace(WHOLE, kind="picture", box=box))
    verdict = judge_registered(POLICY, asked(*views), replace(ONE, view=2))
    assert verdict is not None
    assert verdict.status is (CheckStatus.POSSIBLE if doubted else CheckStatus.MATCH)


@pytest.mark.parametrize(("distance", "doubted"), [(SAME_CAPTION, False), (SAME_CAPTION + 1, True)])
def test_the_same_caption_is_the_same_picture(distance: int, doubted: bool) -> None:
    """Plain: as near as a recompressed copy is, no text differs."""
    views = (WHOLE, replace(WHOLE, kind="bar", box=(0, 20, 100, 80), uncaptioned=uncaptioned(128)))
    ordinary = hash_image(texture(1)).hashes["pdq"].value
    radii = POLICY.thresholds("pdq")
    verdict = judge_plain(POLICY, asked(*views), radii, ("pdq", 0, distance), ordinary)
    assert verdict is not None
    assert verdict.status is (CheckStatus.POSSIBLE if doubted else CheckStatus.MATCH)
    assert is_settled(POLICY, asked(*views), 0, distance) is not doubted


def test_concentrated_hashes_have_radii_of_their_own() -> None:
    """Beyond them, within the plain radius, a person decides."""
    stored = hash_image(edge_at(100)).hashes["pdq"].value
    own = own_radius(POLICY, stored)
    assert own < 31
    radii = POLICY.thresholds("pdq")
    for distance in (0, own, own + 1, 31, 32):
        verdict = judge_plain(POLICY, asked(WHOLE), radii, ("pdq", 0, distance), stored)
        if distance > 31:
            assert verdict is None
        elif distance > own:
            assert verdict is not None
            assert verdict.status is CheckStatus.POSSIBLE
            assert "one spot, edge or pattern" in (verdict.reason or "")
        elif distance >= 0:
            assert verdict == Verdict(CheckStatus.MATCH, own, None)


edge = st.floats(-1, 0.39)


@given(edge, edge, edge, edge)
def test_hidden_share(left: float, right: float, top: float, bottom: float) -> None:
    share = hidden_share(left, right, top, bottom)
    assert 0 <= share < 1
    assert share == pytest.approx(hidden_share(top, bottom, left, right))
    if max(left, right, top, bottom) <= 0:
        assert share == 0
    assert hidden_share(max(left, 0) + 0.01, right, top, bottom) > share


def test_adjusted_distance() -> None:
    assert adjusted_distance(40.0, 0.0, 0.16) == 40
    assert adjusted_distance(40.0, 0.5, 0.16) == pytest.approx(45.75)
    assert adjusted_distance(40.0, 0.0, 0.26) == pytest.approx(49.5)
    assert adjusted_distance(40.0, 0.0, 0.12) == 40  # no reward for ordinary hashes


def test_attraction() -> None:
    """1.5 bits for each doubling beyond what is usual; four are added to both counts."""
    assert attraction_bits(4, 4) == attraction_bits(0, 4) == 0
    assert attraction_bits(12, 4) == pytest.approx(1.5)
    assert attraction_bits(60, 4) == pytest.approx(4.5)
    assert attraction_bits(4, 0) == pytest.approx(1.5)
    assert attraction_bits(1, 0) < 0.5


def blob(x: int, y: int, size: int) -> Pixels:
    down, across = np.mgrid[:240, :320]
    made = 20 + 220 * np.exp(-((across - x) ** 2 + (down - y) ** 2) / (2 * size**2))
    pixels: Pixels = np.rint(made).astype(np.uint8)
    return pixels


def edge_at(x: int) -> Pixels:
    made = np.full((240, 320), 30, np.uint8)
    made[:, x:] = 220
    return made


def checkerboard(cell: int, shift: int) -> Pixels:
    down, across = np.mgrid[:240, :320]
    cells = (down + shift) // cell + (across + shift) // cell
    pixels: Pixels = (cells % 2 * 200 + 20).astype(np.uint8)
    return pixels


CONCENTRATED = {
    "blob": (blob(110, 90, 30), [blob(150, 100, 30), blob(190, 150, 45), blob(90, 120, 22)]),
    "edge": (edge_at(100), [edge_at(130), edge_at(180), edge_at(90)]),
    "checkerboard": (
        checkerboard(40, 0),
        [checkerboard(40, 13), checkerboard(46, 5), checkerboard(34, 0)],
    ),
}


@pytest.mark.parametrize("kind", CONCENTRATED)
def test_concentrated_hashes_are_no_match_by_registration(db: Database, kind: str) -> None:
    """Their like lie near at some placement, whatever they show."""
    stored, others = CONCENTRATED[kind]
    made = hash_image(stored).hashes["pdq"]
    share = float(concentration(np.frombuffer(made.value, np.uint8)[None])[0])
    assert share > 0.3
    db.import_records([record("1", None, replace(made, quality=None))], source="A")
    for level in (Level.STANDARD, Level.THOROUGH):
        checker = Checker(db, MatchPolicy(level=level, min_quality=0))
        for other in others:
            result = checker.check(other)
            for match in result.matches:
                if match.status is CheckStatus.MATCH:
                    assert match.adjusted_distance is None
                    assert match.distance <= own_radius(checker.policy, made.value)


def test_own_radius_shrinks_with_concentration() -> None:
    ordinary = hash_image(texture(1)).hashes["pdq"].value
    assert own_radius(POLICY, ordinary) == 60
    assert own_radius(POLICY, hash_image(blob(110, 90, 30)).hashes["pdq"].value) < 50
    assert own_radius(POLICY, bytes(32)) < 0  # of rank one


def captioned(picture: Pixels, words: str) -> Pixels:
    height, width = picture.shape[:2]
    canvas = Image.new("RGB", (width, height + 60), "white")
    canvas.paste(Image.fromarray(picture), (0, 60))
    draw = ImageDraw.Draw(canvas)
    for line in range(2):
        draw.text((12, 10 + 22 * line), words * 3, fill="black", font_size=16)
    return np.asarray(canvas)


def test_another_text_on_the_same_picture(db: Database) -> None:
    """The list knows the captioned picture; the same template with another text is for a person."""
    picture = photograph(5)
    known = hash_image(captioned(picture, "THE KNOWN WORDS ")).hashes["pdq"]
    db.import_records([record("1", None, known)], source="A")
    other = captioned(picture, "quite another story. ")
    assert any(view.captioned for view in examine_image(other, views="trims").views)
    result = Checker(db).check(other)
    (match,) = result.matches
    assert result.status is CheckStatus.POSSIBLE
    assert match.reason is not None
    assert "captioned" in match.reason


def test_a_captioned_copy_of_a_known_picture(db: Database) -> None:
    picture = photograph(5)
    db.import_records([record("1", None, hash_image(picture).hashes["pdq"])], source="A")
    assert Checker(db).check(captioned(picture, "SOME WORDS ")).status is CheckStatus.MATCH


def test_between_the_radii_is_possible(db: Database) -> None:
    """A real one: the policy's radii are set around what registration says."""
    picture = texture(2)
    db.import_records([record("1", None, hash_image(picture).hashes["pdq"])], source="A")
    query = cropped(picture, 0.06, 0.1, 0.05, 0.08)
    adjusted = Checker(db).check(query).matches[0].adjusted_distance
    assert adjusted is not None
    below = int(adjusted)
    assert 20 < below < adjusted
    policy = MatchPolicy(registered_max_distance=below, registered_review_max_distance=below + 1)
    result = Checker(db, policy).check(query)
    assert result.status is CheckStatus.POSSIBLE
    assert result.matches[0].reason == f"adjusted distance {adjusted:.1f} is above {below}"
    assert result.matches[0].threshold == below + 1
    nothing = MatchPolicy(registered_max_distance=below, registered_review_max_distance=below)
    assert Checker(db, nothing).check(query).status is CheckStatus.NO_MATCH


def test_a_view_that_says_too_little_is_not_registered(db: Database) -> None:
    db.import_records([record("1", None, hash_image(texture(2)).hashes["pdq"])], source="A")
    for blank in (np.full((200, 300), 128, np.uint8), np.zeros((200, 300, 3), np.uint8)):
        result = Checker(db).check(blank)
        assert result.status is CheckStatus.LOW_INFORMATION
        assert result.n_comparisons == 0


def disc(seed: int) -> Pixels:
    """One bright disc on plain, grainy ground: a ball, a plate, the moon."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:240, :320]
    at_x, at_y, size = rng.integers(60, 260), rng.integers(50, 190), rng.integers(20, 60)
    radius = np.hypot((x - at_x) * rng.uniform(0.6, 1.6), y - at_y) / size
    made = 30 + 200 / (1 + np.exp((radius - 1) / 0.05)) + rng.normal(0, 6, x.shape)
    pixels: Pixels = np.clip(np.rint(made), 0, 255).astype(np.uint8)
    return pixels


def test_one_object_on_plain_ground_is_no_match_by_registration(db: Database) -> None:
    values = [hash_image(disc(seed)).hashes["pdq"] for seed in range(20)]
    db.import_records([record(str(n), None, v) for n, v in enumerate(values)], source="A")
    checker = Checker(db)
    found = [m for seed in range(100, 106) for m in checker.check(disc(seed)).matches]
    placed = [m for m in found if m.placement is not None]
    assert {m.status for m in placed} == {CheckStatus.POSSIBLE}
