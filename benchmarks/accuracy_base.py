"""What is known in the accuracy benchmark: references, parts of photographs as distractors, lists.

Photographs are numbered by their place in the sorted folder; each entry keeps the number of the one
that it is of. There are two databases, one for the queries of each half of the photographs: every
reference, and parts of the other half only. A part of the query's own photograph is a plain match,
after which nothing more is tried: it would hide whether the reference is found.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import hashmatch as hm
from benchmarks.accuracy_edits import generator
from benchmarks.accuracy_photographs import MIN_QUALITY, loaded
from benchmarks.accuracy_processes import in_processes
from benchmarks.workloads import Pixels

ALGORITHMS = ("pdq", "phash", "phash256", "dhash", "blockhash")
"""Hashes of every entry and query: PDQ and what the peers compare."""

SCHEME = "hashmatch-benchmark"
DISTRACTOR_SIDE = 640
HALVES = 2
_TURNS = 8


def half_of(photo: NDArray[np.int32]) -> NDArray[np.int32]:
    """Which half each photograph belongs to, 0 or 1: by turns, so that pictures of one scene, which
    stand side by side in folders, meet each other."""
    return photo % HALVES


@dataclass(frozen=True)
class Entries:
    """Rows of one list.

    Attributes:
        photo: int32 (n,), the photograph that the entry is of.
        reference: bool (n,), the whole photograph rather than a part of it.
        quality: uint8 (n,), PDQ's.
        hashes: by algorithm, uint8 (n, bytes).
    """

    photo: NDArray[np.int32]
    reference: NDArray[np.bool_]
    quality: NDArray[np.uint8]
    hashes: dict[str, NDArray[np.uint8]]

    def __len__(self) -> int:
        return len(self.photo)

    def asked_of(self, half: int) -> NDArray[np.bool_]:
        """bool (n,): the entries that queries of a half's photographs are asked of."""
        others: NDArray[np.bool_] = half_of(self.photo) != half
        return self.reference | others


def hashed(pixels: Pixels) -> tuple[dict[str, bytes], int]:
    """Every hash of a picture, and the quality of its PDQ."""
    values, quality = {}, 0
    for name in ALGORITHMS:
        value, told = hm.hash_pixels(name, pixels)
        values[name] = value.tobytes()
        if name == "pdq":
            quality = told
    return values, quality


Row = tuple[int, bool, int, dict[str, bytes]]


@dataclass(frozen=True)
class Parts:
    """One photograph's share of the distractors; made in a worker process."""

    photo: int
    path: Path
    count: int
    seed: int


def rows_of(task: Parts) -> list[Row]:
    """The reference, then ``count`` parts of it.

    A part is 25 to 90 % of each side, in any orientation, its values times 0.6 to 1.4. One with
    too little information to be matched is drawn again, a few times.
    """
    values, quality = hashed(np.asarray(loaded(task.path)))
    rows: list[Row] = [(task.photo, True, quality, values)]
    rng = generator(task.seed, "distractors", task.photo)
    pixels = np.asarray(loaded(task.path, DISTRACTOR_SIDE))
    sides = np.array(pixels.shape[:2])
    for _ in range(10 * task.count):
        if len(rows) > task.count:
            break
        height, width = np.maximum(16, sides * rng.uniform(0.25, 0.9, 2)).astype(int)
        top, left = (int(rng.integers(0, max(1, room + 1))) for room in sides - (height, width))
        part = pixels[top : top + height, left : left + width]
        turn = int(rng.integers(_TURNS))
        part = np.rot90(part[:, ::-1] if turn >= 4 else part, turn % 4)
        light = np.clip(np.arange(256) * rng.uniform(0.6, 1.4), 0, 255).astype(np.uint8)
        values, quality = hashed(np.ascontiguousarray(light[part]))
        if quality >= MIN_QUALITY:
            rows.append((task.photo, False, quality, values))
    return rows


def entries_from(rows: Iterable[Row]) -> Entries:
    photo, reference, quality, values = zip(*rows, strict=True)
    return Entries(
        np.array(photo, np.int32),
        np.array(reference, bool),
        np.array(quality, np.uint8),
        {
            name: np.frombuffer(b"".join(row[name] for row in values), np.uint8).reshape(
                len(values), -1
            )
            for name in ALGORITHMS
        },
    )


def entries_of(
    paths: Sequence[Path], distractors: int, seed: int, processes: int, cache: Path | None
) -> Entries:
    """References and distractors; read from ``cache`` if it has been made of the same before."""
    parts = np.diff(np.linspace(0, distractors, len(paths) + 1).astype(int)).tolist()
    kept = cache / f"entries-{_key(paths, distractors, seed)}.npz" if cache else None
    if kept is not None and kept.is_file():
        with np.load(kept) as file:
            values = {name: file[name] for name in ALGORITHMS}
            return Entries(file["photo"], file["reference"], file["quality"], values)
    tasks = [
        Parts(number, path, count, seed)
        for number, (path, count) in enumerate(zip(paths, parts, strict=True))
    ]
    made = in_processes(rows_of, tasks, processes)
    entries = entries_from(row for rows in made for row in rows)
    if kept is not None:
        kept.parent.mkdir(parents=True, exist_ok=True)
        columns = {"photo": entries.photo, "reference": entries.reference}
        np.savez(kept, **columns, **entries.hashes, quality=entries.quality)  # type: ignore[arg-type]
    return entries


def _key(paths: Sequence[Path], distractors: int, seed: int) -> str:
    """Changes with the photographs, the parameters and this file."""
    told = [f"{path.name} {path.stat().st_size}" for path in paths]
    source = Path(__file__).read_text(encoding="utf-8")
    text = "\n".join((*told, str(distractors), str(seed), hm.__version__, source))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def write_database(path: Path, entries: Entries, chosen: NDArray[np.bool_] | None = None) -> None:
    """A new national database with the entries' PDQ as one list, indexed; keys are row numbers.

    Args:
        chosen: bool (n,), the rows that it holds; None: all.
    """
    rows = range(len(entries)) if chosen is None else np.flatnonzero(chosen).tolist()

    def records() -> Iterator[hm.HashRecord]:
        opinion = hm.Opinion(scheme=SCHEME, raw_category="1", label=hm.Label.CSAM)
        for position, number in enumerate(rows, start=1):
            value = entries.hashes["pdq"][number]
            known = hm.HashValue("pdq", value.tobytes(), int(entries.quality[number]))
            yield hm.HashRecord(
                record_key=str(number),
                position=position,
                digests=hm.Digests(),
                opinion=opinion,
                kind=hm.MediaKind.IMAGE,
                hashes=(known,),
            )

    with hm.open_database(path, create=True) as db:
        db.import_records(records(), source="Benchmark", complete=True)
        db.publish_index()
