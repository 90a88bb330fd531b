"""Contents of an exhibit once more, with views: a catalogue keeps hashes, never pictures."""

from __future__ import annotations

import threading
from dataclasses import replace
from multiprocessing import resource_tracker

from hashmatch.closing import Closing
from hashmatch.errors import HashmatchError
from hashmatch.fingerprinting import ImageFingerprint
from hashmatch.fingerprinting.sniffed import examine
from hashmatch.fingerprinting.worker import WorkerPool
from hashmatch.scan import Catalogue, CatalogueItem, Recipe
from hashmatch.scan.evidence import Identity, open_file


class EvidenceReader(Closing):
    """Gives the fingerprint of a content by its number: ``fingerprint_of`` of ``group_copies``.

    Of each content the first file that is no member of an archive is opened as evidence is. None
    where there is no such file, where it is another one by now, or can't be decoded any more.
    Usable from several threads. Close it: it has worker processes.

    Args:
        catalogue: of the exhibit; opened once more, for reading alone.
        recipe: as of the scan; views are made, whatever it says of them.
        workers: worker processes at most; the number of usable processors if None.
    """

    def __init__(self, catalogue: Catalogue, recipe: Recipe, *, workers: int | None = None) -> None:
        self._recipe = replace(recipe, views="trims")
        self._lock = threading.Lock()
        self._pool = None
        if recipe.isolate:
            # Started later, by a thread, it would let SIGINT through to what it starts.
            resource_tracker.ensure_running()
            self._pool = WorkerPool(workers)
        self._catalogue = Catalogue.open(
            catalogue.path.parent, read_only=True, from_any_thread=True
        )

    def __call__(self, number: int) -> ImageFingerprint | None:
        with self._lock:
            items = self._catalogue.items_of(number)
        item = next((item for item in items if not item.member), None)
        if item is None:
            return None
        try:
            return self._examined(item)
        except (OSError, HashmatchError):
            return None

    def close(self) -> None:
        """End the worker processes; who waits for one gets None."""
        if self._pool is not None:
            self._pool.discard()
        with self._lock:
            self._catalogue.close()

    def _examined(self, item: CatalogueItem) -> ImageFingerprint | None:
        listed = Identity(int(item.device), int(item.inode), item.size, int(item.mtime_ns))
        with open_file(item.full_path, listed, follow=not item.path) as stream:
            made, _ = examine(stream, self._recipe.job, self._recipe.video_job, workers=self._pool)
        known = item.content
        same = known is not None and made.digests.sha256 == known.digests.sha256
        return made if same and isinstance(made, ImageFingerprint) else None
