"""Many media on all processors: order kept, one answer for each, memory bounded.

Threads read and take digests; decode and hash run in them too (Pillow and the core release the
interpreter's lock) or, with ``isolate=True``, in worker processes.
"""

from __future__ import annotations

import atexit
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from hashmatch.decode import Admit, Limits
from hashmatch.errors import HashmatchError, InputError
from hashmatch.fingerprinting import sniffed
from hashmatch.fingerprinting.image import ImageSource, examine
from hashmatch.fingerprinting.job import Job
from hashmatch.fingerprinting.model import ImageFingerprint
from hashmatch.fingerprinting.ordered import end_all, in_order
from hashmatch.fingerprinting.pruning import PRUNE_DISTANCE
from hashmatch.fingerprinting.sniffed import Fingerprint
from hashmatch.fingerprinting.video_job import VideoJob
from hashmatch.fingerprinting.worker import WorkerPool, close_all, shared_workers, usable_processors


def hash_images(
    sources: Iterable[ImageSource],
    *,
    workers: int | None = None,
    algorithms: Sequence[str] = ("pdq",),
    decode: str = "exact",
    dihedral: bool = False,
    views: str = "none",
    limits: Limits | None = None,
    isolate: bool = False,
) -> Iterator[ImageFingerprint | HashmatchError]:
    """Digests and hashes of many pictures, on all processors.

    Args:
        sources: as ``hash_image`` takes them; taken one by one, a few ahead of the answers.
        workers: threads, and with ``isolate`` as many worker processes; the number of usable
            processors if None.
        algorithms, decode, dihedral, views, limits, isolate: as ``hash_image``.

    Yields:
        For each source, in order: its fingerprint, or the typed error that ``hash_image`` would
        raise for it.

    Raises:
        InputError: a wrong argument (at once).

    Decoded pixels in flight never exceed ``max_pixels`` (one picture as large as allowed, or many
    small ones); encoded files in flight are at most one a thread.
    """
    job = Job.of(algorithms, decode, dihedral, limits, views=views)
    return _answers(sources, job, _crew(workers, isolate))


def examine_images(
    sources: Iterable[ImageSource],
    *,
    workers: int | None = None,
    algorithms: Sequence[str] = ("pdq",),
    decode: str = "exact",
    dihedral: bool = False,
    views: str = "none",
    limits: Limits | None = None,
    isolate: bool = False,
) -> Iterator[ImageFingerprint]:
    """As ``hash_images``, but what has no hash gives a fingerprint that says why.

    Raises:
        InputError: a wrong argument (at once), or a source that is none (at its place).
    """
    job = Job.of(algorithms, decode, dihedral, limits, views=views)
    return _examined(sources, _picture(job), job.limits, _crew(workers, isolate))


def examine_media(
    sources: Iterable[ImageSource],
    *,
    workers: int | None = None,
    algorithms: Sequence[str] = ("pdq",),
    video_algorithms: Sequence[str] = ("pdq",),
    decode: str = "exact",
    dihedral: bool = False,
    views: str = "none",
    interval_s: float = 1.0,
    prune_distance: int | None = PRUNE_DISTANCE,
    limits: Limits | None = None,
    isolate: bool = False,
) -> Iterator[Fingerprint]:
    """As ``examine_images``, of pictures and videos mixed; each by what its bytes are.

    Args:
        sources, workers, algorithms, decode, limits, isolate: as ``hash_images``.
        dihedral, views: of pictures as ``hash_image``, of videos as ``hash_video``.
        video_algorithms, interval_s, prune_distance: as ``hash_video``.

    Yields:
        For each source, in order, a ``VideoFingerprint`` or an ``ImageFingerprint``, as
        ``fingerprint`` chooses. While a video is decoded, what comes after it is not waited for:
        four sources a thread are taken ahead.

    Raises:
        InputError: a wrong argument (at once), or a source that is none (at its place).
    """
    job = Job.of(algorithms, decode, dihedral, limits, views=views)
    video_job = VideoJob.of(interval_s, video_algorithms, dihedral, prune_distance, views, limits)

    def one(source: ImageSource, pool: WorkerPool | None, admit: Admit) -> Answer[Fingerprint]:
        return sniffed.examine(source, job, video_job, workers=pool, admit=admit)

    return _examined(sources, one, job.limits, _crew(workers, isolate))


EXIT_SECONDS = 30.0
"""How long the end of the program waits for pictures that are being decoded in its process."""

T = TypeVar("T")
Answer = tuple[T | None, HashmatchError | None]
One = Callable[[ImageSource, "WorkerPool | None", Admit], Answer[T]]


def _picture(job: Job) -> One[ImageFingerprint]:
    def one(source: ImageSource, pool: WorkerPool | None, admit: Admit) -> Answer[ImageFingerprint]:
        return examine(source, job, workers=pool, admit=admit)

    return one


def _answers(
    sources: Iterable[ImageSource], job: Job, crew: Crew
) -> Iterator[ImageFingerprint | HashmatchError]:
    for made, error in _pairs(sources, _picture(job), job.limits, crew):
        if error is not None:
            yield error
        elif made is not None:
            yield made


def _examined(
    sources: Iterable[ImageSource], one: One[T], limits: Limits, crew: Crew
) -> Iterator[T]:
    for made, error in _pairs(sources, one, limits, crew):
        if made is not None:
            yield made
        elif error is not None:
            raise error


def _pairs(
    sources: Iterable[ImageSource], one: One[T], limits: Limits, crew: Crew
) -> Iterator[Answer[T]]:
    gate = PixelGate(limits.max_pixels)
    pool = crew.pool() if crew.isolate else None

    def admitted(source: ImageSource) -> Answer[T]:
        try:
            with gate.place() as place:
                return one(source, pool, place.take)
        except HashmatchError as error:
            return None, error

    try:
        yield from in_order(admitted, sources, crew.size)
    finally:
        if pool is not None and not crew.shared:
            pool.discard()


@dataclass(frozen=True, slots=True)
class Crew:
    """How many work at once, and where.

    Attributes:
        shared: the worker processes are those of this process, kept for the next call.
    """

    size: int
    isolate: bool
    shared: bool

    def pool(self) -> WorkerPool:
        return shared_workers() if self.shared else WorkerPool(self.size)


def _crew(workers: int | None, isolate: bool) -> Crew:
    if workers is None:
        return Crew(usable_processors(), isolate, shared=True)
    if not isinstance(workers, int) or isinstance(workers, bool) or workers < 1:
        raise InputError(f"workers: expected an integer of 1 or more, got {workers!r}")
    return Crew(workers, isolate, shared=False)


class PixelGate:
    """Lets pictures be decoded while the pixels in flight stay within a bound."""

    def __init__(self, max_pixels: int) -> None:
        self._max_pixels = max_pixels
        self._in_flight = 0
        self._changed = threading.Condition()

    def place(self) -> Place:
        """A place for one picture, empty until its size is known."""
        return Place(self)

    def enter(self, pixels: int) -> None:
        with self._changed:
            # A picture larger than the bound goes alone.
            while self._in_flight and self._in_flight + pixels > self._max_pixels:
                self._changed.wait()
            self._in_flight += pixels

    def leave(self, pixels: int) -> None:
        with self._changed:
            self._in_flight -= pixels
            self._changed.notify_all()


class Place:
    """What one picture holds of a gate; given back at the end of the ``with`` block."""

    def __init__(self, gate: PixelGate) -> None:
        self._gate = gate
        self._held = 0

    def take(self, pixels: int) -> None:
        """Wait until there is room for so many pixels; once for each place."""
        self._gate.enter(pixels)
        self._held += pixels

    def __enter__(self) -> Place:
        return self

    def __exit__(self, *_: object) -> None:
        if self._held:
            self._gate.leave(self._held)
            self._held = 0


@atexit.register
def _end() -> None:
    close_all()  # threads that wait for a worker need not wait any longer
    end_all(EXIT_SECONDS)
