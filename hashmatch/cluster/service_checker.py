"""What runs in each actor of a matching service: a ``Checker`` over the database, read-only."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from hashmatch.cluster.cluster_lookup import ShardSource
from hashmatch.cluster.ray_library import ray_library
from hashmatch.cluster.sharded_index import ShardedIndex
from hashmatch.database import Database, HashLookup, open_database
from hashmatch.database.opened import OpenedStore
from hashmatch.decode import Limits
from hashmatch.errors import HashmatchError, RevisionGoneError
from hashmatch.matching import Calibration, Checker, CheckResult, MatchPolicy

_TRIES = 5
"""Times that a check begins again because the shards were switched under it."""


@dataclass(frozen=True, slots=True)
class CheckerSetup:
    """What a checker is made of, wherever it is started.

    Attributes:
        database: path or URL, as ``open_database`` takes it; the same on every machine.
        shards: by algorithm; others are looked up in the segments of the checker's machine.
        shard_threads: that each shard uses at most for a question.
    """

    database: str
    policy: MatchPolicy
    limits: Limits | None
    calibration: Calibration | None
    shards: Mapping[str, ShardedIndex]
    shard_threads: int = 1


def packed(setup: CheckerSetup) -> bytes:
    """The setup as bytes: as an object with handles in it, it would lie in the object store of one
    machine, and be lost with that."""
    made: bytes = ray_library().cloudpickle.dumps(setup)
    return made


class CheckerState(NamedTuple):
    """One checker.

    Attributes:
        node: Ray's id of the machine.
        pid: of its process there.
        revision: of the database, as it sees it.
    """

    node: str
    pid: int
    revision: int


class Call(NamedTuple):
    """One question: a method of ``Checker``, and what it is called with."""

    method: str
    arguments: tuple[Any, ...]
    options: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Raised:
    """An error on its way between processes: not every one can be made from its message alone."""

    kind: type[HashmatchError]
    arguments: tuple[Any, ...]
    attributes: Mapping[str, Any]

    @classmethod
    def of(cls, error: HashmatchError) -> Raised:
        return cls(type(error), error.args, dict(vars(error)))

    def error(self) -> HashmatchError:
        """The error as it was raised."""
        made = self.kind.__new__(self.kind, *self.arguments)
        made.args = self.arguments
        vars(made).update(self.attributes)
        return made


class ServiceChecker:
    """An actor. Nothing is opened before the first call: what fails then is that call's error, and
    the next one tries again.

    Args:
        setup: ``packed`` by the process that starts it.
    """

    def __init__(self, setup: bytes) -> None:
        self._setup: CheckerSetup = ray_library().cloudpickle.loads(setup)
        self._lookups: list[HashLookup] = []
        self._opened: tuple[Database, Checker] | None = None

    def ready(self) -> CheckerState | Raised:
        """What it is ready with; an error says why it is not."""
        try:
            return CheckerState(_node(), os.getpid(), self._open()[0].revision)
        except HashmatchError as error:
            return Raised.of(error)

    def ask(self, call: Call) -> CheckResult | Raised:
        """The answer to one question, or the error that the checker raised."""
        try:
            return self._asked(call)
        except HashmatchError as error:
            return Raised.of(error)

    def close(self) -> None:
        """Give the database's connections back; the next call opens it again."""
        opened, self._opened = self._opened, None
        if opened is not None:
            opened[0].close()

    def _asked(self, call: Call) -> CheckResult:
        _, checker = self._open()
        for left in reversed(range(_TRIES)):
            try:
                method = getattr(checker, call.method)
                answer: CheckResult = method(*call.arguments, **call.options)
                return answer
            except RevisionGoneError:
                if not left:
                    raise
                for lookup in self._lookups:
                    lookup.forget()
        raise AssertionError("unreachable")

    def _open(self) -> tuple[Database, Checker]:
        if self._opened is None:
            setup = self._setup
            database = open_database(setup.database, read_only=True)
            self._lookups.clear()
            checker = Checker(
                database,
                setup.policy,
                limits=setup.limits,
                audit=False,
                calibration=setup.calibration,
                hash_lookup=self._hash_lookup,
            )
            self._opened = database, checker
        return self._opened

    def _hash_lookup(self, database: OpenedStore, algorithm: str) -> HashLookup:
        shards = self._setup.shards.get(algorithm)
        if shards is None:
            return HashLookup(database, algorithm)
        source = ShardSource(shards, algorithm, threads=self._setup.shard_threads)
        lookup = HashLookup(database, algorithm, source=source)
        self._lookups.append(lookup)
        return lookup


def _node() -> str:
    ray = ray_library()
    return str(ray.get_runtime_context().get_node_id()) if ray.is_initialized() else ""
