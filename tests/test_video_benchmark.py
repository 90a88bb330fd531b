"""Parts of the benchmarks of videos: edits show what they say, and answers are counted right."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from hashmatch.fingerprinting import VideoFingerprint, examine_video

if TYPE_CHECKING:
    from benchmarks.video_asking import Answer, Found
    from benchmarks.video_footage import Footage

SECONDS = 6.4


@pytest.fixture(autouse=True)
def benchmarks_are_importable(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(root))
    pytest.importorskip("av", reason="of the extra video")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two videos of eight shots each, 25 frames a second."""
    clips = pytest.importorskip("clips", reason="needs PyAV")
    folder = tmp_path_factory.mktemp("footage")
    paths = [folder / f"{name}.mp4" for name in ("known", "other")]
    for number, path in enumerate(paths):
        seeds = range(10 * number, 10 * number + 8)
        frames = clips.shots(seeds, 20, height=96, width=128)
        path.write_bytes(clips.make_clip(frames, fps=25))
    return paths


@pytest.fixture
def footage(files: list[Path]) -> list[Footage]:
    from benchmarks.video_footage import Footage

    return [Footage(path.stem, path, SECONDS, known=True, made=True) for path in files]


def distance_at(query: VideoFingerprint, at_s: float, stored: VideoFingerprint, s: float) -> int:
    """Least distance of the query's frame at a time, in any orientation, to the stored one's."""
    turned = query.frames.dihedral
    assert turned is not None
    rows = turned[np.abs(query.frames.times_ms - 1000 * at_s).argmin()]
    value = stored.frames.hashes[np.abs(stored.frames.times_ms - 1000 * s).argmin()]
    return int(np.bitwise_count(rows ^ value).sum(axis=1).min())


@pytest.mark.parametrize("name", ["mirror", "speed 1.25", "clip of 5 s", "halves swapped"])
def test_an_edit_shows_what_it_says(name: str, footage: list[Footage], tmp_path: Path) -> None:
    from benchmarks.video_edits import EDITS, edited

    known, other = footage
    path, shown = edited(EDITS[name], known, [other], tmp_path, seed=1)
    query = examine_video(path, interval_s=0, dihedral=True, prune_distance=None)
    stored = examine_video(known.path, interval_s=0, prune_distance=None)
    for part in shown:
        for share in (0.15, 0.4, 0.85):
            at_s = part.query_s + share * part.seconds
            assert distance_at(query, at_s, stored, part.stored_at(at_s)) <= 31, (part, share)
    assert query.duration_ms is not None
    last = max(part.query_s + part.seconds for part in shown)
    assert query.duration_ms / 1000 >= last - 0.1


def test_an_edit_is_the_same_with_the_same_seed(footage: list[Footage], tmp_path: Path) -> None:
    from benchmarks.video_edits import EDITS, edited

    known, other = footage
    made = {}
    for place, seed in enumerate((1, 1, 2)):
        folder = tmp_path / str(place)
        folder.mkdir()
        path, shown = edited(EDITS["clip of 5 s"], known, [other], folder, seed)
        made[place] = (path.read_bytes(), shown)
    assert made[0] == made[1]
    assert made[0][1] != made[2][1]


def answered(status: str, *found: Found) -> Answer:
    from benchmarks.video_asking import Answer
    from benchmarks.video_edits import Shown

    return Answer(
        edit="speed 1.25",
        clip="known",
        target="known",
        shown=(Shown(2.0, 8.0, 10.0, 1.25),),
        status=status,
        reason=None,
        found=found,
        seconds=1.0,
        search_s=0.1,
        n_frames=40,
    )


def found(name: str, status: str, stored: tuple[int, int]) -> Found:
    from benchmarks.video_asking import Found, Segment

    segment = Segment(2000, 10_000, *stored, 1.25)
    return Found(name, status, "frames", None, (80.0, 50.0), (segment,), registered=False)


def test_recall_counts_the_target_alone_and_errors_are_at_the_middle() -> None:
    from benchmarks.video_counts import false_rows, missed_rows, recall_rows, whole

    answers = [
        answered("MATCH", found("known", "MATCH", (10_000, 20_000))),
        answered("MATCH", found("known", "MATCH", (10_400, 20_400))),
        answered("MATCH", found("another", "MATCH", (0, 5_000))),
        answered("POSSIBLE", found("known", "POSSIBLE", (0, 5_000))),
    ]
    (row,) = recall_rows(answers)
    assert (row["queries"], row["MATCH"], row["or POSSIBLE"]) == (4, 0.5, 0.75)
    assert row["largest"] == pytest.approx(400)
    assert row["offset error, median ms"] == pytest.approx(200)
    assert whole([row]) == {"queries": 4, "MATCH": 0.5, "or POSSIBLE": 0.75}
    assert [one["with"] for one in false_rows(answers)] == ["another"]
    assert [one["said"] for one in missed_rows(answers)] == [None, "POSSIBLE"]
