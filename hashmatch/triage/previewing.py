"""Previews of an exhibit's files: read again as evidence is, decoded in worker processes."""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import replace
from multiprocessing import resource_tracker

import numpy as np

from hashmatch.closing import Closing
from hashmatch.decode import DEFAULT_LIMITS, SNIFF_BYTES, Limits, sniff
from hashmatch.errors import HashmatchError
from hashmatch.fingerprinting.handed import Handed
from hashmatch.fingerprinting.worker import WorkerPool, usable_processors
from hashmatch.report import FileEntry, Preview, preview_of_pixels
from hashmatch.scan import Catalogue
from hashmatch.scan.evidence import Identity, open_file, open_quietly
from hashmatch.scan.remote_files import fetch
from hashmatch.scan.remote_url import is_remote
from hashmatch.triage.previewing_worker import Grey, picture_preview, video_preview
from hashmatch.types import MediaKind

_MOST_SECONDS = 10.0
"""A preview is not worth more."""


class PreviewSource(Closing):
    """Gives the preview of a file of an exhibit: a ``PreviewOf`` of ``write_report``.

    A picture is shown if its bytes still have the SHA-256 that the catalogue has; of a video,
    which would take long to digest again, device, inode, size and time of last change are
    compared. Files in archives, files that are gone, changed or can't be decoded have no preview.
    Usable from several threads. Close it: it has worker processes.

    Args:
        catalogue: of the exhibit; asked once, here.
        limits: on decoding; the default ones if None.
        workers: worker processes at most; the number of usable processors if None.

    Attributes:
        n_workers: as many; what ``write_report`` takes as ``preview_threads``.
    """

    def __init__(
        self, catalogue: Catalogue, *, limits: Limits | None = None, workers: int | None = None
    ) -> None:
        limits = limits or DEFAULT_LIMITS
        seconds = min(limits.max_seconds, _MOST_SECONDS)
        self._limits = replace(limits, max_seconds=seconds, max_video_seconds=seconds)
        self._videos = {
            item.name: Identity(int(item.device), int(item.inode), item.size, int(item.mtime_ns))
            for item in catalogue.items()
            if not item.member and item.content is not None and _is_video(item.content.kind)
        }
        self.n_workers = workers or usable_processors()
        # Started later, by a thread, it would let SIGINT through to what it starts.
        resource_tracker.ensure_running()
        self._pool = WorkerPool(self.n_workers)

    def __call__(self, file: FileEntry) -> Preview | None:
        """Both pictures; None where there is none, for whatever reason."""
        try:
            path = os.fsencode(file.path)
            if _is_video(file.kind) and not (file.mime or "").startswith("image/"):
                return self._of_video(path, file)
            return self._of_picture(path, file)
        except (OSError, ValueError, TypeError, HashmatchError):
            return None

    def close(self) -> None:
        """End the worker processes; who waits for one gets None."""
        self._pool.discard()

    def _of_picture(self, path: bytes, file: FileEntry) -> Preview | None:
        if file.size is None or file.size > self._limits.max_bytes:
            return None
        data = fetch(path, file.size) if is_remote(path) else _read(path, file.size)
        if data is None or hashlib.sha256(data).hexdigest() != file.digests.sha256:
            return None
        return _preview(self._pool.run(self._limits, picture_preview, data, self._limits))

    def _of_video(self, path: bytes, file: FileEntry) -> Preview | None:
        listed = self._videos.get(file.path)
        if listed is None:
            return None
        with open_file(path, listed) as stream:
            media = sniff(stream.read(SNIFF_BYTES))
            stream.seek(0)
            identity = (listed.device, listed.inode, listed.size, listed.mtime_ns)
            of_file = (None, None) if is_remote(path) else (file.path, identity)
            with Handed.holding(stream, *of_file) as handed:
                made = self._pool.run(
                    self._limits, video_preview, handed, media, file.duration_ms, self._limits
                )
        return None if made is None else _preview(made)


def _read(path: bytes, size: int) -> bytes | None:
    handle = open_quietly(path)
    with os.fdopen(handle, "rb", buffering=0) as stream:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode) or status.st_size != size:
            return None
        return stream.read(size + 1)


def _preview(grey: Grey) -> Preview:
    """Of what a worker sent, who may have been taken over: numbers, and no file of a picture."""
    height, width, data = grey
    return preview_of_pixels(np.frombuffer(data, np.uint8).reshape(height, width))


def _is_video(kind: str) -> bool:
    return kind == MediaKind.VIDEO.value
