"""What a database says of a content is kept as bytes, and read back with every check."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from classed_sets import item_at
from exhibits import IN_PROCESS
from hypothesis import given
from hypothesis import strategies as st
from known_media import digests_of, flipped, record
from pictures import photograph, png

from hashmatch.database import Database
from hashmatch.errors import CatalogueCorruptError
from hashmatch.fingerprinting import hash_image
from hashmatch.matching import Alert, Checker, CheckStatus, Level, MatchPolicy
from hashmatch.report import match_entry
from hashmatch.scan import Catalogue, scan_into
from hashmatch.triage import DatabaseJudge, read_verdict, recipe_for
from hashmatch.triage.verdict_codec import NO_FILE, verdict_bytes
from hashmatch.types import Digests, HashValue, Label

PIXELS = photograph(71)
DATA = png(PIXELS)


def import_known(db: Database) -> HashValue:
    """A near hash called national, and the digests called Baseline."""
    value = hash_image(PIXELS).hashes["pdq"]
    near = flipped(HashValue("pdq", value.value, 100), 8)
    db.import_records([record("n", None, near)], source="National list")
    same = record("b", digests_of(DATA), baseline=True, series=("S 1", "S 2"))
    db.import_records([same], source="INTERPOL ICSE")
    return near


def test_a_verdict_says_what_the_answer_says(db: Database) -> None:
    import_known(db)
    result = Checker(db).check(DATA)
    verdict = read_verdict(verdict_bytes(result))
    assert (verdict.status, verdict.alert) == (CheckStatus.MATCH, Alert.BASELINE)
    assert verdict.revision == db.revision
    entries = [match_entry(NO_FILE, match) for match in result.matches]
    assert sorted(verdict.matches, key=repr) == sorted(entries, key=repr)
    assert [match.alert for match in verdict.matches] == [Alert.BASELINE, Alert.NATIONAL]


def test_the_same_answer_has_the_same_bytes(db: Database) -> None:
    import_known(db)
    first, again = Checker(db).check(DATA), Checker(db).check(DATA)
    assert first.checked_at <= again.checked_at
    assert verdict_bytes(first) == verdict_bytes(again)
    assert b"checked_at" not in verdict_bytes(first)


def test_nothing_found_is_short(db: Database) -> None:
    data = verdict_bytes(Checker(db).check(DATA))
    assert json.loads(data) == {"alert": "NONE", "revision": db.revision, "status": "NO_MATCH"}
    assert read_verdict(data).matches == ()


def test_the_key_names_all_that_an_answer_depends_on(db: Database, tmp_path: Path) -> None:
    def key(**policy: Any) -> str:
        return DatabaseJudge(db, Checker(db, MatchPolicy(**policy))).key

    first = key()
    assert first == key()
    assert key(max_distance=20) != first
    assert str(tmp_path) not in first
    import_known(db)
    assert key() != first
    (tmp_path / "known.txt").write_text(f"{digests_of(b'x').md5}  x\n")
    before = key()
    db.add_known_set("NSRL", [tmp_path / "known.txt"])
    assert key() != before


def test_a_scan_keeps_what_the_judge_says(
    db: Database, make_catalogue: Callable[..., Catalogue]
) -> None:
    import_known(db)
    judge = DatabaseJudge(db, Checker(db))
    catalogue = make_catalogue({"a.png": DATA, "b.png": png(photograph(72))}, judge=judge)
    verdicts = {number: read_verdict(data) for number, data in catalogue.verdicts(judge.key)}
    found = {}
    for path in ("a.png", "b.png"):
        content = item_at(catalogue, path).content
        assert content is not None
        found[path] = verdicts[content.number].status
    assert found == {"a.png": CheckStatus.MATCH, "b.png": CheckStatus.NO_MATCH}
    assert list(catalogue.verdicts("another key")) == []


def test_a_cropped_copy_is_found_by_a_scan_as_by_a_check(db: Database, tmp_path: Path) -> None:
    value = hash_image(PIXELS).hashes["pdq"]
    db.import_records([record("n", None, value)], source="National list")
    cropped = png(np.ascontiguousarray(PIXELS[20:-8, 30:-12]))
    checker = Checker(db)
    recipe = recipe_for(checker, IN_PROCESS)
    assert (recipe.views, recipe.isolate) == ("trims", False)
    assert recipe_for(checker, replace(IN_PROCESS, views="all")).views == "all"
    none = Checker(db, MatchPolicy(level=Level.DIGEST))
    assert recipe_for(none, IN_PROCESS) == IN_PROCESS
    judge = DatabaseJudge(db, checker)
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "cropped.png").write_bytes(cropped)
    with Catalogue.open(tmp_path / "out", create=True) as catalogue:
        scan_into(catalogue, [tmp_path / "tree"], recipe=recipe, judge=judge, workers=1)
        ((_, data),) = catalogue.verdicts(judge.key)
    assert data == verdict_bytes(checker.check(cropped))
    assert read_verdict(data).status is CheckStatus.MATCH
    assert "cut" in read_verdict(data).matches[0].how


WRONG: list[tuple[str, Any]] = [
    ("status", "GONE"),
    ("alert", None),
    ("revision", -1),
    ("revision", True),
    ("matches", {}),
    ("gates", [1]),
    ("unheard", 1),
    ("matches", [{"status": "MATCH"}]),
]


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_wrong_verdict_is_refused(db: Database, name: str, value: Any) -> None:
    said = json.loads(verdict_bytes(Checker(db).check(DATA)))
    with pytest.raises(CatalogueCorruptError, match="verdict"):
        read_verdict(json.dumps({**said, name: value}).encode())


@pytest.mark.parametrize("name", ["distance", "how", "opinions", "expected_false_matches"])
def test_a_wrong_match_is_refused(db: Database, name: str) -> None:
    import_known(db)
    said = json.loads(verdict_bytes(Checker(db).check(DATA)))
    said["matches"][0][name] = {"x": 1}
    with pytest.raises(CatalogueCorruptError, match=name):
        read_verdict(json.dumps(said).encode())


@given(st.binary(max_size=200) | st.text().map(json.dumps).map(str.encode))
def test_any_bytes_are_a_verdict_or_refused(data: bytes) -> None:
    with pytest.raises(CatalogueCorruptError):
        read_verdict(data)


def test_one_md5_of_two_files(db: Database) -> None:
    twins = Digests(md5=digests_of(DATA).md5, sha1="12" * 20)
    db.import_records([record("k", twins, label=Label.COMPARISON)], source="National list")
    verdict = read_verdict(verdict_bytes(Checker(db).check(DATA)))
    assert verdict.status is CheckStatus.POSSIBLE
    assert verdict.matches[0].how == "same md5, but another sha1"
