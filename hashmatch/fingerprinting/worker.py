"""Supervised worker processes: a decoder that crashes, hangs or bloats costs one file.

Each worker is a pebble pool of one process, so that a process that dies is known to have died of
the one task that it had. Only the task's arguments go in and its result comes back: the bytes of a
file in, a fingerprint or a typed error out, never pixels.
"""

from __future__ import annotations

import atexit
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import process
from types import TracebackType
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from hashmatch.decode import Limits
from hashmatch.errors import HashmatchError, MediaLimitError, MediaTimeoutError, WorkerCrashError
from hashmatch.fingerprinting import confinement

if TYPE_CHECKING:
    from pebble import ProcessFuture, ProcessPool

P = ParamSpec("P")
T = TypeVar("T")

RENEWED_AFTER = 2000
"""Tasks after which a worker is replaced: what decoders leak ends with it."""

START_SECONDS = 60.0
"""How long a worker may take to start, beyond the limit of its task."""


class WorkerPool:
    """Workers that are started when they are needed, up to a number, and kept.

    Usable from several threads, each of which waits for its own task. After a fork the child's
    pool is empty and starts workers of its own.

    Args:
        n_workers: at most so many at once; the number of usable processors if None.
    """

    def __init__(self, n_workers: int | None = None) -> None:
        self._n_workers = n_workers or usable_processors()
        self._reset()
        _POOLS.append(self)

    def _reset(self) -> None:
        self._free = threading.Semaphore(self._n_workers)
        self._lock = threading.Lock()
        self._idle: list[ProcessPool] = []
        self._busy: dict[ProcessPool, ProcessFuture[Any] | None] = {}
        self._closed = False

    def run(self, limits: Limits, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a function in a worker and wait for it.

        Args:
            limits: ``max_seconds`` and ``max_memory`` hold for this one call.
            function: importable by its name, not from the main script.

        Raises:
            MediaTimeoutError: it took longer than ``max_seconds`` and was stopped.
            MediaLimitError: it needed more than ``max_memory``.
            WorkerCrashError: the process died, or none could be started, or the pool was closed.
            HashmatchError: what the function raised.
        """
        with self._free:
            worker = self._take()
            healthy = False
            try:
                result: T = self._run_in(worker, limits, function, args, kwargs)
                healthy = True
            except (MediaTimeoutError, WorkerCrashError):
                raise
            except Exception:
                healthy = True  # the function's own error: the process is as good as before
                raise
            finally:
                self._give_back(worker, healthy)
            return result

    def close(self) -> None:
        """End all workers now; calls that wait for one get a WorkerCrashError."""
        with self._lock:
            self._closed = True
            workers = [*self._idle, *self._busy]
            for future in self._busy.values():
                if future is not None:
                    future.cancel()  # type: ignore[no-untyped-call]  # who waits for it must not wait for its time to run out
            self._idle.clear()
            self._busy.clear()
        _stop(*workers)

    @property
    def closed(self) -> bool:
        return self._closed

    def discard(self) -> None:
        """Close a pool that is not needed again."""
        self.close()
        if self in _POOLS:
            _POOLS.remove(self)

    def __enter__(self) -> WorkerPool:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.discard()

    def _take(self) -> ProcessPool:
        with self._lock:
            if self._closed:
                raise WorkerCrashError("the pool of workers is closed")
            worker = self._idle.pop() if self._idle else _started()
            self._busy[worker] = None
        return worker

    def _run_in(
        self,
        worker: ProcessPool,
        limits: Limits,
        function: Callable[..., T],
        args: tuple[object, ...],
        kwargs: dict[str, object],
    ) -> T:
        from pebble import ProcessExpired

        task = (limits.max_memory, limits.max_seconds, function, args, kwargs)
        try:
            with self._lock:
                if worker not in self._busy:
                    raise WorkerCrashError("the pool of workers is closed")
                future = worker.schedule(_limited, args=task, timeout=limits.max_seconds)
                self._busy[worker] = future
            result: T = future.result(timeout=limits.max_seconds + START_SECONDS)
        except HashmatchError:
            raise
        except ProcessExpired as error:
            raise _death(error.exitcode, limits) from error
        except TimeoutError as error:
            raise MediaTimeoutError(
                f"decoding: expected at most {limits.max_seconds:g} s; stopped"
            ) from error
        except BrokenProcessPool as error:
            raise WorkerCrashError("the decoding process died") from error
        except (CancelledError, RuntimeError) as error:
            raise WorkerCrashError("the pool of workers was closed") from error
        except (OSError, AssertionError) as error:
            raise WorkerCrashError(f"no decoding process could be started: {error}") from error
        return result

    def _give_back(self, worker: ProcessPool, healthy: bool) -> None:
        with self._lock:
            if worker not in self._busy:
                return  # closed meanwhile
            del self._busy[worker]
            if healthy:
                self._idle.append(worker)
                return
        _stop(worker)


def usable_processors() -> int:
    """Processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def shared_workers() -> WorkerPool:
    """The pool of this process, as many workers as processors; ended with the process."""
    with _SHARED_LOCK:
        if not _SHARED or _SHARED[0].closed:
            _SHARED[:] = [WorkerPool()]
        return _SHARED[0]


_POOLS: list[WorkerPool] = []
_SHARED: list[WorkerPool] = []
_SHARED_LOCK = threading.Lock()


def _started() -> ProcessPool:
    from pebble import ProcessPool

    from hashmatch.fingerprinting.spawning import CleanSpawnContext

    return ProcessPool(
        max_workers=1,
        max_tasks=RENEWED_AFTER,
        initializer=confinement.confine,
        context=CleanSpawnContext(),
    )


def _limited(
    max_memory: int,
    max_seconds: float,
    function: Callable[..., T],
    args: tuple[object, ...],
    kwargs: dict[str, object],
) -> T:
    """In the worker: the function under the limits of this one call."""
    confinement.limit_resources(max_memory, max_seconds)
    try:
        return function(*args, **kwargs)
    except MemoryError as error:
        raise MediaLimitError(f"memory: expected at most {max_memory} bytes more") from error
    finally:
        confinement.lift_memory_limit()


def _death(exit_code: int, limits: Limits) -> MediaTimeoutError | WorkerCrashError:
    if exit_code == -signal.SIGXCPU:
        return MediaTimeoutError(f"decoding: over {limits.max_seconds:g} s of processor time")
    try:
        how = signal.Signals(-exit_code).name if exit_code < 0 else f"exit code {exit_code}"
    except ValueError:
        how = f"signal {-exit_code}"
    return WorkerCrashError(f"the decoding process died: {how}")


def _stop(*workers: ProcessPool) -> None:
    for worker in workers:
        worker.stop()  # type: ignore[no-untyped-call]
    for worker in workers:
        worker.join()


def close_all() -> None:
    """End all workers of this process now."""
    for pool in _POOLS:
        pool.close()


def _forget_all() -> None:
    """In a forked child: the workers are the parent's, and so are their supervising threads."""
    for pool in _POOLS:
        pool._reset()
    # The child's clean-up at exit would stop the parent's workers.
    getattr(process, "_children", set()).clear()


atexit.register(close_all)
os.register_at_fork(after_in_child=_forget_all)
