"""Impostor pairs from somebody's own pictures: queries of half of them, entries of the others."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from hashmatch.decode import DEFAULT_LIMITS, Limits
from hashmatch.errors import DecodeError, InputError
from hashmatch.fingerprinting import ImageFingerprint, View
from hashmatch.fingerprinting.reading import read_source
from hashmatch.fingerprinting.worker import WorkerPool, shared_workers
from hashmatch.index import HammingIndex
from hashmatch.matching.calibration_pictures import part_hashes, query_views
from hashmatch.matching.calibration_sample import COMPLETE_TO, Sample
from hashmatch.matching.concentration import concentration

SAME_BITS = 48
"""Pictures so near each other in any orientation show the same: no impostors."""
N_SHOWN = 10
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Collected:
    """What one query's registration gave.

    Attributes:
        adjusted: by number of the entry, its smallest distance in bits.
        n_placements: placements of the query that were tried.
    """

    adjusted: dict[int, float]
    n_placements: int


class Collect(Protocol):
    """Registers one query against the entries; every entry up to ``COMPLETE_TO`` bits is told."""

    def __call__(self, views: Sequence[View], /) -> Collected: ...


@dataclass(frozen=True, slots=True, order=True)
class NearPair:
    """Two pictures that came near each other: perhaps they do show the same.

    Attributes:
        adjusted: bits.
        query, entry: paths.
    """

    adjusted: float
    query: str
    entry: str


@dataclass(frozen=True, slots=True)
class Impostors:
    """What was collected.

    Attributes:
        queries: path of each group of the sample.
        nearest: the nearest pairs of pictures, nearest first; at most ``N_SHOWN``.
        failed: paths that could not be decoded when their turn came, with the error's text.
        unused: paths no part or copy of which says enough to be matched.
    """

    sample: Sample
    queries: tuple[str, ...]
    nearest: tuple[NearPair, ...]
    failed: dict[str, str] = field(default_factory=dict)
    unused: tuple[str, ...] = ()


def distinct(made: Sequence[ImageFingerprint]) -> list[bool]:
    """For each picture, whether no earlier one shows the same: within ``SAME_BITS`` of any of its
    orientations. The fingerprints have PDQ in eight orientations."""
    index = HammingIndex(bits=256)
    index.add(np.array([_bits(one.hashes["pdq"].value) for one in made], np.uint8).reshape(-1, 32))
    found = []
    for number, one in enumerate(made):
        turned = np.array([_bits(value.value) for value in one.dihedral["pdq"]], np.uint8)
        ids = index.range_search(turned, SAME_BITS).ids
        found.append(bool(np.all(ids >= number)))
    return found


def _bits(value: bytes) -> NDArray[np.uint8]:
    return np.frombuffer(value, np.uint8)


def halves(n: int, seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Numbers of the pictures that are queries, and of those whose parts are entries; drawn."""
    order = np.random.default_rng((seed, 1)).permutation(n)
    return np.sort(order[: n // 2]), np.sort(order[n // 2 :])


def impostors(
    paths: Sequence[str],
    register_with: Callable[[HammingIndex], Collect],
    *,
    views: str,
    n_entries: int,
    n_copies: int = 8,
    seed: int = 0,
    isolate: bool = True,
    limits: Limits = DEFAULT_LIMITS,
    advance: Callable[[int], None] = lambda done: None,
) -> Impostors:
    """Distances of edited copies of half of the pictures to parts of the other half.

    Args:
        paths: of pictures of which no two show the same; in an order that does not change.
        register_with: makes the registration of a query against an index of the entries.
        views: as ``examine_image`` is asked.
        n_entries: hashes, shared among the pictures; at least one of each.
        n_copies: edited copies of each query.
        isolate: decode in worker processes.
        advance: told how many of ``paths`` are done.

    Raises:
        InputError: fewer than four pictures, or none that says enough in one of the halves.
    """
    if len(paths) < 4:
        raise InputError(f"paths: expected at least 4 pictures that differ, got {len(paths)}")
    reader = _Reader(limits, shared_workers() if isolate else None)
    queries, others = (numbers.tolist() for numbers in halves(len(paths), seed))
    share = max(1, round(n_entries / len(others)))
    parts: list[bytes] = []
    owners: list[int] = []
    for done, k in enumerate(others):
        made = reader.read(paths[k], part_hashes, share, (seed, 2, k))
        parts += made
        owners += [k] * len(made)
        advance(done + 1)
    if not parts:
        raise InputError("paths: expected entries that say enough to be matched, got none")
    entries = np.frombuffer(b"".join(parts), np.uint8).reshape(-1, 32)
    index = HammingIndex(bits=256)
    index.add(entries, np.arange(len(entries), dtype=np.int64))
    register = register_with(index)
    used: list[str] = []
    seen = _Seen(concentration(entries))
    for done, k in enumerate(queries):
        copies = reader.read(paths[k], query_views, n_copies, views, (seed, 3, k))
        nearest = seen.add(register, copies)
        if copies:
            used.append(paths[k])
        for at, entry in nearest:
            seen.show(NearPair(at, paths[k], paths[owners[entry]]))
        advance(len(others) + done + 1)
    if not seen.n_queries:
        raise InputError("paths: expected queries that say enough to be matched, got none")
    return Impostors(seen.sample(), tuple(used), seen.shown(), reader.failed, tuple(reader.unused))


class _Seen:
    """What the queries gave so far."""

    def __init__(self, entries: NDArray[np.float64]) -> None:
        self._entries = entries
        self._adjusted: list[float] = []
        self._numbers: list[int] = []
        self._groups: list[int] = []
        self._n_placements = 0
        self._n_groups = 0
        self._near: list[NearPair] = []
        self.n_queries = 0

    def add(self, register: Collect, copies: Iterable[Sequence[View]]) -> list[tuple[float, int]]:
        """Register the copies of one picture; (bits, number of the entry) of the nearest ones."""
        best: dict[int, float] = {}
        any_of_it = False
        for views in copies:
            any_of_it = True
            found = register(views)
            self.n_queries += 1
            self._n_placements += found.n_placements
            for number, at in found.adjusted.items():
                if at <= COMPLETE_TO:
                    self._adjusted.append(at)
                    self._numbers.append(number)
                    self._groups.append(self._n_groups)
                    best[number] = min(at, best.get(number, at))
        self._n_groups += any_of_it
        return heapq.nsmallest(N_SHOWN, ((at, number) for number, at in best.items()))

    def show(self, pair: NearPair) -> None:
        """Keep a pair of pictures, at its smallest distance."""
        known = {(one.query, one.entry): one for one in self._near}
        key = (pair.query, pair.entry)
        known[key] = min(pair, known.get(key, pair))
        self._near = heapq.nsmallest(N_SHOWN, known.values())

    def shown(self) -> tuple[NearPair, ...]:
        return tuple(self._near)

    def sample(self) -> Sample:
        return Sample(
            adjusted=np.array(self._adjusted, np.float64),
            groups=np.array(self._groups, np.int64),
            concentration=self._entries[np.array(self._numbers, np.int64)],
            entries=self._entries,
            n_pairs=self.n_queries * len(self._entries),
            n_groups=self._n_groups,
            n_placements=max(1, round(self._n_placements / self.n_queries)),
        )


class _Reader:
    """Runs a function on the bytes of pictures, in a worker process if there are some."""

    def __init__(self, limits: Limits, workers: WorkerPool | None) -> None:
        self._limits = limits
        self._workers = workers
        self.failed: dict[str, str] = {}
        self.unused: list[str] = []

    def read(self, path: str, function: Callable[..., list[T]], *arguments: object) -> list[T]:
        """What the function gives; nothing where the picture can't be decoded, which is noted."""
        try:
            data = read_source(path, self._limits).data(self._limits)
            if self._workers is None:
                made = function(data, self._limits, *arguments)
            else:
                made = self._workers.run(self._limits, function, data, self._limits, *arguments)
        except DecodeError as error:
            self.failed[path] = f"{type(error).__name__}: {error}"
            return []
        if not made:
            self.unused.append(path)
        return made
