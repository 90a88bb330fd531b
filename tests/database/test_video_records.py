"""Lists of videos: every frame of a record can be found, and the record comes once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from database.samples import digests, pdq, record
from frame_tracks import Film, fingerprint, frames, stored_hashes

from hashmatch.database import Database, open_database
from hashmatch.exchange import open_reader
from hashmatch.fingerprinting import video_record
from hashmatch.hashing import TmkBuilder
from hashmatch.matching import Checker, CheckStatus, MatchKind
from hashmatch.types import HashRecord, HashValue, MediaKind

FRAMES = frames(Film(1, length_ms=12_000), interval_ms=500)
SHOWN = fingerprint(frames(Film(1, length_ms=12_000), interval_ms=125, noise=6), 0.125)


def all_frames_are_found(db: Database, *, placed: bool) -> None:
    checker = Checker(db)
    for number in range(0, len(FRAMES), 5):
        row = FRAMES.hashes[number]
        (match,) = checker.check_hash("pdq", row.tobytes(), 90).matches
        assert (match.status, match.media.media_id) == (CheckStatus.MATCH, 1)
        if placed:
            at = match.stored_time_s
            assert at is not None
            assert abs(1000 * at - FRAMES.times_ms[number]) <= 1000
    result = checker.check_fingerprint(SHOWN)
    (match,) = result.matches
    assert (match.kind, match.status) == (MatchKind.FRAMES, CheckStatus.MATCH)


@pytest.mark.parametrize("format", ["vpdq-text", "vpdq-json", "jsonl", "vics-2.0"])
def test_there_and_back(db: Database, tmp_path: Path, format: str) -> None:
    """Formats without times keep the frames, and the video is still found."""
    made = replace(video_record(fingerprint(FRAMES, 0.5)), digests=digests(md5=1, sha1=1))
    db.import_records([made], source="s")
    all_frames_are_found(db, placed=True)
    db.export_file(tmp_path / "list", format=format)
    with open_database(tmp_path / "other.db", create=True) as other:
        report = other.import_file(tmp_path / "list", source="s")
        assert (report.added, report.rejected, report.field_rejects) == (1, 0, 0)
        all_frames_are_found(other, placed=not format.startswith("vics"))
        with other.snapshot() as view:
            (hashes,) = view.hashes_of([1]).values()
        assert len(hashes) == len(FRAMES)


def test_a_tmk_file_and_the_video(db: Database, tmp_path: Path) -> None:
    builder = TmkBuilder()
    for row in np.random.default_rng(4).normal(size=(90, 256)).astype(np.float32):
        builder.add(row)
    whole = builder.finish().to_bytes()
    path = tmp_path / "a.tmk"
    path.write_bytes(whole)
    db.import_file(path, source="s")
    db.export_file(tmp_path / "b.tmk", format="tmk")
    assert (tmp_path / "b.tmk").read_bytes() == whole
    with open_reader(tmp_path / "b.tmk") as reader:
        (listed,) = reader
    assert isinstance(listed, HashRecord)
    assert [value.algorithm for value in listed.hashes] == ["tmk"]
    shown = replace(SHOWN, tmk=whole)
    (match,) = Checker(db).check_fingerprint(shown).matches
    assert (match.kind, match.status) == (MatchKind.TMK, CheckStatus.MATCH)
    own = video_record(shown)
    db.import_records([own], source="t")
    (match, _) = Checker(db).check_fingerprint(shown).matches
    assert match.status is CheckStatus.MATCH


def test_a_hash_says_where_it_is() -> None:
    """Where it is known, and no null where it is not."""
    assert set(pdq(1).to_dict()) == {"algorithm", "hex", "quality"}
    placed = replace(pdq(1), frame=0, time_s=0.0).to_dict()
    assert (placed["frame"], placed["time_s"]) == (0, 0.0)
    assert "time_s" not in replace(pdq(1), frame=3).to_dict()


def test_two_lists_of_one_video_are_one_medium(db: Database) -> None:
    """Each with frames of its own; the answer has both opinions."""
    for source, interval in (("a", 500), ("b", 700)):
        listed = stored_hashes(frames(Film(1, length_ms=12_000), interval_ms=interval))
        made = record("v", of=digests(sha1=1), hashes=listed)
        db.import_records([replace(made, kind=MediaKind.VIDEO)], source=source)
    (match,) = Checker(db).check_fingerprint(SHOWN).matches
    assert match.media.sources == ("a", "b")
    assert isinstance(match.stored_value, str)
    assert HashValue.from_hex("pdq", match.stored_value).weight == 128
