"""Who examines the files of a run: threads of this process, or a cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from hashmatch.scan.archives import ArchiveLimits
from hashmatch.scan.batching import Batch
from hashmatch.scan.crew import Crew
from hashmatch.scan.examining import Examiner
from hashmatch.scan.findings import Task
from hashmatch.scan.judge import Judge
from hashmatch.scan.known import Known
from hashmatch.scan.recipe import Recipe


class Hands(Protocol):
    """Takes tasks, and tells of findings in the order in which they are done.

    Attributes:
        capacity: how many tasks it takes ahead.
        in_work: those that it has.
    """

    @property
    def in_work(self) -> int: ...

    @property
    def capacity(self) -> int: ...

    def hand(self, task: Task | Batch) -> None:
        """Give a task; the caller keeps ``in_work`` within ``capacity``."""

    def heard(self, timeout_s: float) -> object | None:
        """The next thing that was told, as of ``Crew.heard``; None if nothing was in that time."""

    def dismiss(self, seconds: float) -> None:
        """Take no more tasks; wait so long for what is in work."""


@dataclass(frozen=True, slots=True)
class Order:
    """What a run asks of its hands.

    Attributes:
        roots: as ``checked_roots`` gives them.
        archives: look into archives, within these limits; None: do not.
        judge: asked about each fingerprint, in threads of this process.
        examiner: examines in threads of this process; nobody is told of its findings yet.
        n_threads: how many of them.
        of_sizes: contents that are known, by their SHA-256, of files of these sizes; to be asked
            in the thread that hands tasks alone.
    """

    recipe: Recipe
    roots: tuple[bytes, ...]
    archives: ArchiveLimits | None
    judge: Judge | None
    examiner: Examiner
    n_threads: int
    of_sizes: Callable[[Iterable[int]], dict[bytes, Known]]


def crew_of(order: Order) -> Hands:
    """Threads of this process."""
    crew: Crew[Task | Batch] = Crew(order.examiner, order.n_threads)
    order.examiner.serve(crew)
    return crew


class Helper(Protocol):
    """Somebody else than this process; see ``RayCluster``.

    Attributes:
        n_workers: how many files it decodes at once.
    """

    @property
    def n_workers(self) -> int: ...

    def hands(self, order: Order) -> Hands:
        """Begin a run."""
        ...
