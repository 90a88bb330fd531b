"""A matching service: checkers on many machines, one face, the answers of a local ``Checker``."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

from hashmatch.closing import Closing
from hashmatch.cluster.ray_library import connect, disconnect, ray_library
from hashmatch.cluster.service_checker import (
    Call,
    CheckerSetup,
    CheckerState,
    Raised,
    ServiceChecker,
    packed,
)
from hashmatch.cluster.service_pool import CheckerPool
from hashmatch.cluster.sharded_index import ShardedIndex
from hashmatch.database import Database, open_database
from hashmatch.database.opening import is_encrypted, is_server, sqlite_path
from hashmatch.decode import Limits
from hashmatch.errors import ClusterError, HashmatchError, InputError, InputTypeError
from hashmatch.fingerprinting import Fingerprint, ImageSource
from hashmatch.matching import Calibration, CheckRequest, CheckResult, MatchPolicy
from hashmatch.matching.audited import audit_details


class CheckService(Closing):
    """Checks media against one database by checkers in Ray actors.

    Every answer is that of a ``Checker`` on the same database, at one revision. Actors that die are
    started again by Ray; a request whose actor died is asked of another one. Usable from several
    threads.

    Args:
        database: path on a mount that every machine has at the same place, or the URL of a server;
            checkers only read it. Not an encrypted one: what checkers share lies in the clear.
        shards: by algorithm, what ``shards_of`` wrote, opened; they stay open when the service is
            closed. Hashes of other algorithms are looked up in segments of each checker's machine.
        policy, limits, calibration: as ``Checker``.
        shard_threads: that each shard uses at most for a question.
        checkers: actors, each of which answers one request at a time.
        ahead: requests that an actor is given while it works on one; 0 where requests differ much,
            as one may wait there behind a video while others are idle.
        max_waiting: requests that may wait besides.
        wait_s: seconds that a call waits for room before it raises ServiceBusyError; None: for
            ever; 0: not at all.
        attempts: checkers that may die over one request before it fails.
        isolate: decode in worker processes of the checkers, under ``limits``.
        audit: log each check that matched in the database, once, from here.
        resources: options of Ray's actors, such as ``num_cpus`` (1 by default) or
            ``scheduling_strategy``.
        address: of the cluster, see ``connect``; not used where this process is connected.

    Raises:
        MissingExtraError: Ray is not installed.
        InputError: a wrong argument.
        DatabaseError: the database can't be opened, here or by a checker.
        ClusterError: there is no cluster, or the checkers did not start in time.
    """

    def __init__(
        self,
        database: str | os.PathLike[str],
        shards: Mapping[str, ShardedIndex] | None = None,
        policy: MatchPolicy | None = None,
        *,
        limits: Limits | None = None,
        calibration: Calibration | None = None,
        shard_threads: int = 1,
        checkers: int = 2,
        ahead: int = 1,
        max_waiting: int = 64,
        wait_s: float | None = None,
        attempts: int = 3,
        isolate: bool = True,
        audit: bool = True,
        resources: Mapping[str, Any] | None = None,
        address: str | None = None,
    ) -> None:
        for name, value, least in (
            ("shard_threads", shard_threads, 1),
            ("checkers", checkers, 1),
            ("ahead", ahead, 0),
            ("max_waiting", max_waiting, 0),
            ("attempts", attempts, 1),
        ):
            if not isinstance(value, int) or isinstance(value, bool) or value < least:
                raise InputError(f"{name}: expected an integer of at least {least}, got {value!r}")
        where = _everywhere(database)
        setup = CheckerSetup(
            where, policy or MatchPolicy(), limits, calibration, shards or {}, shard_threads
        )
        self._isolate = isolate
        self._wait_s = wait_s
        self._actors: list[Any] = []
        self._pool: CheckerPool | None = None
        self._database: Database | None = None
        self._connected = connect(address)
        try:
            self._database = open_database(where) if audit else None
            options = {"num_cpus": 1, "max_restarts": -1, "max_task_retries": 0}
            kind = ray_library().remote(ServiceChecker).options(**{**options, **(resources or {})})
            self._actors = [kind.remote(packed(setup)) for _ in range(checkers)]
            self.state()
            self._pool = CheckerPool(
                self._actors, per_checker=1 + ahead, max_waiting=max_waiting, attempts=attempts
            )
        except BaseException:
            self.close()
            raise

    @property
    def capacity(self) -> int:
        """Requests that it holds at most, those that are worked on among them."""
        return self._running.capacity

    def state(self, *, timeout_s: float = 120.0) -> tuple[CheckerState, ...]:
        """Every checker, in the order in which they were started.

        Raises:
            ClusterError: one does not answer in time.
            DatabaseError: one can't open the database.
        """
        ray = ray_library()
        waited = [actor.ready.remote() for actor in self._actors]
        try:
            answers = ray.get(waited, timeout=timeout_s)
        except ray.exceptions.RayError as error:
            raise ClusterError(
                f"{len(waited)} checkers did not answer within {timeout_s:g} s; has the cluster "
                f"processors and modules for them? ({error})"
            ) from error
        for answer in answers:
            if isinstance(answer, Raised):
                raise answer.error()
        return tuple(answers)

    def check(self, source: ImageSource) -> CheckResult:
        """As ``Checker.check``. A path is opened by the checker: it has to be the same file there.
        A file object is read here, and is nameless then.

        Raises:
            ServiceBusyError: there is no room, and none came within ``wait_s``.
            ClusterError: the service is closed; ``attempts`` checkers died over the request; a
                shard can't be asked; the source can't be sent; anything else failed there.
            InputError, DatabaseError: as ``Checker.check``.
        """
        return self._answer(self._submit(self._check(source)))

    def check_request(self, request: CheckRequest) -> CheckResult:
        """As ``Checker.check_request``, its source as of ``check``, which see for the errors."""
        sent = request
        if request.source is not None:
            sent = replace(request, source=_sendable(request.source), photodna=None)
        return self._answer(self._submit(self._call("check_request", sent)))

    def check_fingerprint(self, fingerprint: Fingerprint) -> CheckResult:
        """As ``Checker.check_fingerprint``; errors as of ``check``."""
        return self._answer(self._submit(Call("check_fingerprint", (fingerprint,), {})))

    def check_hash(
        self, algorithm: str, value: str | bytes, quality: int | None = None
    ) -> CheckResult:
        """As ``Checker.check_hash``; errors as of ``check``."""
        return self._answer(self._submit(Call("check_hash", (algorithm, value, quality), {})))

    def check_digests(
        self, *, md5: str | None = None, sha1: str | None = None, sha256: str | None = None
    ) -> CheckResult:
        """As ``Checker.check_digests``; errors as of ``check``."""
        digests = {"md5": md5, "sha1": sha1, "sha256": sha256}
        return self._answer(self._submit(Call("check_digests", (), digests)))

    def check_many(self, sources: Iterable[ImageSource]) -> Iterator[CheckResult | HashmatchError]:
        """Check one medium after the other, as many at once as the service holds.

        It waits for room, whatever ``wait_s`` is, and reads no further ahead than ``capacity``.

        Returns:
            One answer, or the error that ``check`` would raise, for each source, in their order.

        Raises:
            ClusterError: the service is closed.
        """
        under_way: deque[Future[CheckResult] | InputError] = deque()
        for source in sources:
            if len(under_way) >= self.capacity:
                yield self._outcome(under_way.popleft())
            try:
                call = self._check(source)
            except InputError as error:
                under_way.append(error)
                continue
            under_way.append(self._running.submit(call, None))
        while under_way:
            yield self._outcome(under_way.popleft())

    def close(self) -> None:
        """End the checkers; requests that have no answer fail with ClusterError."""
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.close()
        actors, self._actors = self._actors, []
        if ray_library().is_initialized():
            for actor in actors:
                ray_library().kill(actor)
        if self._database is not None:
            self._database.close()
        if self._connected:
            self._connected = False
            disconnect()

    @property
    def _running(self) -> CheckerPool:
        if self._pool is None:
            raise ClusterError("the service is closed")
        return self._pool

    def _check(self, source: ImageSource) -> Call:
        return self._call("check", _sendable(source))

    def _call(self, method: str, argument: Any) -> Call:
        return Call(method, (argument,), {"isolate": self._isolate})

    def _submit(self, call: Call) -> Future[CheckResult]:
        return self._running.submit(call, self._wait_s)

    def _outcome(self, made: Future[CheckResult] | InputError) -> CheckResult | HashmatchError:
        if isinstance(made, InputError):
            return made
        try:
            return self._answer(made)
        except HashmatchError as error:
            return error

    def _answer(self, made: Future[CheckResult]) -> CheckResult:
        result = made.result()
        if self._database is not None and result.matched:
            self._database.record_audit("check", audit_details(result), revision=result.revision)
        return result


def _everywhere(database: str | os.PathLike[str]) -> str:
    """The database as any process can open it, whatever its working directory."""
    if is_encrypted(database):
        raise InputError("database: expected one that is not encrypted: shards lie in the clear")
    if isinstance(database, str) and is_server(database):
        return database
    return str(sqlite_path(database).absolute())


def _sendable(source: Any) -> Any:
    """The source as another process can have it."""
    if isinstance(source, (str, os.PathLike)):
        return os.path.abspath(source)  # noqa: PTH100 - as text, links as they are
    if isinstance(source, (bytearray, memoryview)):
        return bytes(source)
    if not hasattr(source, "read"):
        return source
    data = source.read()
    if not isinstance(data, bytes):
        raise InputTypeError(
            f"source: expected a binary file, got one that reads {type(data).__name__}"
        )
    return data
