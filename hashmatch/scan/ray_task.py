"""What a node of the cluster does with some files: as a thread of a run does, told at the end.

A pure function of its arguments and the files. Decoding goes on in a worker process of the node's
own, confined and under the limits of ``Limits`` as always: so a hostile file does not meet Ray,
and what it may do to its decoder is found out on the spot.
"""

from __future__ import annotations

import dataclasses
import os
import pickle
from dataclasses import dataclass, field
from multiprocessing import resource_tracker

from hashmatch.errors import ClusterError
from hashmatch.fingerprinting.worker import WorkerPool
from hashmatch.scan.archives import ArchiveLimits
from hashmatch.scan.batching import Batch
from hashmatch.scan.evidence import Identity
from hashmatch.scan.examining import Examiner, rules_of
from hashmatch.scan.findings import Answers, Finding, Question, Task
from hashmatch.scan.known import Known
from hashmatch.scan.listing import Entry
from hashmatch.scan.ray_sending import Sent, packed
from hashmatch.scan.recipe import Recipe
from hashmatch.scan.remote_url import is_remote, remember


@dataclass(frozen=True, slots=True)
class Setup:
    """What is the same for all tasks of a run.

    Attributes:
        text: of the recipe, where the run is: with the versions of its libraries.
        rules: of ``rules_of`` there.
        access: of ``access_of``: how remote roots are opened.
    """

    recipe: Recipe
    text: str
    archives: ArchiveLimits | None
    rules: str | None
    access: tuple[tuple[bytes, str], ...] = field(default=(), repr=False)


def examine_files(
    setup: bytes, entries: tuple[Entry, ...], known: dict[bytes, Known], alone: bool
) -> bytes:
    """Examine files.

    Args:
        setup: a ``Setup``, pickled.
        entries: of files.
        known: contents of these sizes that need not be examined, by their SHA-256.
        alone: not as a batch.

    Returns:
        What ``unpacked`` takes, in the order of the findings.

    Raises:
        ClusterError: other versions are installed here than where the run is.
    """
    examiner = _examiner(setup)
    found: list[Sent] = []
    here: dict[tuple[bytes, bytes], int] = {}
    local = []
    for number, entry in enumerate(entries):
        here[entry.root, entry.path] = number
        local.append(_as_seen_here(entry))
    examiner.serve(_Notes(here, known, found))
    if alone:
        for entry in local:
            examiner(Task(entry, may_be_copy=bool(known)))
    else:
        examiner(Batch(tuple(local)))
    return packed(found)


class Aside:
    """An actor that examines one file after the other: if it dies, it is known of which."""

    def examine(self, setup: bytes, entry: Entry) -> bytes:
        """As ``examine_files``."""
        return examine_files(setup, (entry,), {}, alone=True)


class _Notes:
    """A listener that answers from what it was given."""

    def __init__(
        self, numbers: dict[tuple[bytes, bytes], int], known: dict[bytes, Known], found: list[Sent]
    ) -> None:
        self._numbers = numbers
        self._known = known
        self._found = found

    def tell(self, message: object) -> None:
        if isinstance(message, Question):
            message.box.put(tuple(self._known.get(sha256) for sha256 in message.sha256))
        elif isinstance(message, Finding):
            entry = message.entry
            number = self._numbers[entry.root, entry.path]
            self._found.append(
                Sent(
                    number,
                    message.content,
                    message.status,
                    message.reason,
                    message.member,
                    message.size,
                )
            )

    def answer(self, box: Answers) -> tuple[Known | None, ...]:
        return box.get_nowait()


def _as_seen_here(entry: Entry) -> Entry:
    """The same file of a shared mount has another device number on each machine."""
    if is_remote(entry.root):
        return entry
    try:
        seen = Identity.of(os.stat(entry.full_path, follow_symlinks=not entry.path))  # noqa: PTH116
    except OSError:
        return entry  # to be found out when it is opened
    if dataclasses.replace(seen, device=entry.identity.device) != entry.identity:
        return entry
    return dataclasses.replace(entry, identity=seen)


@dataclass(slots=True)
class _Here:
    setup: bytes = b""
    examiner: Examiner | None = None
    pool: WorkerPool | None = None


_HERE = _Here()
"""Kept from task to task: a decoding process takes its time to start."""


def _examiner(setup: bytes) -> Examiner:
    if _HERE.examiner is not None and _HERE.setup == setup:
        return _HERE.examiner
    wanted: Setup = pickle.loads(setup)  # noqa: S301 - from the run, as the task itself is
    recipe = dataclasses.replace(wanted.recipe)  # without the text that it has worked out there
    if recipe.text != wanted.text or rules_of(wanted.archives) != wanted.rules:
        raise ClusterError(
            f"{os.uname().nodename}: expected the versions of hashmatch and of its libraries that "
            "are installed where the scan runs"
        )
    if _HERE.pool is not None:
        _HERE.pool.discard()
        _HERE.pool, _HERE.examiner = None, None
    remember(wanted.access)
    if recipe.isolate:
        resource_tracker.ensure_running()
        _HERE.pool = WorkerPool(1)
    _HERE.setup, _HERE.examiner = setup, Examiner(recipe, _HERE.pool, wanted.archives)
    return _HERE.examiner
