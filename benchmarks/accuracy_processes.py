"""The same work on many tasks, in several processes or in this one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import TypeVar

Task = TypeVar("Task")
Done = TypeVar("Done")


def in_processes(
    work: Callable[[Task], Done],
    tasks: Sequence[Task],
    processes: int,
    prepare: Callable[[], None] | None = None,
) -> Iterator[Done]:
    """``work`` of each task in its order; in this process if ``processes`` is 1."""
    if processes == 1:
        if prepare is not None:
            prepare()
        yield from map(work, tasks)
        return
    # Started anew: threads of the native core do not survive a fork.
    with ProcessPoolExecutor(
        processes, mp_context=get_context("spawn"), initializer=prepare
    ) as pool:
        yield from pool.map(work, tasks)
