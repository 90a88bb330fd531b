"""A checker's answers as entries of a report."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from clips import make_clip, shots
from known_media import digests_of, flipped, record
from pictures import photograph, png

from hashmatch.database import open_database
from hashmatch.fingerprinting import hash_image, hash_video, video_record
from hashmatch.matching import Alert, Checker, CheckStatus
from hashmatch.report import FileEntry, MatchEntry, match_entry
from hashmatch.types import Digests, HashRecord, HashValue, Label

MakeFile = Callable[..., FileEntry]

PIXELS = photograph(61)
DATA = png(PIXELS)


@pytest.fixture
def entries(tmp_path: Path, make_file: MakeFile) -> Any:
    """The entries of a check of ``data`` against a list of these records."""

    def check(data: bytes, *records: HashRecord) -> list[MatchEntry]:
        with open_database(tmp_path / "db", create=True, actor="tester") as database:
            database.import_records(records, source="National list")
            matches = Checker(database).check(data).matches
            return [match_entry(make_file(1), match) for match in matches]

    return check


def test_the_same_bytes(entries: Any, make_file: MakeFile) -> None:
    (entry,) = entries(DATA, record("k", digests_of(DATA), baseline=True, series=("S",)))
    assert (entry.status, entry.alert) == (CheckStatus.MATCH, Alert.BASELINE)
    assert (entry.file, entry.kind, entry.how) == (make_file(1), "digest", "same sha256")
    assert (entry.label, entry.baseline, entry.conflict) == ("csam", True, False)
    (opinion,) = entry.opinions
    assert (opinion.source, opinion.record_key, opinion.label) == ("National list", "k", "csam")
    assert (opinion.scheme, opinion.raw_category) == ("vics-us-current", "1")
    assert (opinion.baseline, opinion.series) == (True, ("S",))
    assert opinion.imported_at
    assert entry.parts == ()


def test_one_md5_and_another_sha1(entries: Any) -> None:
    digests = Digests(md5=digests_of(DATA).md5, sha1="12" * 20)
    (entry,) = entries(DATA, record("k", digests, label=Label.COMPARISON))
    assert entry.status is CheckStatus.POSSIBLE
    assert entry.how == "same md5, but another sha1"


def test_a_near_hash_of_a_mirrored_copy(entries: Any) -> None:
    value = hash_image(PIXELS).hashes["pdq"]
    known = flipped(HashValue("pdq", value.value, 100), 6)
    (entry,) = entries(png(PIXELS[:, ::-1]), record("k", None, known))
    assert entry.how == f"pdq distance {entry.distance} of {entry.threshold} bits, flip_y"
    assert entry.variant in entry.how
    assert (entry.stored_value, entry.algorithm) == (known.hex, "pdq")
    assert entry.expected_false_matches is not None


def test_a_still_of_a_known_video(entries: Any) -> None:
    value = hash_image(PIXELS).hashes["pdq"]
    known = HashValue("pdq", value.value, 100, frame=75, time_s=63.5)
    (entry,) = entries(DATA, record("k", None, known))
    assert entry.how.endswith("of 31 bits, at 1:03.5 of the known video")


def test_a_video(entries: Any) -> None:
    known = hash_video(make_clip(shots(range(4), 15), fps=10), interval_s=0.5)
    longer = make_clip(shots([20, 21, 0, 1, 2, 3], 15), fps=10)
    (entry,) = entries(longer, video_record(known))
    assert entry.kind == "frames"
    assert " of this video (" in entry.how
    assert " of the known video (" in entry.how
    assert len(entry.parts) >= 1
    assert all(" of the known video" in part for part in entry.parts)
