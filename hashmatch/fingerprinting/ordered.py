"""A function over many items in threads: results in the items' order, memory bounded."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Any, Generic, TypeVar
from weakref import WeakSet

T = TypeVar("T")
R = TypeVar("R")

AHEAD = 4
"""Items taken from the source for each thread: enough that one slow item stops no other thread."""


def in_order(function: Callable[[T], R], items: Iterable[T], n_threads: int) -> Iterator[R]:
    """``function(item)`` of each item, in the order of the items.

    Items are taken in the caller's thread, never more than ``AHEAD * n_threads`` before the result
    that the caller waits for. An exception of the function is raised at its item's place and ends
    the iteration. Leaving the iteration early, an interrupt too, does not wait for what is being
    done.
    """
    crew = _Crew(function, n_threads)
    try:
        window: deque[Future[R]] = deque()
        for item in items:
            window.append(crew.hand(item))
            if len(window) >= AHEAD * n_threads:
                yield window.popleft().result()
        while window:
            yield window.popleft().result()
    finally:
        crew.dismiss()


class _Crew(Generic[T, R]):
    """Threads that take items from one queue.

    Daemons: a program that drops the iteration ends all the same. ``end_all`` waits for what they
    are doing then, because native code must not be met by the interpreter's end.
    """

    def __init__(self, function: Callable[[T], R], n_threads: int) -> None:
        self._function = function
        self._queue: SimpleQueue[tuple[T, Future[R]] | None] = SimpleQueue()
        self._dismissed = threading.Event()
        self.threads = [
            threading.Thread(target=self._work, name=f"hashmatch-{number}", daemon=True)
            for number in range(n_threads)
        ]
        for thread in self.threads:
            thread.start()
        _CREWS.add(self)

    def hand(self, item: T) -> Future[R]:
        future: Future[R] = Future()
        self._queue.put((item, future))
        return future

    def dismiss(self) -> None:
        self._dismissed.set()
        for _ in self.threads:
            self._queue.put(None)

    def _work(self) -> None:
        while (handed := self._queue.get()) is not None:
            item, future = handed
            del handed
            if self._dismissed.is_set():
                continue
            try:
                result = self._function(item)
            except BaseException as error:  # noqa: BLE001 - it is raised where the result is awaited
                future.set_exception(error)
            else:
                future.set_result(result)
            del item, future


_CREWS: WeakSet[_Crew[Any, Any]] = WeakSet()


def end_all(seconds: float) -> None:
    """Take no more items, and wait so long for the items in work."""
    deadline = time.monotonic() + seconds
    crews = list(_CREWS)
    for crew in crews:
        crew.dismiss()
    for crew in crews:
        for thread in crew.threads:
            thread.join(max(0.0, deadline - time.monotonic()))
