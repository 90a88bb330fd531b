"""What is said of a check: the check's own answer and verdicts, and nothing but them."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from known_media import digests_of, flipped, record
from pages_of_pictures import meme
from pictures import Pixels, encoded, photograph, png
from PIL import Image

import hashmatch.database.segments.crowded as crowded
from hashmatch.database import Database, HashHit, MediaView, open_database
from hashmatch.errors import InputError
from hashmatch.fingerprinting import hash_image
from hashmatch.hashing import ORIENTATIONS
from hashmatch.matching import (
    Checker,
    CheckResult,
    CheckStatus,
    EntryTold,
    Explanation,
    Level,
    MatchKind,
    MatchPolicy,
)
from hashmatch.matching.comparing import Plain
from hashmatch.matching.explaining_reasons import why_plain
from hashmatch.matching.judging import judge_plain, own_radius
from hashmatch.types import Digests, HashValue, Label

SEEDS = range(300, 312)
PIXELS = photograph(300)
DATA = png(PIXELS)
PDQ = hash_image(PIXELS).hashes["pdq"]
FAR = range(0, 120, 4)
"""Bits by which further entries differ from the picture's hash."""


def framed(pixels: Pixels, share: float) -> Pixels:
    height, width = pixels.shape[:2]
    pad = round(share * height)
    canvas = np.full((height + 2 * pad, width + 2 * pad, 3), 255, np.uint8)
    canvas[pad : pad + height, pad : pad + width] = pixels
    return canvas


def cropped(pixels: Pixels) -> Pixels:
    height, width = pixels.shape[:2]
    return np.ascontiguousarray(pixels[round(0.06 * height) :, round(0.08 * width) :])


def captioned(seed: int) -> bytes:
    luma = np.asarray(Image.fromarray(PIXELS).convert("L"))
    return png(Image.fromarray(meme(luma, np.random.default_rng(seed)).luma))


QUERIES: dict[str, bytes] = {
    "the same bytes": DATA,
    "recompressed": encoded(PIXELS, "JPEG", quality=60),
    "mirrored": png(np.ascontiguousarray(PIXELS[:, ::-1])),
    "cropped": png(cropped(PIXELS)),
    "framed": png(framed(PIXELS, 0.12)),
    "captioned": captioned(1),
    "another": png(photograph(399)),
    "one colour": png(np.full((64, 64, 3), 90, np.uint8)),
    "too small": png(PIXELS[:4, :4].copy()),
    "no picture": b"text",
    "empty": b"",
}


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """Photographs, one of them by its digests too; and hashes at many distances from its own."""
    folder = tmp_path_factory.mktemp("explaining")
    with open_database(folder / "national.db", create=True, actor="tester") as db:
        known = [
            record(str(seed), None, hash_image(photograph(seed)).hashes["pdq"])
            for seed in SEEDS[1:]
        ]
        far = [record(f"far {n}", None, flipped(PDQ, n), label=Label.COMPARISON) for n in FAR[1:]]
        first = record("300", digests_of(DATA), PDQ)
        db.import_records([first, *known, *far], source="List")
        yield db


def answer(result: CheckResult) -> dict[str, Any]:
    told = result.to_dict()
    return {name: told[name] for name in told if name not in ("checked_at", "cost_ms")}


def require_agreement(made: Explanation, result: CheckResult) -> None:
    """The explained verdicts are the check's matches: neither more nor fewer."""
    assert answer(made.result) == answer(result)
    matches = {match.media.media_id: match for match in result.matches}
    accepted = [entry for entry in made.entries if entry.status is not None]
    for entry in accepted:
        match = matches[entry.hit.media.media_id]
        assert not (match.status is CheckStatus.POSSIBLE and entry.status is CheckStatus.MATCH)
        if entry.in_answer:
            assert entry.status is match.status
            require_the_same_numbers(entry, match)
    named = {entry.hit.media.media_id for entry in accepted if entry.in_answer}
    by_hash = {m.media.media_id for m in result.matches if m.kind is MatchKind.HASH}
    assert named == by_hash


def require_the_same_numbers(entry: EntryTold, match: Any) -> None:
    if match.adjusted_distance is None:
        assert entry.plain is not None
        assert (entry.plain.of_check, entry.plain.one.distance) == (True, match.distance)
        assert match.reason is None or entry.plain.reason == match.reason
        return
    assert entry.registered is not None
    made = entry.registered.one.made
    assert entry.registered.of_check
    assert (made.distance, made.coarse) == (match.distance, match.refined_from)
    assert round(made.adjusted, 2) == match.adjusted_distance
    assert match.reason is None or entry.registered.reason == match.reason


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("level", [Level.DIGEST, Level.FAST, Level.STANDARD])
def test_the_explained_verdicts_are_the_checks(filled: Database, level: Level, query: str) -> None:
    policy = MatchPolicy(level=level, review_max_distance=44)
    checker = Checker(filled, policy, audit=False)
    result = checker.check(QUERIES[query])
    made = checker.explain(QUERIES[query], limit=100)
    require_agreement(made, result)
    if query in ("recompressed", "mirrored") and level is not Level.DIGEST:
        statuses = {entry.status for entry in made.entries}
        # The entries' own radii are wider than this review band.
        band = set() if level.registers else {CheckStatus.POSSIBLE}
        assert statuses == {CheckStatus.MATCH, None} | band
        assert len(made.entries) == len(SEEDS) + len(FAR) - 1


@pytest.mark.parametrize("query", ["cropped", "framed"])
def test_thorough(filled: Database, query: str) -> None:
    checker = Checker(filled, MatchPolicy(level=Level.THOROUGH), audit=False)
    made = checker.explain(QUERIES[query], limit=3)
    assert len(made.entries) == 3
    assert made.registration is not None
    result = checker.check(QUERIES[query])
    assert answer(made.result) == answer(result)
    assert result.status is CheckStatus.MATCH


def test_registration_is_run_for_the_explanation_only(filled: Database) -> None:
    checker = Checker(filled, audit=False)
    made = checker.explain(QUERIES["recompressed"], limit=100)
    steps = {step.name: step for step in made.steps}
    for name in ("wide radius", "registration"):
        assert (steps[name].done, steps[name].for_explanation) == (False, True)
        assert "a plain hash is a match" in steps[name].said
    assert made.registration is not None
    assert made.registration.for_explanation
    entry = made.entries[0]
    assert entry.registered is not None
    assert not entry.registered.of_check
    plain = made.result.n_variants * made.result.n_entries
    assert made.result.n_comparisons == plain
    # Within 60 bits it would be a match, but the check did not look so far.
    farther = [e for e in made.entries if e.plain and 36 <= e.plain.one.distance <= 48]
    for entry in farther:
        assert entry.status is None
        assert entry.plain is not None
        assert (entry.plain.of_check, entry.plain.one.verdict is None) == (False, False)
        assert not entry.in_answer
    assert farther


def test_what_the_check_itself_registered(filled: Database) -> None:
    made = Checker(filled, audit=False).explain(QUERIES["cropped"])
    told = made.registration
    assert told is not None
    assert not told.for_explanation
    assert told.n_planned == told.made.n_placements == sum(p.n_placements for p in told.passes)
    assert told.made.n_comparisons == told.n_planned * made.result.n_entries
    first = made.entries[0]
    assert first.registered is not None
    values = first.registered.to_dict(made.question)
    assert values["distance"] < values["before"]
    added = [bits for bits in values["added"].values() if bits is not None]
    assert values["weighted"] + sum(added) == pytest.approx(values["adjusted"], abs=0.05)
    assert "cut from the left" in values["described"]


def test_a_budget_is_told_of(filled: Database) -> None:
    entries = len(SEEDS) + len(FAR) - 1
    policy = MatchPolicy(max_comparisons=7 * entries)
    made = Checker(filled, policy, audit=False).explain(QUERIES["another"])
    told = made.registration
    assert told is not None
    assert told.made.n_placements == 7 < told.n_planned
    assert any(gate.startswith("budget: 7 of") for gate in told.to_dict()["gates"])
    result = Checker(filled, policy, audit=False).check(QUERIES["another"])
    assert any(gate.startswith("budget: 7 of") for gate in result.gates)


def test_nearest_first_and_no_more_than_asked_for(filled: Database) -> None:
    checker = Checker(filled, audit=False)
    made = checker.explain(QUERIES["another"], limit=4)
    assert made.result.matches == ()
    distances = [entry.plain.one.distance for entry in made.entries if entry.plain is not None]
    assert len(distances) == 4
    assert [e.nearness for e in made.entries] == sorted(e.nearness for e in made.entries)
    forms = np.unpackbits(
        np.stack([np.frombuffer(v.hash.value, np.uint8) for v in made.question.variants["pdq"]]),
        axis=1,
    )
    stored = [hash_image(photograph(seed)).hashes["pdq"] for seed in SEEDS]
    stored += [flipped(PDQ, n) for n in FAR[1:]]
    rows = np.unpackbits(np.stack([np.frombuffer(v.value, np.uint8) for v in stored]), axis=1)
    nearest = np.sort((forms[:, None] != rows[None]).sum(axis=2).min(axis=0))
    if all(entry.registered is None for entry in made.entries):
        assert distances == nearest[:4].tolist()
    assert len(checker.explain(QUERIES["another"], limit=10_000).entries) == len(stored)
    for wrong in (0, -1, True, "1"):
        with pytest.raises(InputError, match="limit"):
            checker.explain(DATA, limit=wrong)  # type: ignore[arg-type]


def test_crowded_entries_are_told_of(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crowded, "LEAST_LIMIT", 8)
    many = [record(str(n), None, flipped(PDQ, n)) for n in range(0, 24, 2)]
    db.import_records(many, source="List")
    checker = Checker(db)
    result, made = (
        checker.check(QUERIES["recompressed"]),
        checker.explain(QUERIES["recompressed"], limit=100),
    )
    assert result.n_excluded
    require_agreement(made, result)
    left_out = [entry for entry in made.entries if entry.crowded]
    assert len(left_out) == result.n_excluded
    for entry in left_out:
        assert (entry.status, entry.in_answer) == (None, False)
        assert entry.plain is not None
        assert "crowded" in entry.plain.reason


def test_an_entry_below_the_quality_gate(db: Database) -> None:
    low = dataclasses.replace(PDQ, quality=60)
    db.import_records([record("1", None, low)], source="List")
    made = Checker(db, MatchPolicy(min_quality=70)).explain(QUERIES["recompressed"])
    (entry,) = made.entries
    assert entry.status is None
    assert entry.plain is not None
    assert entry.plain.reason == "left out: the entry's pdq quality 60 is below 70"


def test_nothing_is_logged_and_no_picture_is_told(filled: Database) -> None:
    before = len(list(filled.audit_entries()))
    made = Checker(filled, audit=True).explain(QUERIES["framed"])
    assert made.result.matched
    assert len(list(filled.audit_entries())) == before
    assert made.question.views
    text = json.dumps(made.to_dict(), allow_nan=False)
    assert "compact" not in text
    assert {view["kind"] for view in made.views} >= {"whole", "border"}
    assert "array(" not in repr(made)


def test_costs_are_by_stage(filled: Database) -> None:
    made = Checker(filled, audit=False).explain(DATA)
    assert list(made.stages_ms) == [
        "read, decode and hash",
        "lookups",
        "plain hashes",
        "wide radius and registration",
        "store and verdicts",
        "explanation",
    ]
    assert all(ms >= 0 for ms in made.stages_ms.values())
    assert made.stages_ms["explanation"] > 0


@pytest.mark.parametrize(
    ("level", "query", "why"),
    [
        (Level.DIGEST, "cropped", "not at level digest"),
        (Level.FAST, "cropped", "not at level fast"),
        (Level.STANDARD, "no picture", "not a picture"),
        (Level.STANDARD, "one colour", "pdq quality 0 is below 50"),
    ],
)
def test_why_a_step_was_not_done(filled: Database, level: Level, query: str, why: str) -> None:
    made = Checker(filled, MatchPolicy(level=level), audit=False).explain(QUERIES[query])
    steps = {step.name: step for step in made.steps}
    assert list(steps) == ["digests", "known sets", "plain hashes", "wide radius", "registration"]
    assert steps["digests"].done
    for name in ("wide radius", "registration"):
        assert not steps[name].done
        assert not steps[name].for_explanation
        assert why in steps[name].said
    assert made.registration is None
    for entry in made.entries:
        assert entry.registered is None
        assert entry.without_registration is not None
        assert why in entry.without_registration


def spot(rows: int) -> HashValue:
    """A hash of which so many of 16 rows of signs are those of one spot."""
    rng = np.random.default_rng(5)
    signs = rng.random((16, 16)) < 0.5
    signs[:rows] = np.outer(np.arange(rows) % 2 == 0, np.ones(16)) == (np.arange(16) % 3 == 0)
    return HashValue("pdq", np.packbits(signs.reshape(-1)).tobytes(), 100)


@pytest.mark.parametrize(
    ("rows", "distance", "reason"),
    [
        (0, 31, "distance 31 is within 31"),
        (0, 60, "distance 60 is within 60, the entry's own radius"),
        (0, 61, "distance 61 is above 60"),
        (7, 32, "distance 32 is within {own}, the entry's own radius"),
        (7, 60, "distance 60 is above {own}, the entry's own radius: its hash is concentrated"),
        (16, 20, "one spot, edge or pattern makes the stored hash: others like it lie as near"),
        (16, 40, "distance 40 is above 31"),
    ],
)
def test_the_rule_that_decided_is_named(
    filled: Database, rows: int, distance: int, reason: str
) -> None:
    checker = Checker(filled, audit=False)
    policy, question = checker.policy, checker.explain(QUERIES["another"], limit=1).question
    stored, radii = spot(rows), policy.thresholds("pdq")
    own = own_radius(policy, stored.value)
    assert (own == 60, 32 <= own < 60, own < 0) == (rows == 0, rows == 7, rows == 16)
    verdict = judge_plain(policy, question, radii, ("pdq", 0, distance), stored.value)
    hit = HashHit(stored, MediaView(1, Digests(), ()), "List")
    one = Plain(1, hit, "pdq", 0, 0, distance, None, verdict)
    assert why_plain(policy, question, one) == reason.format(own=own)
    bare = dataclasses.replace(question, views=())
    if verdict is None:
        assert why_plain(policy, bare, one) == f"distance {distance} is above 31"


def test_a_pillow_picture_and_a_path(filled: Database, tmp_path: Path) -> None:
    checker = Checker(filled, audit=False)
    path = tmp_path / "a.png"
    path.write_bytes(DATA)
    image = checker.explain(Image.fromarray(PIXELS))
    assert image.steps[0].said == "the medium has none"
    assert image.result.status is CheckStatus.MATCH
    by_path = checker.explain(path)
    assert by_path.result.matches[0].kind is MatchKind.DIGEST
    # Its hash is as near, but the answer names the medium by the digest.
    named = by_path.result.matches[0].media.media_id
    (entry,) = [e for e in by_path.entries if e.hit.media.media_id == named]
    assert (entry.status, entry.in_answer) == (CheckStatus.MATCH, False)
    assert {p.orientations for p in by_path.registration.passes} == {ORIENTATIONS[:1]}  # type: ignore[union-attr]


def test_other_algorithms(db: Database) -> None:
    made = hash_image(PIXELS, algorithms=("pdq", "phash")).hashes
    db.import_records([record("1", None, made["phash"]), record("2", None, PDQ)], source="List")
    for policy in (MatchPolicy(), MatchPolicy("phash", 6, 8), MatchPolicy(orientations=False)):
        checker = Checker(db, policy)
        for query in ("recompressed", "another", "mirrored"):
            told = checker.explain(QUERIES[query])
            require_agreement(told, checker.check(QUERIES[query]))
            compared = [step.algorithm for step in told.steps if step.name == "plain hashes"]
            assert compared == [name for name in policy.compared if name in made]
            for entry in told.entries:
                if entry.hit.hash.algorithm == "phash":
                    assert entry.without_registration == "only pdq hashes are registered"
