"""``hashmatch hash`` of videos: a row each, frames in JSON, files for other tools."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from clips import animation, make_clip, make_sound, shots

from hashmatch.exchange import open_reader
from hashmatch.fingerprinting import CSV_COLUMNS, hash_video, read_listing, vpdq_features
from hashmatch.types import HashRecord

FRAMES = list(shots([1, 2], 10))
CLIP = make_clip(FRAMES)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "videos"
    made.mkdir()
    (made / "a.mp4").write_bytes(CLIP)
    (made / "b.gif").write_bytes(animation(FRAMES[:3]))
    (made / "c.mp4").write_bytes(make_sound())
    (made / "d.mp4").write_bytes(CLIP[:500])
    return made


def test_csv(run: Any, folder: Path) -> None:
    outcome = run("hash", folder)
    rows = list(csv.DictReader(io.StringIO(outcome.out, newline=""), strict=True))
    assert tuple(rows[0]) == CSV_COLUMNS
    assert [(row["status"], row["frames"]) for row in rows] == [
        *(("OK", "2"), ("OK", "3"), ("NO_VIDEO", ""), ("CORRUPT", "")),
    ]
    assert {row["pdq"] for row in rows} == {""}
    assert outcome.code == 2
    first, *reasons = outcome.err.splitlines()
    assert first == "hash: 4 seen = 2 done + 0 low-information + 1 rejected + 1 failed"
    assert "  rejected: NO_VIDEO: video/mp4: 1" in reasons


def test_json(run: Any, folder: Path) -> None:
    outcome = run("hash", "--json", "--interval", "0", folder)
    made = hash_video(folder / "a.mp4", interval_s=0, dihedral=True)
    values = outcome.results[0]
    assert values == {"schema": "hashmatch.video/1", **made.to_dict()}
    lines = outcome.out.splitlines()
    assert next(read_listing(lines)) == made
    assert outcome.ledger["seen"] == 4


def test_files_for_other_tools(run: Any, folder: Path, tmp_path: Path) -> None:
    vpdq, tmk = tmp_path / "new" / "vpdq", tmp_path / "tmk"
    for _ in range(2):  # what is there is replaced
        run("hash", folder, "--interval", "0.5", "--vpdq", vpdq, "--tmk", tmk)
    made = [hash_video(folder / name, algorithms=("pdq", "tmk")) for name in ("a.mp4", "b.gif")]
    names = sorted(str(one.digests.sha256) for one in made)
    assert sorted(path.name for path in vpdq.iterdir()) == [f"{name}.txt" for name in names]
    assert sorted(path.name for path in tmk.iterdir()) == [f"{name}.tmk" for name in names]
    assert (tmk / f"{made[0].digests.sha256}.tmk").read_bytes() == made[0].tmk
    with open_reader(vpdq / f"{made[0].digests.sha256}.txt") as reader:
        (record,) = reader
    assert isinstance(record, HashRecord)
    frames = vpdq_features(CLIP, seconds_per_hash=0.5).frames
    assert [item.value for item in record.hashes] == [row.tobytes() for row in frames.hashes]
    assert [item.frame for item in record.hashes] == frames.numbers.tolist()
