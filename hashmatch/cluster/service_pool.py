"""Requests to a pool of Ray actors: a bounded number, each answered once, by another actor where
one died over it.

Ray places the actors, starts them again, and carries calls and answers. What is decided here is
only which idle actor is asked, and that a request whose actor died is asked of another one (Ray's
own retries go to the same one).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from queue import SimpleQueue
from threading import Lock, Semaphore, Thread
from typing import Any

from hashmatch.closing import Closing
from hashmatch.cluster.service_checker import Call, Raised
from hashmatch.errors import ClusterError, ServiceBusyError
from hashmatch.matching import CheckResult

_STARTS = 10
"""Times in a row that an actor may die before it answers that it is ready."""


@dataclass(eq=False, slots=True)
class _Seat:
    """An actor: how many requests it has, and whether it is known to be there."""

    actor: Any
    running: int = 0
    up: bool = True
    failed_starts: int = 0

    @property
    def lost(self) -> bool:
        return self.failed_starts >= _STARTS


@dataclass(eq=False, slots=True)
class _Task:
    """A request, and which actors died over it."""

    call: Call
    answer: Future[CheckResult] = field(default_factory=Future)
    died_on: list[_Seat] = field(default_factory=list)


class CheckerPool(Closing):
    """Gives requests to actors. Usable from several threads.

    One thread of its own decides; callers only wait.

    Args:
        actors: handles of ``ServiceChecker`` actors.
        per_checker: requests that an actor has at once: one that it works on, others that are on
            their way.
        max_waiting: requests that may wait for an actor.
        attempts: actors that may die over one request before it fails.
    """

    def __init__(
        self, actors: Sequence[Any], *, per_checker: int, max_waiting: int, attempts: int
    ) -> None:
        self._seats = [_Seat(actor) for actor in actors]
        self._per_checker = per_checker
        self._attempts = attempts
        self.capacity = len(actors) * per_checker + max_waiting
        self._room = Semaphore(self.capacity)
        self._events: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._waiting: deque[_Task] = deque()
        self._running: set[_Task] = set()
        self._closing = Lock()
        self._closed = False
        self._thread = Thread(target=self._decide, name="checker pool", daemon=True)
        self._thread.start()

    def submit(self, call: Call, wait_s: float | None) -> Future[CheckResult]:
        """Take a request in.

        Args:
            wait_s: seconds to wait for room; None: for ever.

        Raises:
            ServiceBusyError: there was none.
            ClusterError: the pool is closed.
        """
        if not self._room.acquire(timeout=wait_s):
            raise ServiceBusyError(
                f"the service has {self.capacity} requests and takes no more; ask again later"
            )
        task = _Task(call)
        with self._closing:
            if self._closed:
                self._room.release()
                raise ClusterError("the service is closed")
            self._events.put(partial(self._waiting.append, task))
        return task.answer

    def close(self) -> None:
        """Stop; requests without an answer fail with ClusterError."""
        with self._closing:
            self._closed = True
            self._events.put(None)  # the last request stands before it
        self._thread.join()

    def _decide(self) -> None:
        while (event := self._events.get()) is not None:
            event()
            self._give_out()
        for task in (*self._waiting, *self._running):
            self._end(task, ClusterError("the service was closed"))

    def _give_out(self) -> None:
        if all(seat.lost for seat in self._seats):
            while self._waiting:
                self._end(self._waiting.popleft(), ClusterError("no checker can be started"))
        for task in list(self._waiting):
            seat = self._seat_for(task)
            if seat is None:
                if not any(self._is_free(seat) for seat in self._seats):
                    return
                continue
            self._waiting.remove(task)
            self._running.add(task)
            seat.running += 1
            reply = _sent(seat.actor.ask, task.call)
            reply.add_done_callback(partial(self._note, partial(self._answered, seat, task)))

    def _note(self, event: Callable[[Future[Any]], None], reply: Future[Any]) -> None:
        """Called by Ray's thread, which must not wait."""
        self._events.put(partial(event, reply))

    def _is_free(self, seat: _Seat) -> bool:
        return seat.up and seat.running < self._per_checker

    def _seat_for(self, task: _Task) -> _Seat | None:
        """The least busy actor that the request has not died on, while there is such a one."""
        others = [seat for seat in self._seats if seat not in task.died_on and not seat.lost]
        free = [seat for seat in others or self._seats if self._is_free(seat)]
        return min(free, key=lambda seat: seat.running, default=None)

    def _answered(self, seat: _Seat, task: _Task, reply: Future[Any]) -> None:
        import ray.exceptions

        seat.running -= 1
        self._running.discard(task)
        error = reply.exception()
        if error is None:
            answer = reply.result()
            self._end(task, answer.error() if isinstance(answer, Raised) else answer)
        elif isinstance(error, ray.exceptions.RayTaskError) or not isinstance(
            error, ray.exceptions.RayError
        ):
            cause = getattr(error, "cause", None) or error
            failure = ClusterError(f"{task.call.method} failed: {cause!r}")
            failure.__cause__ = error
            self._end(task, failure)
        else:
            if seat.up:
                self._await_start(seat)
            task.died_on.append(seat)
            if len(task.died_on) < self._attempts:
                self._waiting.appendleft(task)
            else:
                tried = f"{len(task.died_on)} checkers died over the request"
                self._end(task, ClusterError(f"{tried}, the last one of: {_first_line(error)}"))

    def _await_start(self, seat: _Seat) -> None:
        """Ray starts it again; until it says that it is ready, others are asked."""
        seat.up = False
        reply = _sent(seat.actor.ready)
        reply.add_done_callback(partial(self._note, partial(self._started, seat)))

    def _started(self, seat: _Seat, reply: Future[Any]) -> None:
        if reply.exception() is None:
            seat.up, seat.failed_starts = True, 0
            return
        seat.failed_starts += 1
        if not seat.lost:
            self._await_start(seat)

    def _end(self, task: _Task, outcome: CheckResult | BaseException) -> None:
        if isinstance(outcome, BaseException):
            task.answer.set_exception(outcome)
        else:
            task.answer.set_result(outcome)
        self._room.release()


def _sent(method: Any, *arguments: Any) -> Future[Any]:
    """The reply to a call of an actor; what can't be sent is a reply too."""
    try:
        reply: Future[Any] = method.remote(*arguments).future()
    except Exception as error:  # noqa: BLE001 - whatever it is, only this call must end by it
        reply = Future()
        reply.set_exception(error)
    return reply


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
