"""A view holds a thumbnail: no output, list, log or database ever does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command import invoke
from known_media import record
from pictures import png
from registration.edits import cropped, framed, texture

from hashmatch.database import open_database
from hashmatch.fingerprinting import ImageFingerprint, examine_image, hash_image
from hashmatch.matching import Checker, CheckStatus, Level, MatchPolicy

PICTURE = texture(41)
QUERIES = {
    "cut": png(cropped(PICTURE, 0.05, 0.1, 0.04, 0.06)),
    "framed": png(framed(PICTURE, 0.07, 0.09, 0.08, 0.06)),
}
LONGEST_LIST = 40  # numbers or texts; a row of a thumbnail would have 256
LONGEST_TEXT = 300


@pytest.fixture
def national(tmp_path: Path) -> Path:
    path = tmp_path / "national.db"
    with open_database(path, create=True, actor="tester") as db:
        db.import_records([record("1", None, hash_image(PICTURE).hashes["pdq"])], source="A")
    return path


def leaves(value: Any) -> Iterator[Any]:
    """Every text and number of a JSON value; lists that are long enough for samples fail."""
    if isinstance(value, dict):
        assert not {"views", "compact"} & set(value)
        for one in value.values():
            yield from leaves(one)
    elif isinstance(value, list):
        assert len(value) <= LONGEST_LIST
        for one in value:
            yield from leaves(one)
    else:
        yield value


def assert_holds_no_view(value: Any) -> None:
    found = list(leaves(json.loads(json.dumps(value, allow_nan=False))))
    assert found
    assert max(len(one) for one in found if isinstance(one, str)) <= LONGEST_TEXT


def compact_rows(data: bytes) -> list[bytes]:
    """A few rows of the thumbnails of every view of a query."""
    views = examine_image(data, views="all").views
    assert views
    rows = [view.compact[y].tobytes() for view in views for y in (0, 100, 200)]
    assert all(len(set(row)) > 16 for row in rows)
    return rows


def test_the_check_itself_would_notice() -> None:
    with pytest.raises(AssertionError):
        assert_holds_no_view({"a": {"compact": 1}})
    with pytest.raises(AssertionError):
        assert_holds_no_view({"a": list(range(256))})
    with pytest.raises(AssertionError):
        assert_holds_no_view({"a": "00" * 256})


@pytest.mark.parametrize("name", QUERIES)
def test_fingerprints(name: str) -> None:
    made = examine_image(QUERIES[name], dihedral=True, views="all")
    assert made.views
    assert made.views[0].compact.shape == (256, 256)
    assert_holds_no_view(made.to_dict())
    assert made.to_dict() == examine_image(QUERIES[name], dihedral=True).to_dict()
    assert made == examine_image(QUERIES[name], dihedral=True)
    for text in (repr(made), repr(made.views)):
        assert "compact" not in text
        assert "array" not in text
    assert "views" not in repr(made)


@pytest.mark.parametrize("level", [Level.STANDARD, Level.THOROUGH])
@pytest.mark.parametrize("name", QUERIES)
def test_answers_and_the_database(national: Path, name: str, level: Level) -> None:
    with open_database(national, actor="tester") as db:
        result = Checker(db, MatchPolicy(level=level)).check(QUERIES[name])
        assert result.status is CheckStatus.MATCH
        assert result.matches[0].placement is not None
        assert isinstance(result.fingerprint, ImageFingerprint)
        assert result.fingerprint.views
        assert_holds_no_view(result.to_dict())
        assert "array" not in repr(result)
        entry = list(db.audit_entries())[-1]
        assert_holds_no_view(json.loads(entry.details))
    rows = compact_rows(QUERIES[name])
    for file in national.parent.rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            assert not any(row in content or row.hex().encode() in content for row in rows)


def test_the_command_line(
    national: Path, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    folder = tmp_path / "incoming"
    folder.mkdir()
    for name, data in QUERIES.items():
        (folder / f"{name}.png").write_bytes(data)
    (folder / "known.png").write_bytes(png(PICTURE))  # something for the log in any case
    made = invoke(capfdbinary, "check", "--db", national, "--json", folder)
    assert made.code == 1
    assert [one["status"] for one in made.results] == ["MATCH"] * 3
    for one in made.json:
        assert_holds_no_view(one)
    log = invoke(capfdbinary, "audit", "show", national, "--json")
    assert log.code == 0
    assert any(one.get("action") == "check" for one in log.json)
    for one in log.json:
        assert_holds_no_view(one)
    hashed = invoke(capfdbinary, "hash", "--json", folder)
    assert hashed.code == 0
    for one in hashed.json:
        assert_holds_no_view(one)


def test_arrays_leave_no_view_either(national: Path) -> None:
    with open_database(national, actor="tester") as db:
        result = Checker(db).check(np.asarray(cropped(PICTURE, 0.05, 0.1, 0.04, 0.06)))
        assert result.status is CheckStatus.MATCH
        assert_holds_no_view(result.to_dict())
