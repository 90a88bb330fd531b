"""Threads that examine files, and the one thread that hears of it.

Results come in the order in which they are done: one long video holds up nothing. Who waits for
them can stop at any moment.
"""

from __future__ import annotations

import atexit
import queue
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from weakref import WeakSet

T = TypeVar("T")
A = TypeVar("A")

AHEAD = 4
"""Tasks taken for each thread: enough that none waits."""

EXIT_SECONDS = 30.0
"""How long the end of the program waits for files that are being decoded in its process."""

_POLL_SECONDS = 0.1


class DismissedError(BaseException):
    """The run has ended; raised in the crew's threads alone."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A task that ended with an error which nobody expected."""

    error: BaseException


@dataclass(frozen=True, slots=True)
class Done:
    """A task has ended."""


class Crew(Generic[T]):
    """Args:
    work: done with each task in a thread; tells of results through ``tell``.
    """

    def __init__(self, work: Callable[[T], None], n_threads: int) -> None:
        self._work = work
        self._tasks: queue.SimpleQueue[T | None] = queue.SimpleQueue()
        self._told: queue.SimpleQueue[object] = queue.SimpleQueue()
        self._dismissed = threading.Event()
        self.capacity = AHEAD * n_threads
        self.in_work = 0
        # Daemons: a program that drops the run ends all the same, after ``_end``.
        self._threads = [
            threading.Thread(target=self._serve, name=f"hashmatch-scan-{number}", daemon=True)
            for number in range(n_threads)
        ]
        for thread in self._threads:
            thread.start()
        _CREWS.add(self)

    def hand(self, task: T) -> None:
        """Give a task; the caller keeps ``in_work`` within ``capacity``."""
        self.expect()
        self.take(task)

    def expect(self) -> None:
        """Count a task that somebody else will ``take``."""
        self.in_work += 1

    def take(self, task: T) -> None:
        """Give a task that was counted before; from any thread."""
        self._tasks.put(task)

    def heard(self, timeout_s: float) -> object | None:
        """The next thing that a thread told; ``Done`` and ``Broken`` after each task's own.

        Returns:
            None if nothing was told in that time.
        """
        try:
            told = self._told.get(timeout=timeout_s) if timeout_s else self._told.get_nowait()
        except queue.Empty:
            return None
        if isinstance(told, (Done, Broken)):
            self.in_work -= 1
        return told

    def tell(self, message: object) -> None:
        """From a thread to who listens.

        Raises:
            DismissedError: nobody listens any more.
        """
        if self._dismissed.is_set():
            raise DismissedError
        self._told.put(message)

    def answer(self, box: queue.SimpleQueue[A]) -> A:
        """In a thread: wait for the answer to a question that was told.

        Raises:
            DismissedError: there will be none.
        """
        while True:
            try:
                return box.get(timeout=_POLL_SECONDS)
            except queue.Empty:
                if self._dismissed.is_set():
                    raise DismissedError from None

    @property
    def dismissed(self) -> bool:
        return self._dismissed.is_set()

    def dismiss(self, seconds: float) -> None:
        """Take no more tasks; wait so long for what is in work."""
        self._dismissed.set()
        for _ in self._threads:
            self._tasks.put(None)
        deadline = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _serve(self) -> None:
        # What is started from here inherits it: a worker that is being born when Ctrl-C goes to
        # all processes of a terminal must not die of it, and be taken for a file's fault.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        while (task := self._tasks.get()) is not None:
            if self._dismissed.is_set():
                continue
            try:
                self._work(task)
            except DismissedError:
                continue
            except BaseException as error:  # noqa: BLE001 - raised where the run is
                self._told.put(Broken(error))
            else:
                self._told.put(Done())
            del task


_CREWS: WeakSet[Crew[Any]] = WeakSet()


@atexit.register
def _end() -> None:
    """Native code must not be met by the interpreter's end."""
    deadline = time.monotonic() + EXIT_SECONDS
    for crew in list(_CREWS):
        crew.dismiss(max(0.0, deadline - time.monotonic()))
