"""Small files by the batch: read and digested in a thread, decoded together by a worker process."""

from __future__ import annotations

import hashlib
import queue
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hashmatch.decode import SNIFF_BYTES, sniff
from hashmatch.fingerprinting import ImageFingerprint
from hashmatch.fingerprinting.image import known_of_bytes
from hashmatch.fingerprinting.picture_batch import batch_fingerprints
from hashmatch.fingerprinting.worker import WorkerPool
from hashmatch.scan.evidence import ChangedError, read_file
from hashmatch.scan.findings import Finding, Question, Same, Task
from hashmatch.scan.judge import Judge, judged
from hashmatch.scan.known import Known
from hashmatch.scan.listing import Entry, status_of
from hashmatch.scan.recipe import Recipe
from hashmatch.scan.statuses import ItemStatus
from hashmatch.types import MediaKind

SMALL_BYTES = 1024 * 1024
"""Larger files go alone: their decoding costs much more than a call."""

BATCH_FILES = 96
BATCH_BYTES = 4 * 1024 * 1024
_VIEWED_FILES = 16
"""With views, which hold thumbnails."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Small files, examined in one go; at least one."""

    entries: tuple[Entry, ...]


class Packer:
    """Puts small files together.

    Args:
        n_workers: among which a small exhibit is to be divided.
    """

    def __init__(self, recipe: Recipe, n_workers: int) -> None:
        self._most = BATCH_FILES if recipe.views == "none" else _VIEWED_FILES
        self._n_workers = n_workers
        self._entries: list[Entry] = []
        self._bytes = 0
        self._packed = 0

    def pack(self, entry: Entry) -> Batch | None:
        """Add a file; the batch, if it is full by that."""
        self._entries.append(entry)
        self._bytes += entry.identity.size
        # The first batches are small: work begins at once, and for everybody.
        size = min(self._most, 1 + self._packed // (8 * self._n_workers))
        if len(self._entries) < size and self._bytes < BATCH_BYTES:
            return None
        return self.rest()

    def rest(self) -> Batch | None:
        """What was not yet given away."""
        if not self._entries:
            return None
        batch = Batch(tuple(self._entries))
        self._packed += len(self._entries)
        self._entries, self._bytes = [], 0
        return batch


@dataclass(frozen=True, slots=True)
class _Read:
    entry: Entry
    data: bytes
    sha256: bytes


class BatchExaminer:
    """What a thread does with a batch.

    Args:
        archives: whether archives are looked into.
        alone: examines one file by itself.
        tell: of a finding.
        ask: whether contents are known.
    """

    def __init__(
        self,
        recipe: Recipe,
        pool: WorkerPool,
        judge: Judge | None,
        archives: bool,
        *,
        alone: Callable[[Task], None],
        tell: Callable[[object], None],
        ask: Callable[[Question], tuple[Known | None, ...]],
    ) -> None:
        self._job = recipe.job
        self._pool = pool
        self._judge = judge
        self._archives = archives
        self._alone = alone
        self._tell = tell
        self._ask = ask

    def __call__(self, batch: Batch) -> None:
        read = [one for entry in batch.entries if (one := self._read(entry)) is not None]
        if not read:
            return
        answers = self._ask(Question(tuple(one.sha256 for one in read), queue.SimpleQueue()))
        new: dict[bytes, _Read] = {}
        again: list[_Read] = []
        for one, known in zip(read, answers, strict=True):
            if known is not None and known.judged:
                if self._archives and known.may_be_archive:
                    self._alone(Task(one.entry, may_be_copy=True))
                else:
                    self._tell(Finding(one.entry, known))
            elif one.sha256 in new:
                again.append(one)
            else:
                new[one.sha256] = one
        settled = self._examined(list(new.values()))
        for one in again:
            if one.sha256 in settled:
                self._tell(Finding(one.entry, Same(one.sha256)))
            else:
                self._alone(Task(one.entry, may_be_copy=True))

    def _read(self, entry: Entry) -> _Read | None:
        try:
            # Only a root itself may be a link, because it was named.
            data = read_file(entry.full_path, entry.identity, follow=not entry.path)
        except ChangedError as error:
            self._tell(Finding(entry, None, ItemStatus.CHANGED, str(error)))
        except OSError as error:
            reason = error.strerror or type(error).__name__
            self._tell(Finding(entry, None, status_of(error), reason))
        else:
            return _Read(entry, data, hashlib.sha256(data).digest())
        return None

    def _examined(self, files: Sequence[_Read]) -> set[bytes]:
        """Examine files of different contents; the digests of those that were settled here."""
        pictures: list[tuple[_Read, ImageFingerprint]] = []
        alone: list[_Read] = []
        for one in files:
            media = sniff(one.data[:SNIFF_BYTES])
            if media.kind is MediaKind.IMAGE:
                pictures.append((one, known_of_bytes(one.data, media, one.sha256)))
            else:
                alone.append(one)
        settled: set[bytes] = set()
        if pictures:
            handed = [(one.data, known) for one, known in pictures]
            made = batch_fingerprints(handed, self._job, self._pool)
            for (one, _), fingerprint in zip(pictures, made, strict=True):
                if fingerprint is None:
                    alone.append(one)
                    continue
                verdict = judged(self._judge, fingerprint)
                self._tell(Finding(one.entry, fingerprint, verdict=verdict))
                settled.add(one.sha256)
        for one in alone:
            self._alone(Task(one.entry, may_be_copy=False))
        return settled
