"""Which video shows what another one shows: shares of their footage, by the checker's own votes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hashmatch.database import StoredFrames
from hashmatch.hashing import ORIENTATIONS
from hashmatch.index import HammingIndex
from hashmatch.matching import MatchPolicy
from hashmatch.matching.video_measuring import measured
from hashmatch.matching.video_near import FramesNear
from hashmatch.matching.video_question import VideoQuestion
from hashmatch.matching.video_stored import TIMES, StoredVideo
from hashmatch.matching.video_timeline import Timeline, is_one_picture, timeline
from hashmatch.scan import Catalogue, VideoFrames
from hashmatch.types import Digests

Ids = NDArray[np.int64]

MOST_COMPARED = 50
"""Videos that one is compared with in order: those that have most of its frames, the first in rank
of those that have about as many."""
FEW_FRAMES = 3
"""Frames up to which a video is some pictures, and their order says nothing."""
MOST_HITS = 2_000_000
"""Pairs of frames that are looked at for one video, the nearest ones: footage that hardly changes
is near to all of its like."""
_FRAMES_AT_ONCE = 32
_LEAST_HITS = 1000
_AS_MANY = 0.75
_POLICY = MatchPolicy()
_NO_IDS = np.empty(0, np.int64)
_NO_FRAMES = StoredFrames(  # what the votes need of a stored video is its line and the pairs
    *(_NO_IDS, _NO_IDS, _NO_IDS),
    np.empty((0, 32), np.uint8),
    *(_NO_IDS, _NO_IDS),
    np.empty(0, np.float64),
    np.empty(0, np.bool_),
)


@dataclass(frozen=True, slots=True, eq=False)
class Footage:
    """All videos of a catalogue that have frames, in the order of their SHA-256.

    Attributes:
        numbers: int64 (n,), of contents; ``digests``: their SHA-256.
        lines: the frames of each in time.
        bordered: bool (n,), videos within borders or bars.
        known_ms: int64 (n,), of what its frames show, milliseconds; of a video that mostly shows
            nothing that can be compared, half of its length.
        index: every frame that says enough, upright, as it is and within borders.
        videos, places: int64 (m,), of each id of the index: row of its video, place of its frame.
    """

    numbers: Ids
    digests: list[bytes]
    lines: list[Timeline]
    known_ms: Ids
    bordered: NDArray[np.bool_]
    index: HammingIndex
    videos: Ids
    places: Ids

    def __len__(self) -> int:
        return len(self.numbers)


@dataclass(frozen=True, slots=True)
class Shared:
    """What two videos have in common.

    Attributes:
        share: percent of the first one's footage that the second has; ``back``: likewise of the
            second one's.
        orientation: number in ``ORIENTATIONS`` in which the first shows it.
    """

    share: int
    back: int
    orientation: int


def read_footage(catalogue: Catalogue) -> Footage:
    """Everything of a catalogue's videos but their turned frames: some 150 bytes a frame."""
    recipe = json.loads(catalogue.recipe or "{}")
    interval = 1000 * float(recipe.get("interval_s", 1.0))
    numbers, digests, lines, known, bordered = [], [], [], [], []
    hashes, videos, places = [], [], []
    for row, video in enumerate(catalogue.video_frames()):
        line = _line(video, interval)
        numbers.append(video.number)
        digests.append(video.sha256)
        lines.append(line)
        known.append(round(max(line.informative_ms, float(line.spans.sum()) / 2)))
        bordered.append(video.frames.trimmed is not None)
        told = np.flatnonzero(line.informative)
        forms = [video.frames.hashes[told]]
        if video.frames.trimmed is not None:
            forms.append(video.frames.trimmed[told, 0])
        for form in forms:
            hashes.append(form)
            videos.append(np.full(len(told), row))
            places.append(told)
    index = HammingIndex(256)
    if hashes:
        index.add(np.concatenate(hashes))
    return Footage(
        np.array(numbers, np.int64),
        digests,
        lines,
        np.array(known, np.int64),
        np.array(bordered, np.bool_),
        index,
        np.concatenate([_NO_IDS, *videos]),
        np.concatenate([_NO_IDS, *places]),
    )


def shared_footage(
    catalogue: Catalogue, footage: Footage, ranks: Ids, *, threads: int
) -> Iterator[tuple[int, int, Shared]]:
    """(row, row of a video before it in rank, what they share), in the order of the rows."""
    for row, video in enumerate(catalogue.video_frames()):
        question = _question(video, footage.lines[row])
        near = _near(footage, question, ranks < ranks[row], threads)
        of = footage.videos[near.hash_ids]
        for other in _compared(of, near.frames, ranks):
            found = _shared(footage, question, (row, other), near.kept(of == other))
            if found is not None:
                yield row, other, found


def _line(video: VideoFrames, interval: float) -> Timeline:
    frames = video.frames
    weights = np.bitwise_count(frames.hashes).sum(axis=1, dtype=np.int64)
    enough = (frames.qualities >= _POLICY.min_quality) & (weights > 0) & (weights < 256)
    times, spans = frames.times_ms.astype(np.float64), frames.spans_ms.astype(np.float64)
    return timeline(times, spans, enough, interval or None)


def _question(video: VideoFrames, line: Timeline) -> VideoQuestion:
    frames = video.frames
    hashes = frames.hashes[:, None] if frames.dihedral is None else frames.dihedral
    n_turned = hashes.shape[1]
    if frames.trimmed is not None:
        hashes = np.concatenate([hashes, frames.trimmed[:, :n_turned]], axis=1)
    return VideoQuestion(
        digests=Digests(),
        line=line,
        hashes=hashes,
        n_turned=n_turned,
        qualities=frames.qualities,
    )


def _near(
    footage: Footage, question: VideoQuestion, others: NDArray[np.bool_], threads: int
) -> FramesNear:
    """Pairs of a frame and one of other videos; ``hash_ids`` are those of the index."""
    asked, n_forms = question.compared, question.hashes.shape[1]
    n_parts = max(1, -(-len(asked) // _FRAMES_AT_ONCE))
    most = max(_LEAST_HITS, MOST_HITS // n_parts)
    frames, variants, ids, distances = ([_NO_IDS] for _ in range(4))
    for part in np.array_split(asked, n_parts):
        queries = np.ascontiguousarray(question.hashes[part].reshape(-1, 32))
        found = footage.index.range_search(queries, _POLICY.max_distance, threads=threads)
        rows = np.repeat(np.arange(len(queries)), np.diff(found.offsets))
        bits, kept = found.distances, others[footage.videos[found.ids]]
        if kept.sum() > most:
            kept &= bits < np.partition(bits[kept], most)[most]  # all at one distance or none
        frames.append(part[rows[kept] // n_forms])
        variants.append(rows[kept] % n_forms)
        ids.append(found.ids[kept])
        distances.append(bits[kept].astype(np.int64))
    return FramesNear(
        frames=np.concatenate(frames),
        variants=np.concatenate(variants),
        hash_ids=np.concatenate(ids),
        distances=np.concatenate(distances),
        confident=np.ones(sum(map(len, ids)), np.bool_),
    )


def _compared(videos: Ids, frames: Ids, ranks: Ids) -> list[int]:
    """Videos to compare with, those that have most of the frames first."""
    pairs = np.unique(np.stack([videos, frames]), axis=1)
    found, counts = np.unique(pairs[0], return_counts=True)
    few = counts < _AS_MANY * counts.max(initial=0)
    order = np.lexsort((ranks[found], np.where(few, -counts, -counts.max(initial=0))))
    rows: list[int] = found[order[:MOST_COMPARED]].tolist()
    return rows


def _shared(
    footage: Footage,
    question: VideoQuestion,
    rows: tuple[int, int],
    near: FramesNear,
) -> Shared | None:
    """None: nothing that counts."""
    line, there = footage.lines[rows[0]], footage.lines[rows[1]]
    stored = StoredVideo(
        statement_id=0,
        media_id=0,
        clock=TIMES,
        frames=_NO_FRAMES,
        line=there,
        informative=there.informative,
        near=near,
        places=footage.places[near.hash_ids],
    )
    made = measured(question, line, stored, _POLICY.video.min_percent)
    evidence = made.evidence
    orientation = int(near.variants[np.argmin(near.distances)]) % question.n_turned
    known, known_there = (max(1, int(footage.known_ms[row])) for row in rows)
    if _is_pictures(question) and len(np.unique(near.frames)) == len(question.compared):
        # All its pictures are there, in whatever order.
        matched, back = float(line.informative_ms), float(evidence.stored_matched_ms or 0)
    elif made.n_distinct >= _POLICY.video.min_frames:
        matched = made.query_percent / 100 * line.informative_ms
        back = made.stored_percent / 100 * there.informative_ms
        best = max(evidence.segments, key=lambda one: one.n_frames)
        orientation = ORIENTATIONS.index(best.orientation)
    else:
        return None
    return Shared(
        min(100, round(100 * matched / known)),
        min(100, round(100 * back / known_there)),
        orientation,
    )


def _is_pictures(question: VideoQuestion) -> bool:
    compared = question.compared
    return len(compared) <= FEW_FRAMES or is_one_picture(question.hashes[compared, 0])
