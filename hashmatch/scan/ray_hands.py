"""The run's side of a Ray cluster: tasks go out, findings come in, and nothing is lost on the way.

Ray schedules, and does again what is lost with a worker or a node. What is left to be done here is
to find the one file of a batch that a worker dies of again and again.
"""

from __future__ import annotations

import pickle
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYetError
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO

from hashmatch.decode import Limits
from hashmatch.errors import HashmatchError, WorkerCrashError
from hashmatch.fingerprinting import ImageFingerprint
from hashmatch.fingerprinting.image import failed, known_of
from hashmatch.fingerprinting.reading import read_again
from hashmatch.scan.batching import Batch
from hashmatch.scan.crew import Crew, DismissedError
from hashmatch.scan.evidence import ChangedError, open_file
from hashmatch.scan.examining import rules_of
from hashmatch.scan.findings import Finding, Same, Task
from hashmatch.scan.judge import JudgeFailedError, judged
from hashmatch.scan.known import Known
from hashmatch.scan.listing import Entry, status_of
from hashmatch.scan.ray_sending import Sent, unpacked
from hashmatch.scan.ray_task import Aside, Setup, examine_files
from hashmatch.scan.remote_url import access_of
from hashmatch.scan.statuses import ACCESS, ItemStatus

if TYPE_CHECKING:
    from hashmatch.scan.hands import Order
    from hashmatch.scan.ray_cluster import RayCluster

RETRIES = 3
"""How often Ray does again what was lost with a worker or its node."""
ASIDE_RETRIES = 1
"""How often of a file that is examined aside."""

_POLL_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class _Returned:
    """A task of the cluster that has ended.

    Attributes:
        ref: of Ray; held so long.
    """

    entries: tuple[Entry, ...]
    ref: Any
    future: Future[bytes]


class RayHands:
    """See ``Hands``. Findings are received and judged in threads of this process."""

    def __init__(self, cluster: RayCluster, ray: Any, order: Order) -> None:
        self._cluster = cluster
        self._ray = ray
        self._order = order
        errors = ray.exceptions
        self._lost = (
            errors.WorkerCrashedError,
            errors.OutOfMemoryError,
            errors.RayActorError,
            errors.NodeDiedError,
            errors.ObjectLostError,
        )
        recipe = order.recipe
        rules, access = rules_of(order.archives), access_of(order.roots)
        setup = Setup(recipe, recipe.text, order.archives, rules, access)
        self._setup = pickle.dumps(setup, pickle.HIGHEST_PROTOCOL)
        self._examine = ray.remote(num_cpus=1, max_retries=RETRIES)(examine_files)
        aside = ray.remote(num_cpus=1, max_restarts=-1, max_task_retries=ASIDE_RETRIES)
        self._aside = aside(Aside)
        self._flying: set[Any] = set()
        self._crew: Crew[_Returned] = Crew(self._receive, order.n_threads)
        order.examiner.serve(self._crew)

    @property
    def capacity(self) -> int:
        return self._cluster.in_flight

    @property
    def in_work(self) -> int:
        return self._crew.in_work

    def hand(self, task: Task | Batch) -> None:
        """Give a task; the caller keeps ``in_work`` within ``capacity``."""
        entries = (task.entry,) if isinstance(task, Task) else task.entries
        known = self._order.of_sizes(entry.identity.size for entry in entries)
        known = {sha256: one for sha256, one in known.items() if one.judged}
        self._crew.expect()
        alone = isinstance(task, Task) or not self._order.recipe.isolate
        sent = self._send(entries, known, alone=alone)
        sent.future.add_done_callback(lambda _: self._crew.take(sent))

    def heard(self, timeout_s: float) -> object | None:
        """The next thing that was told; see ``Crew.heard``."""
        return self._crew.heard(timeout_s)

    def dismiss(self, seconds: float) -> None:
        """Take no more tasks, cancel those that are out; wait so long for the threads."""
        self._crew.dismiss(0)
        while self._flying:
            try:
                self._ray.cancel(self._flying.pop())
            except (KeyError, ValueError, self._ray.exceptions.RayError):
                continue
        self._crew.dismiss(seconds)

    def _send(
        self, entries: tuple[Entry, ...], known: dict[bytes, Known], *, alone: bool
    ) -> _Returned:
        return self._out(entries, self._examine.remote(self._setup, entries, known, alone))

    def _out(self, entries: tuple[Entry, ...], ref: Any) -> _Returned:
        self._flying.add(ref)
        return _Returned(entries, ref, ref.future())

    def _receive(self, returned: _Returned) -> None:
        """In a thread: tell what a task of the cluster found."""
        try:
            if not self._tell(returned):
                self._examine_aside(returned.entries)
        except JudgeFailedError as failure:
            raise failure.error from None

    def _examine_aside(self, entries: tuple[Entry, ...]) -> None:
        """Find of which file the workers died. With one that dies Ray may lose others' tasks too,
        so this has a process of its own, and one file at a time."""
        aside = self._aside.remote()
        try:
            for entry in entries:
                ref = aside.examine.remote(self._setup, entry)
                if not self._tell(self._out((entry,), ref)):
                    self._tell_lost(entry)
        finally:
            self._ray.kill(aside)

    def _tell(self, returned: _Returned) -> bool:
        """Whether there was something to tell; not if each worker that had the task was lost."""
        try:
            data = self._result(returned.future)
        except self._lost:
            return False
        finally:
            self._flying.discard(returned.ref)
        sent = unpacked(data)
        unread = {one.number for one in sent if not one.member and one.status in ACCESS}
        for one in sent:
            if one.number not in unread:
                self._tell_one(returned.entries[one.number], one)
        for number in sorted(unread):
            # What a node can't reach, this machine may: it is what lists the files that has a say.
            self._order.examiner(Task(returned.entries[number], may_be_copy=True))
        return True

    def _result(self, future: Future[bytes]) -> bytes:
        while True:
            try:
                return future.result(timeout=_POLL_SECONDS)
            except NotYetError:
                if self._crew.dismissed:
                    raise DismissedError from None
            except self._ray.exceptions.TaskCancelledError:
                raise DismissedError from None
            except self._ray.exceptions.RayTaskError as error:
                cause = error.cause
                raise (cause if isinstance(cause, HashmatchError) else error) from None

    def _tell_one(self, entry: Entry, sent: Sent) -> None:
        content = sent.content
        verdict = None
        if content is not None and not isinstance(content, (Known, Same)):
            verdict = judged(self._order.judge, content)
        found = Finding(entry, content, sent.status, sent.reason, sent.member, sent.size, verdict)
        self._crew.tell(found)

    def _tell_lost(self, entry: Entry) -> None:
        """Of a file with which every worker dies: digested here, and not decoded."""
        try:
            with open_file(entry.full_path, entry.identity, follow=not entry.path) as stream:
                made = _undecoded(stream, self._order.recipe.job.limits)
            if made.size != entry.identity.size:
                raise ChangedError("it changed while it was read")
        except ChangedError as error:
            self._crew.tell(Finding(entry, None, ItemStatus.CHANGED, str(error)))
        except OSError as error:
            reason = error.strerror or type(error).__name__
            self._crew.tell(Finding(entry, None, status_of(error), reason))
        else:
            verdict = judged(self._order.judge, made)
            self._crew.tell(Finding(entry, made, verdict=verdict))


def _undecoded(stream: BinaryIO, limits: Limits) -> ImageFingerprint:
    with read_again(stream, limits) as (reading, _):
        known = known_of(stream, reading)
    return failed(known, WorkerCrashError("the process that examined it died"))
