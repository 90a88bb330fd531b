"""What a thread does with one file: open, digest, decode and hash it, and look into archives."""

from __future__ import annotations

import hashlib
import io
import json
import queue
from collections.abc import Callable
from dataclasses import asdict
from typing import BinaryIO

from hashmatch.fingerprinting import Fingerprint, sniffed
from hashmatch.fingerprinting.batch import PixelGate
from hashmatch.fingerprinting.worker import WorkerPool
from hashmatch.scan.archive_7z import require_py7zr
from hashmatch.scan.archives import (
    HEAD_BYTES,
    ArchiveError,
    ArchiveLimits,
    Budget,
    Member,
    NotAnArchiveError,
    read_archive,
    sniff_archive,
)
from hashmatch.scan.batching import Batch, BatchExaminer
from hashmatch.scan.evidence import ChangedError, open_file, require_unchanged
from hashmatch.scan.findings import Answers, Finding, Listener, Question, Task
from hashmatch.scan.items import SEPARATOR
from hashmatch.scan.judge import Judge, JudgeFailedError, judged
from hashmatch.scan.known import Known
from hashmatch.scan.listing import Entry, status_of
from hashmatch.scan.recipe import Recipe
from hashmatch.scan.statuses import ItemStatus
from hashmatch.types import MediaKind

_BLOCK = 1024 * 1024


class Examiner:
    """The thread's side of a run.

    Args:
        pool: where to decode; None: in the threads.
        archives: look into archives, within these limits; None: do not.
        judge: asked about each fingerprint.
    """

    def __init__(
        self,
        recipe: Recipe,
        pool: WorkerPool | None,
        archives: ArchiveLimits | None,
        judge: Judge | None = None,
    ) -> None:
        self._recipe = recipe
        self._pool = pool
        self._archives = archives
        self._judge = judge
        self._gate = PixelGate(recipe.limits.max_pixels)
        self._tell: Callable[[object], None]
        self._answer: Callable[[Answers], tuple[Known | None, ...]]
        self._batch: BatchExaminer | None = None

    def serve(self, listener: Listener) -> None:
        """Say to whom results are told."""
        self._tell = listener.tell
        self._answer = listener.answer
        if self._pool is not None:
            self._batch = BatchExaminer(
                self._recipe,
                self._pool,
                self._judge,
                self._archives is not None,
                alone=self._alone,
                tell=self._tell,
                ask=self._ask,
            )

    def __call__(self, task: Task | Batch) -> None:
        try:
            if isinstance(task, Task):
                self._alone(task)
            elif self._batch is not None:
                self._batch(task)
        except JudgeFailedError as failed:
            raise failed.error from None

    def _ask(self, question: Question) -> tuple[Known | None, ...]:
        self._tell(question)
        return self._answer(question.box)

    def _alone(self, task: Task) -> None:
        entry = task.entry
        try:
            # Only a root itself may be a link, because it was named.
            with open_file(entry.full_path, entry.identity, follow=not entry.path) as stream:
                found = self._file(task, stream)
                require_unchanged(stream, entry.full_path, entry.identity)
        except ChangedError as error:
            found = Finding(entry, None, ItemStatus.CHANGED, str(error))
        except OSError as error:
            found = Finding(entry, None, status_of(error), error.strerror or type(error).__name__)
        self._tell(found)

    def _file(self, task: Task, stream: BinaryIO) -> Finding:
        entry = task.entry
        content = self._content(stream, task.may_be_copy)
        if isinstance(content, Known):
            may_be_archive = content.may_be_archive
        elif content.digests.sha256 is None:
            return Finding(entry, None, ItemStatus(content.status.value), content.reason)
        elif content.size != entry.identity.size:
            raise ChangedError("it changed while it was read")
        else:
            may_be_archive = content.kind not in (MediaKind.IMAGE, MediaKind.VIDEO)
        if self._archives is None or not may_be_archive:
            return self._found(entry, content)
        budget = Budget(self._archives, entry.identity.size)
        stream.seek(0)
        status, reason = self._members(entry, stream, budget, b"", 1)
        return self._found(entry, content, status, reason)

    def _members(
        self, entry: Entry, stream: BinaryIO, budget: Budget, within: bytes, depth: int
    ) -> tuple[ItemStatus | None, str | None]:
        """What is wrong with an archive as a whole; its members are told of on the way."""
        kind = sniff_archive(stream.read(HEAD_BYTES))
        stream.seek(0)
        if kind is None:
            return None, None
        if depth > budget.limits.max_depth:
            return ItemStatus.LIMIT, f"archive: within {depth - 1} others; not read"
        try:
            read_archive(
                stream,
                kind,
                budget,
                lambda member: self._member(entry, member, budget, within, depth),
            )
        except NotAnArchiveError:
            return None, None
        except ArchiveError as error:
            if depth > 1 and error.status is ItemStatus.LIMIT:
                raise  # the limits are those of the outermost one
            return error.status, str(error)
        return None, None

    def _member(
        self, entry: Entry, member: Member, budget: Budget, within: bytes, depth: int
    ) -> None:
        path = within + member.name
        if member.data is None:
            self._tell(Finding(entry, None, member.status, member.reason, path, member.size))
            return
        content = self._content(io.BytesIO(member.data), may_be_copy=True)
        if isinstance(content, Known):
            may_be_archive = content.may_be_archive
        else:
            may_be_archive = content.kind not in (MediaKind.IMAGE, MediaKind.VIDEO)
        status, reason = None, None
        if may_be_archive:
            status, reason = self._members(
                entry, io.BytesIO(member.data), budget, path + SEPARATOR, depth + 1
            )
        self._tell(self._found(entry, content, status, reason, path, member.size))

    def _found(
        self,
        entry: Entry,
        content: Fingerprint | Known,
        status: ItemStatus | None = None,
        reason: str | None = None,
        member: bytes = b"",
        size: int | None = None,
    ) -> Finding:
        verdict = None if isinstance(content, Known) else judged(self._judge, content)
        return Finding(entry, content, status, reason, member, size, verdict)

    def _content(self, stream: BinaryIO, may_be_copy: bool) -> Fingerprint | Known:
        if may_be_copy:
            digest = hashlib.sha256()
            while block := stream.read(_BLOCK):
                digest.update(block)
            (known,) = self._ask(Question((digest.digest(),), queue.SimpleQueue()))
            if known is not None and known.judged:
                return known
            stream.seek(0)
        with self._gate.place() as place:
            recipe = self._recipe
            made, _ = sniffed.examine(
                stream, recipe.job, recipe.video_job, workers=self._pool, admit=place.take
            )
        return made


def rules_of(archives: ArchiveLimits | None) -> str | None:
    """A short mark of how archives are looked into: by which limits, and whether 7z is read."""
    if archives is None:
        return None
    from hashmatch.errors import MissingExtraError

    try:
        require_py7zr()
        seven = True
    except MissingExtraError:
        seven = False
    text = json.dumps({**asdict(archives), "7z": seven}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:8]
