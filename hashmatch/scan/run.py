"""A run over an exhibit: what is known stays, what is not is examined, all of it is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from multiprocessing import resource_tracker

from hashmatch.errors import InputError
from hashmatch.fingerprinting.worker import WorkerPool, usable_processors
from hashmatch.scan.archives import ArchiveLimits
from hashmatch.scan.batching import SMALL_BYTES, Packer
from hashmatch.scan.catalogue import Catalogue
from hashmatch.scan.crew import Broken, Done
from hashmatch.scan.examining import Examiner, rules_of
from hashmatch.scan.findings import Finding, Question, Same, Task
from hashmatch.scan.hands import Hands, Helper, Order, crew_of
from hashmatch.scan.journal import Journal
from hashmatch.scan.judge import Judge
from hashmatch.scan.known import Earlier, Known
from hashmatch.scan.listing import Entry, entries
from hashmatch.scan.recipe import Recipe
from hashmatch.scan.roots import PresentRoots, RootPath, checked_roots, require_outside
from hashmatch.scan.statuses import ACCESS, ItemStatus
from hashmatch.scan.summary import ScanSummary

_POLL_SECONDS = 0.1
_THREADS_A_WORKER = 2
"""While one waits for a worker, another one reads."""
_MOST_OF_A_SIZE = 256
"""Contents of one size whose digests a cluster is told: pictures may all be of one size."""
_LEAVE_SECONDS = 0.5
"""How long an end before the end waits for threads: what they do is dropped anyway."""


def scan_into(
    catalogue: Catalogue,
    roots: Iterable[RootPath],
    *,
    recipe: Recipe | None = None,
    workers: int | None = None,
    archives: bool | ArchiveLimits = False,
    judge: Judge | None = None,
    fresh: bool = False,
    hands: Helper | None = None,
    progress: Callable[[ScanSummary], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> ScanSummary:
    """Examine every file under the roots, and keep what comes of it.

    Files that an earlier run has done, and whose device, inode, size and time of last change are
    the same, are not read again. Nothing under the roots is opened for writing.

    Args:
        catalogue: open for writing, in a folder that is in none of the roots.
        roots: folders and files; the catalogue is about those of the last run.
        recipe: what is computed; the default one if None. What another recipe gave is kept
            apart, and used again with it.
        workers: threads, and where the recipe isolates as many worker processes; the number of
            usable processors if None.
        archives: look into ZIP, tar and 7z files too, within these or the default limits.
        judge: asked about each content that is examined; what it says is kept beside it under the
            judge's key. A content of which nothing is kept under that key is examined again.
        fresh: forget what earlier runs did.
        hands: who examines the files, as a ``RayCluster``; this process if None. The catalogue
            is written here, and the judge asked here, all the same.
        progress: called with the counts after each item; they go on changing.
        stop: asked about ten times a second and after each item; True ends the run as Ctrl-C does,
            but without an exception.

    Returns:
        Counts; what the items are is in the catalogue.

    Raises:
        InputError: a wrong argument, roots within each other, or a catalogue within a root.
        MediaAccessError: a root is not there or may not be read: nothing was begun.
        CatalogueError: the catalogue can't be written (see its subclasses).
        HashmatchError: what the judge raised; what was done until then is kept.
        KeyboardInterrupt: Ctrl-C; what was done until then is kept.
    """
    places = checked_roots(roots)
    if workers is not None and (
        not isinstance(workers, int) or isinstance(workers, bool) or workers < 1
    ):
        raise InputError(f"workers: expected an integer of 1 or more, got {workers!r}")
    require_outside(catalogue.path.parent, places)
    recipe = recipe or Recipe()
    limits = ArchiveLimits() if archives is True else archives or None
    n_threads = n_workers = workers or usable_processors()
    if hands is not None:
        n_workers = hands.n_workers
    journal = catalogue.begin(
        recipe, places, fresh=fresh, judge=None if judge is None else judge.key
    )
    pool, packer = None, None
    if recipe.isolate:
        n_threads *= _THREADS_A_WORKER if judge is None else _THREADS_A_WORKER + 1
        # Started later, by a thread of the crew, it would let SIGINT through to what it starts.
        resource_tracker.ensure_running()
        pool = WorkerPool(workers)
    if recipe.isolate or hands is not None:
        packer = Packer(recipe, n_workers)
    order = Order(
        recipe,
        places,
        limits,
        judge,
        Examiner(recipe, pool, limits, judge),
        n_threads,
        lambda sizes: journal.of_sizes(sizes, _MOST_OF_A_SIZE),
    )
    crew = crew_of(order) if hands is None else hands.hands(order)
    run = _Run(journal, crew, rules_of(limits), packer)
    run.present = PresentRoots(places)
    run.progress, run.stop = progress, stop
    try:
        run.go(places)
    except _StoppedError:
        pass
    finally:
        try:
            journal.close()
        finally:
            crew.dismiss(0)  # before the workers end: no task may be met by a closed pool
            if pool is not None:
                pool.discard()
            crew.dismiss(_LEAVE_SECONDS)
    return run.summary


class _StoppedError(Exception):
    """``stop`` said so."""


class _Run:
    def __init__(
        self,
        journal: Journal,
        hands: Hands,
        rules: str | None,
        packer: Packer | None,
    ) -> None:
        self.summary = ScanSummary()
        self.progress: Callable[[ScanSummary], None] | None = None
        self.stop: Callable[[], bool] | None = None
        self.present = PresentRoots(())
        self._hands = hands
        self._journal = journal
        self._rules = rules
        self._packer = packer

    def go(self, roots: tuple[bytes, ...]) -> None:
        """All of it.

        Raises:
            _StoppedError: somebody wants it to end.
        """
        for entry in entries(roots):
            self.summary.listed += 1
            if not self._settled(entry):
                self._hand(entry)
            self._listen(self._hands.capacity)
        rest = None if self._packer is None else self._packer.rest()
        if rest is not None:
            self._hands.hand(rest)
        self._listen(1)
        if not self.summary.lost:
            self.summary.gone = self._journal.finish()
            self.summary.complete = True

    def _hand(self, entry: Entry) -> None:
        if self._packer is None or entry.identity.size > SMALL_BYTES:
            self._hands.hand(Task(entry, self._journal.has_size(entry.identity.size)))
            return
        batch = self._packer.pack(entry)
        if batch is not None:
            self._hands.hand(batch)

    def _listen(self, capacity: int) -> None:
        """Write down what was told, until there is room for a task."""
        if self.progress is not None:
            self.progress(self.summary)
        while True:
            if self.stop is not None and self.stop():
                raise _StoppedError
            full = self._hands.in_work >= capacity
            told = self._hands.heard(_POLL_SECONDS if full else 0)
            if isinstance(told, Finding):
                self._keep(told)
            elif isinstance(told, Question):
                told.box.put(tuple(self._journal.find(sha256) for sha256 in told.sha256))
            elif isinstance(told, Broken):
                raise told.error
            elif told is None and not full:
                return
            elif isinstance(told, Done) and self.progress is not None:
                self.progress(self.summary)

    def _settled(self, entry: Entry) -> bool:
        """Whether there is nothing to read."""
        journal = self._journal
        earlier = journal.earlier(entry)
        if earlier is None or earlier.gone:
            self.summary.new += 1
        elif (
            entry.status is None
            and earlier.status not in ACCESS
            and earlier.identity != entry.identity
        ):
            self.summary.changed += 1
        if entry.status is not None:
            if self._stays(entry, entry.status, earlier):
                return True
            journal.add_item(entry, status=entry.status, reason=entry.reason)
            if entry.is_folder:
                journal.unlisted(entry)
            return True
        if earlier is not None and self._as_before(entry, earlier):
            self.summary.unchanged += 1
            return True
        if entry.links > 1:
            twin = journal.twin(entry)
            if twin is not None and twin.judged and not (self._rules and twin.may_be_archive):
                journal.add_item(entry, content=twin.number, opened=self._rules)
                self.summary.linked += 1
                return True
        return False

    def _stays(self, entry: Entry, status: ItemStatus | None, earlier: Earlier | None) -> bool:
        """Whether a failure is that of the root, and what is known of the file stands."""
        if status not in ACCESS or not self.present.is_lost(entry.root):
            return False
        self.summary.lost = self.present.lost
        return earlier is not None and earlier.content is not None

    def _as_before(self, entry: Entry, earlier: Earlier) -> bool:
        """Whether an earlier result stands; if so, it is written down that it does."""
        if earlier.identity != entry.identity or earlier.sha256 is None or earlier.status in ACCESS:
            return False
        known = self._journal.find(earlier.sha256)
        if known is None or not known.judged:
            return False  # another recipe's, or the judge has not been asked
        if known.may_be_archive and earlier.opened != self._rules:
            if self._rules is not None:
                return False
            # Archives were looked into then, and are files like others now.
            self._journal.add_item(entry, content=known.number)
        elif known.number != earlier.content or earlier.opened != self._rules:
            if known.may_be_archive and self._rules is not None:
                return False  # its members are the other recipe's
            self._journal.add_item(entry, content=known.number, opened=self._rules)
        else:
            self._journal.seen(entry, members=self._rules is not None)
        return True

    def _keep(self, found: Finding) -> None:
        content = found.content
        number = None
        if isinstance(content, Same):
            content = self._journal.find(content.sha256)
        if isinstance(content, Known):
            number = content.number
            self.summary.copies += 1
        elif content is not None:
            number = self._journal.add_content(content, found.verdict).number
            self.summary.examined += 1
        elif self._stays(found.entry, found.status, self._journal.earlier(found.entry)):
            return
        if found.member:
            self.summary.members += 1
        self._journal.add_item(
            found.entry,
            content=number,
            status=found.status,
            reason=found.reason,
            opened=None if found.member else self._rules,
            member=found.member,
            size=found.size,
        )
