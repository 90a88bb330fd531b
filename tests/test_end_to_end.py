"""The main job on photographs: lists in, pictures in, accountable answers out."""

from __future__ import annotations

import io
import json
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from known_media import digests_of, record
from PIL import Image

import hashmatch as hm
from hashmatch.matching import Alert

N_KNOWN = 12
N_OTHER = 24


@pytest.fixture(scope="module")
def photographs(corpus: Path) -> list[Path]:
    """Those that say enough to be matched; a few of the corpus do not."""
    said_enough = (
        path
        for path in sorted((corpus / "photos").iterdir())
        if hm.hash_image(path).status is hm.FingerprintStatus.OK
    )
    paths = list(islice(said_enough, N_KNOWN + N_OTHER))
    assert len(paths) == N_KNOWN + N_OTHER
    return paths


@pytest.fixture(scope="module")
def national(photographs: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two lists: ICSE knows SHA-1s with a Baseline, the national one SHA-1s with PDQ hashes."""
    path = tmp_path_factory.mktemp("database") / "national.db"
    known = photographs[:N_KNOWN]
    with hm.open_database(path, create=True) as db:
        icse = [
            record(f"I-{n}", digests_of(photo.read_bytes(), "md5", "sha1"), baseline=True)
            for n, photo in enumerate(known)
        ]
        national = [
            record(
                f"N-{n}",
                digests_of(photo.read_bytes(), "sha1"),
                hm.hash_image(photo).hashes["pdq"],
                label=hm.Label.NON_PERTINENT if n == 0 else hm.Label.CSAM,
            )
            for n, photo in enumerate(known)
        ]
        db.import_records(icse, source="INTERPOL ICSE")
        db.import_records(national, source="National list")
    return path


def jpeg(image: Image.Image, quality: int = 85) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=quality)
    return stream.getvalue()


EDITS: dict[str, Any] = {
    "recompressed": (lambda i: i, "original"),
    "resized": (lambda i: i.resize((i.width * 2 // 3, i.height * 2 // 3)), "original"),
    "mirrored": (lambda i: i.transpose(Image.Transpose.FLIP_LEFT_RIGHT), "flip_y"),
    "turned": (lambda i: i.transpose(Image.Transpose.ROTATE_90), "rotate270"),
    "grey": (lambda i: i.convert("L"), "original"),
}


def test_originals(national: Path, photographs: list[Path]) -> None:
    with hm.open_database(national) as db:
        checker = hm.Checker(db)
        for photo in photographs[:N_KNOWN]:
            result = checker.check(photo)
            assert (result.status, result.alert) == (hm.CheckStatus.MATCH, Alert.BASELINE)
            (match,) = result.matches
            assert match.algorithm == "sha1"
            assert match.media.sources == ("INTERPOL ICSE", "National list")
            assert result.conflict is (photo == photographs[0])


@pytest.mark.parametrize("edit", EDITS)
def test_copies_are_alerted_by_the_link_of_both_lists(
    national: Path, photographs: list[Path], edit: str
) -> None:
    """The national list has the hash, INTERPOL the opinion, the SHA-1 joins them."""
    make, variant = EDITS[edit]
    with hm.open_database(national) as db:
        checker = hm.Checker(db)
        for photo in photographs[:N_KNOWN]:
            with Image.open(photo) as image:
                data = jpeg(make(image))
            result = checker.check(data)
            assert (result.status, result.alert) == (hm.CheckStatus.MATCH, Alert.BASELINE), photo
            (match,) = result.matches
            assert (match.variant, match.variant_exact) == (variant, True)
            assert match.distance <= match.threshold == 31
            assert match.asserted_by == "National list"
            json.dumps(result.to_dict())


def test_other_photographs_do_not_match(national: Path, photographs: list[Path]) -> None:
    with hm.open_database(national) as db:
        checker = hm.Checker(db)
        for photo in photographs[N_KNOWN:]:
            result = checker.check(photo)
            assert (result.status, result.alert) == (hm.CheckStatus.NO_MATCH, Alert.NONE)
            assert isinstance(result.fingerprint, hm.ImageFingerprint)
            hashed = sum(bool(view.hashes) for view in result.fingerprint.views)
            assert (result.n_variants, result.n_entries) == (8 * (1 + hashed), N_KNOWN)


def test_every_way_of_asking_gives_the_same_answer(national: Path, photographs: list[Path]) -> None:
    photo = photographs[3]
    with Image.open(photo) as image:
        pixels = np.asarray(image.convert("RGB"))
        with hm.open_database(national, read_only=True) as db:
            checker = hm.Checker(db)
            made = hm.hash_image(photo, dihedral=True)
            results = [
                checker.check(photo),
                checker.check(photo.read_bytes()),
                checker.check(pixels),
                checker.check(image),
                checker.check_fingerprint(made),
                checker.check_hash("pdq", made.hashes["pdq"].hex),
                checker.check_digests(sha1=made.digests.sha1),
                checker.check_digests(md5=made.digests.md5),
            ]
    assert {(r.status, r.alert, r.matches[0].media.media_id) for r in results} == {
        (hm.CheckStatus.MATCH, Alert.BASELINE, results[0].matches[0].media.media_id)
    }


def test_round_trip_through_a_list(national: Path, photographs: list[Path], tmp_path: Path) -> None:
    """What one agency exports, another one imports: the same pictures match there."""
    with hm.open_database(national) as db:
        report = db.export_file(tmp_path / "out.json")
        assert report.media == N_KNOWN
    with hm.open_database(tmp_path / "other.db", create=True) as other:
        other.import_file(tmp_path / "out.json", source="Partner")
        checker = hm.Checker(other)
        for photo in photographs[1:N_KNOWN]:
            with Image.open(photo) as image:
                copy = jpeg(image.transpose(Image.Transpose.ROTATE_180))
            result = checker.check(copy)
            assert result.status is hm.CheckStatus.MATCH
            assert result.alert.gravity >= Alert.NATIONAL.gravity
            assert result.matches[0].variant == "rotate180"
