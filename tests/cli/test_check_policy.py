"""``hashmatch check`` under a policy, and with hashes of other algorithms."""

from __future__ import annotations

import base64
import dataclasses
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from known_media import digests_of, flipped, record
from pictures import encoded, photograph, png

from hashmatch.cli.check_output import how
from hashmatch.cli.policy_options import policy_of
from hashmatch.database import open_database
from hashmatch.errors import InputError
from hashmatch.fingerprinting import hash_image
from hashmatch.matching import Calibration, Checker, Level, MatchPolicy, Placement, Thresholds
from hashmatch.types import HashValue

PIXELS = photograph(95)
DATA = png(PIXELS)
MADE = hash_image(PIXELS, algorithms=("pdq", "phash")).hashes
PHOTODNA = HashValue("photodna", random.Random(1).randbytes(144))


@pytest.fixture
def filled(db: Path) -> Path:
    with open_database(db) as database:
        known = record("1", digests_of(DATA), flipped(MADE["pdq"], 20), MADE["phash"])
        database.import_records([known, record("2", None, PHOTODNA)], source="List")
    return db


@pytest.fixture
def media(tmp_path: Path) -> Path:
    folder = tmp_path / "media"
    folder.mkdir()
    (folder / "copy.jpg").write_bytes(encoded(PIXELS, "JPEG", quality=95))
    (folder / "known.png").write_bytes(DATA)
    (folder / "text").write_bytes(b"text")
    return folder


def policy_file(tmp_path: Path, policy: MatchPolicy) -> Path:
    path = tmp_path / "policy.toml"
    path.write_text(policy.to_toml(), encoding="utf-8")
    return path


def statuses(outcome: Any) -> dict[str, str]:
    return {Path(item["path"]).name: item["status"] for item in outcome.results}


def test_levels(run: Any, filled: Path, media: Path) -> None:
    expected = {"copy.jpg": "NO_MATCH", "known.png": "MATCH", "text": "NO_MATCH"}
    outcome = run("check", "--db", filled, "--json", "--level", "digest", media, media / "missing")
    assert statuses(outcome) == {**expected, "missing": "FAILED"}
    assert outcome.ledger["seen"] == 4
    for level in ("fast", "standard", "thorough"):
        outcome = run("check", "--db", filled, "--json", "--level", level, media)
        assert statuses(outcome) == {"copy.jpg": "MATCH", "known.png": "MATCH", "text": "FAILED"}
        assert {item["policy"]["level"] for item in outcome.results} == {level}
    assert run("check", "--db", filled, "--level", "slow", media).code == 2


def test_a_policy_from_a_file(run: Any, filled: Path, media: Path, tmp_path: Path) -> None:
    policy = MatchPolicy(
        max_distance=5,
        review_max_distance=5,
        others={"phash": Thresholds(4, 8)},
        name='strict "one"',
        version=3,
    )
    path = policy_file(tmp_path, policy)
    outcome = run("check", "--db", filled, "--json", "--policy", path, media / "copy.jpg")
    (item,) = outcome.results
    assert (item["policy"], item["policy_digest"]) == (policy.to_dict(), policy.digest)
    assert [m["algorithm"] for m in item["matches"]] == ["phash"]
    outcome = run(
        "check",
        "--db",
        filled,
        "--json",
        "--policy",
        path,
        "--max-distance",
        "31",
        media / "copy.jpg",
    )
    (item,) = outcome.results
    assert item["policy"]["max_distance"] == item["policy"]["review_max_distance"] == 31
    assert item["policy"]["name"] == policy.name
    assert item["policy_digest"] != policy.digest


def test_files_that_are_no_policy(run: Any, filled: Path, tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    for text in (None, "max_distance = 31\n", 'schema = "hashmatch.policy/1"\nradius = 3\n'):
        if text is not None:
            path.write_text(text, encoding="ascii")
        outcome = run("check", "--db", filled, "--json", "--policy", path, "--md5", "0" * 32)
        assert (outcome.code, outcome.json[-1]["error"]["type"]) == (2, "InputError")


NOT_GIVEN: dict[str, Any] = dict.fromkeys(
    ("level", "max_distance", "review_distance", "min_quality", "orientations")
)


@pytest.mark.parametrize(
    ("radii", "given", "expected"),
    [
        ((31, 31), {}, (31, 31)),
        ((31, 31), {"max_distance": 10}, (10, 10)),
        ((31, 31), {"max_distance": 40}, (40, 40)),
        ((20, 40), {"max_distance": 10}, (10, 40)),
        ((20, 40), {"max_distance": 50}, (50, 50)),
        ((20, 40), {"review_distance": 60}, (20, 60)),
        ((20, 40), {"max_distance": 10, "review_distance": 10}, (10, 10)),
    ],
)
def test_what_is_given_is_set_over_the_file(
    tmp_path: Path, radii: tuple[int, int], given: dict[str, int], expected: tuple[int, int]
) -> None:
    path = policy_file(tmp_path, MatchPolicy(max_distance=radii[0], review_max_distance=radii[1]))
    made = policy_of(str(path), **{**NOT_GIVEN, **given})
    assert (made.max_distance, made.review_max_distance) == expected


def test_the_other_options_over_the_file(tmp_path: Path) -> None:
    path = policy_file(tmp_path, MatchPolicy(min_quality=60, orientations=False, level=Level.FAST))
    assert policy_of(str(path), **NOT_GIVEN) == MatchPolicy.from_toml(path)
    given = {"level": "thorough", "min_quality": 0, "orientations": True}
    made = policy_of(str(path), **{**NOT_GIVEN, **given})
    assert made == MatchPolicy(min_quality=0, level=Level.THOROUGH)
    assert policy_of(None, **NOT_GIVEN) == MatchPolicy()
    with pytest.raises(InputError, match="review_max_distance"):
        policy_of(str(path), **{**NOT_GIVEN, "review_distance": 30})


@pytest.mark.parametrize("form", ["hex", "base64"])
def test_a_photodna_value(run: Any, filled: Path, form: str) -> None:
    text = PHOTODNA.hex if form == "hex" else base64.b64encode(PHOTODNA.value).decode()
    outcome = run("check", "--db", filled, "--json", "--photodna", text, "--md5", "0" * 32)
    md5, found = outcome.results
    assert (outcome.code, md5["status"], found["status"]) == (1, "NO_MATCH", "MATCH")
    assert found["path"] == f"photodna:{text}"
    assert found["query_hashes"] == [
        {"algorithm": "photodna", "hex": PHOTODNA.hex, "quality": None}
    ]
    shown = run("check", "--db", filled, "--photodna", text)
    assert "photodna distance 0 of 40000 squared; media" in shown.out


def test_wrong_photodna_values(run: Any, filled: Path) -> None:
    for text in ("", "00", "g" * 288):
        outcome = run("check", "--db", filled, "--json", "--photodna", text)
        assert (outcome.code, outcome.json[-1]["error"]["type"]) == (2, "HashFormatError")
    flat = run("check", "--db", filled, "--photodna", "07" * 144)
    assert flat.out.startswith("LOW_INFORMATION")
    assert "(photodna entropy 0.00 is below 0.70)" in flat.out


def test_reasons_and_placements_are_shown(run: Any, filled: Path, media: Path) -> None:
    copy = media / "copy.jpg"
    outcome = run("check", "--db", filled, "--level", "fast", "--max-distance", "4", copy)
    assert (
        "phash distance 0 of 6 bits; phash alone is never more than POSSIBLE; media 1"
        in outcome.out
    )
    with open_database(filled) as database:
        (match,) = Checker(database).check(copy).matches
        placed = Placement("flip_y", 0.06, 0.0, 0.0, 0.0, 3.0, "whole", None)
        object.__setattr__(match, "placement", placed)
        assert f", {placed.describe()}; media 1" in how(match)


def test_what_was_not_compared_is_shown(run: Any, filled: Path, tmp_path: Path) -> None:
    """White paper with a picture in it says too little to blockhash."""
    value = hash_image(PIXELS, algorithms=("blockhash",)).hashes["blockhash"]
    with open_database(filled) as database:
        database.import_records([record("3", None, value)], source="List")
    page = np.full((200, 200, 3), 255, np.uint8)
    page[60:130, 40:120] = photograph(96)[:70, :80]
    path = tmp_path / "page.png"
    path.write_bytes(png(page))
    lines = run("check", "--db", filled, path).out.splitlines()
    assert lines[0].startswith("NO_MATCH")
    assert lines[1].startswith("    note: blockhash quality ")
    assert len(lines) == 2


def test_a_calibration_of_ones_own(run: Any, db: Path, tmp_path: Path) -> None:
    """It tells the false matches expected of a registered copy, and nothing else."""
    picture = photograph(97)
    with open_database(db) as database:
        known = record("1", None, hash_image(picture).hashes["pdq"])
        database.import_records([known], source="List")
    cut = tmp_path / "cut.png"
    cut.write_bytes(png(picture[24:, 32:]))
    packaged = Calibration.default()
    (tail, *_) = packaged.tails
    rarer = dataclasses.replace(tail, n_pairs=100 * tail.n_pairs)
    own = tmp_path / "own.toml"
    dataclasses.replace(packaged, kind="own", tails=(rarer,)).save(own)
    matches = [
        run("check", "--db", db, "--json", *options, cut).results[0]["matches"][0]
        for options in ([], ["--calibration", own])
    ]
    expected = [match.pop("expected_false_matches") for match in matches]
    assert matches[0] == matches[1]
    assert matches[0]["placement"] is not None
    assert matches[0]["adjusted_distance"] <= matches[0]["threshold"]
    assert 0 < expected[1] == pytest.approx(expected[0] / 100)
    for text in (None, "kind = 5", packaged.to_toml().replace(packaged.measure, "adjusted/1")):
        if text is not None:
            own.write_text(text, encoding="utf-8")
        else:
            own.unlink()
        outcome = run("check", "--db", db, "--json", "--calibration", own, cut)
        assert (outcome.code, outcome.json[-1]["error"]["type"]) == (2, "InputError")
