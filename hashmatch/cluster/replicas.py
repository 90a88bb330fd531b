"""Questions to shards: to one live replica of each, and to another one where it fails.

Restarting is Ray's: here is only who is asked, and how long an answer is waited for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from threading import BoundedSemaphore, Lock
from time import monotonic
from typing import Any

from hashmatch.cluster.placing import ADMIN
from hashmatch.cluster.ray_library import ray_library
from hashmatch.errors import ClusterError, HashmatchError, ShardUnavailableError

_RESTARTS = 3
"""Restarts that one question waits for: one that kills every process which is asked ends here."""


@dataclass(frozen=True, slots=True)
class _Call:
    replica: int
    reference: Any


class Replicas:
    """The actors of all shards, as one process asks them. Usable from several threads, and from
    other processes of the cluster, to which it may be sent; each counts for itself.

    Args:
        actors: by shard, then by replica.
        patience_s: how long a shard without a live replica is waited for.
        in_flight: questions to all shards that may be under way at once; more wait.
    """

    def __init__(
        self, actors: Sequence[Sequence[Any]], *, patience_s: float, in_flight: int
    ) -> None:
        self.actors = tuple(tuple(replicas) for replicas in actors)
        self._patience_s = patience_s
        self._in_flight = in_flight
        self._free = BoundedSemaphore(in_flight)
        self._lock = Lock()
        self._turns = [0] * len(self.actors)
        self._busy = [[0] * len(replicas) for replicas in self.actors]
        self._doubted: dict[tuple[int, int], Any] = {}

    def __reduce__(self) -> tuple[Any, ...]:
        return _replicas, (self.actors, self._patience_s, self._in_flight)

    def __len__(self) -> int:
        """Number of shards."""
        return len(self.actors)

    def ask(self, method: str, arguments: Mapping[int, tuple[Any, ...]]) -> dict[int, Any]:
        """Ask shards, all at once.

        Args:
            method: of ``Shard``.
            arguments: of each shard that is asked, by its number.

        Returns:
            The answer of each. All of them, or an error.

        Raises:
            ShardUnavailableError: a shard has no live replica, and got none in time.
            HashmatchError: what a shard raised.
        """
        ray = ray_library()
        with self._free:
            calls = {
                shard: self._begun(shard, self._chosen(shard), method, given)
                for shard, given in arguments.items()
            }
            try:
                answers = ray.get([call.reference for call in calls.values()])
            except ray.exceptions.RayError:  # whose it is, and what the others say, comes now
                return {
                    shard: self._answer(shard, call, method, arguments[shard])
                    for shard, call in calls.items()
                }
            finally:
                for shard, call in calls.items():
                    self._ended(shard, call)
        return dict(zip(calls, answers, strict=True))

    def everywhere(
        self, method: str, arguments: tuple[Any, ...], *, timeout_s: float
    ) -> dict[tuple[int, int], Any]:
        """Ask every replica of every shard, beside the searches; Ray asks those again that die.

        Returns:
            Answers by shard and replica; all of them, or an error.

        Raises:
            ShardUnavailableError: a replica did not answer in time.
            HashmatchError: what one raised.
        """
        ray = ray_library()
        calls = {
            self._aside(actor, method).remote(*arguments): (shard, replica)
            for shard, replicas in enumerate(self.actors)
            for replica, actor in enumerate(replicas)
        }
        answers = {}
        until = monotonic() + timeout_s
        waiting = list(calls)
        while waiting:
            done, waiting = ray.wait(waiting, timeout=max(0.0, until - monotonic()))
            if not done:
                shard, replica = calls[waiting[0]]
                raise ShardUnavailableError(
                    f"shard {shard}, replica {replica}: no answer within {timeout_s:g} s",
                    shard=shard,
                )
            with _errors(calls[done[0]][0]):
                answers[calls[done[0]]] = ray.get(done[0])
        return answers

    def tell(self, method: str, *arguments: Any) -> None:
        """Ask every replica without waiting for answers."""
        for actor in (actor for replicas in self.actors for actor in replicas):
            self._aside(actor, method).remote(*arguments)

    def _aside(self, actor: Any, method: str) -> Any:
        return getattr(actor, method).options(concurrency_group=ADMIN, max_task_retries=-1)

    def _chosen(self, shard: int, left_out: frozenset[int] = frozenset()) -> int:
        """The replica that is asked: not one that failed and is not back, then the least busy."""
        with self._lock:
            self._turns[shard] += 1
            n = len(self.actors[shard])
            rest = [replica for replica in range(n) if replica not in left_out]
            return min(
                rest,
                key=lambda replica: (
                    self._is_doubted(shard, replica),
                    self._busy[shard][replica],
                    (replica + self._turns[shard]) % n,
                ),
            )

    def _is_doubted(self, shard: int, replica: int) -> bool:
        ping = self._doubted.get((shard, replica))
        if ping is None:
            return False
        ray = ray_library()
        if not ray.wait([ping], timeout=0)[0]:
            return True
        try:
            ray.get(ping)
        except ray.exceptions.RayError:
            return True  # not started again: only asked where there is no other
        del self._doubted[shard, replica]
        return False

    def _begun(self, shard: int, replica: int, method: str, given: tuple[Any, ...]) -> _Call:
        with self._lock:
            self._busy[shard][replica] += 1
        return _Call(replica, self._sent(shard, replica, method, given))

    def _sent(self, shard: int, replica: int, method: str, given: tuple[Any, ...]) -> Any:
        return getattr(self.actors[shard][replica], method).remote(*given)

    def _ended(self, shard: int, call: _Call) -> None:
        with self._lock:
            self._busy[shard][call.replica] -= 1

    def _answer(self, shard: int, call: _Call, method: str, given: tuple[Any, ...]) -> Any:
        """The answer to a call, or of another replica if it fails."""
        ray = ray_library()
        failed: set[int] = set()
        restarts = 0
        while True:
            try:
                with _errors(shard):
                    return ray.get(call.reference)
            except ShardUnavailableError:
                self._doubt(shard, call.replica)
                failed.add(call.replica)
            if len(failed) < len(self.actors[shard]):
                replica = self._chosen(shard, frozenset(failed))
            else:
                restarts += 1
                if restarts > _RESTARTS:
                    raise ShardUnavailableError(
                        f"shard {shard}: {method} ended every process that was asked, "
                        f"{_RESTARTS} restarts",
                        shard=shard,
                    )
                replica = self._restarted(shard)
                failed.clear()
            call = _Call(replica, self._sent(shard, replica, method, given))

    def _doubt(self, shard: int, replica: int) -> None:
        ping = self._aside(self.actors[shard][replica], "ping").remote()
        with self._lock:
            self._doubted[shard, replica] = ping

    def _restarted(self, shard: int) -> int:
        """Wait for the first replica that Ray has started again."""
        ray = ray_library()
        pings = {
            self._aside(actor, "ping").remote(): replica
            for replica, actor in enumerate(self.actors[shard])
        }
        until = monotonic() + self._patience_s
        waiting = list(pings)
        while waiting:
            done, waiting = ray.wait(waiting, timeout=max(0.0, until - monotonic()))
            if not done:
                break
            try:
                ray.get(done[0])
            except ray.exceptions.RayError:
                continue  # this one is not started again
            return pings[done[0]]
        raise ShardUnavailableError(
            f"shard {shard}: none of {len(self.actors[shard])} replicas is alive, nor was one "
            f"started again within {self._patience_s:g} s",
            shard=shard,
        )


def _replicas(actors: Any, patience_s: float, in_flight: int) -> Replicas:
    return Replicas(actors, patience_s=patience_s, in_flight=in_flight)


@contextmanager
def _errors(shard: int) -> Iterator[None]:
    """What a shard raised, as itself; what happened to its process, as ShardUnavailableError."""
    ray = ray_library()
    try:
        yield
    except ray.exceptions.RayTaskError as error:
        if isinstance(error.cause, HashmatchError):
            raise error.cause from error
        raise ClusterError(f"shard {shard}: {error.cause!r}") from error
    except ray.exceptions.RayError as error:
        raise ShardUnavailableError(f"shard {shard}: {error}", shard=shard) from error
