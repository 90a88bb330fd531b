"""How much a level does."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest
from known_media import digests_of, record
from pictures import encoded, photograph, png
from PIL import Image

import hashmatch.hashing.table as table
from hashmatch.database import Database
from hashmatch.errors import InputError
from hashmatch.fingerprinting import FingerprintStatus, ImageFingerprint, hash_image
from hashmatch.matching import Checker, CheckRequest, CheckStatus, Level, MatchPolicy

PIXELS = photograph(65)
DATA = png(PIXELS)
PDQ = hash_image(PIXELS).hashes["pdq"]
DIGEST = MatchPolicy(level=Level.DIGEST)


@pytest.fixture
def no_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails where a perceptual hash is computed."""
    monkeypatch.setattr(table, "_ROWS", {})
    monkeypatch.setattr("hashmatch.fingerprinting.hashes.dihedral_pixels", None)
    monkeypatch.setattr("hashmatch.fingerprinting.hashes.hash_pixels", None)


def test_digests_alone(db: Database, no_hash: None, tmp_path: Path) -> None:
    db.import_records([record("1", digests_of(DATA), PDQ)], source="A")
    checker = Checker(db, DIGEST)
    assert checker.algorithms == ()
    path = tmp_path / "a.png"
    path.write_bytes(DATA)
    for source in (DATA, path, str(path), io.BytesIO(DATA)):
        result = checker.check(source)
        assert (result.status, result.matches[0].algorithm) == (CheckStatus.MATCH, "sha256")
        assert (result.n_variants, result.n_entries, result.query) == (0, 0, ())
        made = result.fingerprint
        assert isinstance(made, ImageFingerprint)
        assert (made.status, made.size, made.mime) == (FingerprintStatus.OK, len(DATA), "image/png")
        assert made.hashes == {}
    other = encoded(PIXELS, "JPEG", quality=80)
    for data in (other, b"text"):
        assert checker.check(data).status is CheckStatus.NO_MATCH


def test_fingerprints_with_hashes_at_level_digest(db: Database) -> None:
    db.import_records([record("1", None, PDQ)], source="A")
    assert Checker(db, DIGEST).check_fingerprint(hash_image(DATA)).status is CheckStatus.NO_MATCH
    assert Checker(db).check_fingerprint(hash_image(DATA)).status is CheckStatus.MATCH


def test_what_has_no_digest_at_level_digest(db: Database, tmp_path: Path) -> None:
    checker = Checker(db, DIGEST)
    for source in (PIXELS, Image.fromarray(PIXELS)):
        with pytest.raises(InputError, match="level digest"):
            checker.check(source)
    for request in (CheckRequest(hashes={"pdq": PDQ}), CheckRequest(photodna=bytes(144))):
        with pytest.raises(InputError, match="compares no hashes"):
            checker.check_request(request)
    with pytest.raises(InputError, match="compares no hashes"):
        checker.check_hash("pdq", PDQ.hex)
    missing, folder, empty = (
        checker.check(source) for source in (tmp_path / "missing", tmp_path, b"")
    )
    for result in (missing, folder):
        assert result.status is CheckStatus.FAILED
    assert missing.fingerprint is not None
    assert missing.fingerprint.status is FingerprintStatus.VANISHED
    # Nothing to decode, so nothing failed: these bytes are in no list.
    assert empty.status is CheckStatus.NO_MATCH
    with pytest.raises(InputError):
        checker.check(5)  # type: ignore[arg-type]


@pytest.mark.parametrize("level", [level for level in Level if level is not Level.DIGEST])
def test_every_other_level_finds_what_is_near_or_turned(db: Database, level: Level) -> None:
    db.import_records([record("1", None, PDQ)], source="A")
    checker = Checker(db, MatchPolicy(level=level))
    for pixels in (PIXELS, np.ascontiguousarray(PIXELS[::-1])):
        result = checker.check(encoded(pixels, "JPEG", quality=80))
        assert result.status is CheckStatus.MATCH
        assert result.to_dict()["policy"]["level"] == level.value


def test_the_audit_log_names_the_policy(db: Database) -> None:
    db.import_records([record("1", digests_of(DATA))], source="A")
    Checker(db, DIGEST).check(DATA)
    entry = list(db.audit_entries())[-1]
    assert json.loads(entry.details)["policy_digest"] == DIGEST.digest
