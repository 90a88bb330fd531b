"""Files of videos in the forms of other tools: vPDQ features and TMK fingerprints, one a video."""

from __future__ import annotations

from pathlib import Path

from hashmatch.exchange import write_list
from hashmatch.fingerprinting import VideoFingerprint, video_record, vpdq_features


class VideoFiles:
    """Writes ``<SHA-256>.txt`` and ``<SHA-256>.tmk``; a file that is there is replaced.

    Args:
        vpdq, tmk: folders, made if they are not there; None: no such files.
        seconds_per_hash: of vPDQ; 0: every frame.
        isolate: decode in a worker process.
    """

    def __init__(
        self, vpdq: str | None, tmk: str | None, *, seconds_per_hash: float, isolate: bool
    ) -> None:
        self._vpdq = None if vpdq is None else Path(vpdq)
        self._tmk = None if tmk is None else Path(tmk)
        self._seconds = seconds_per_hash
        self._isolate = isolate
        for folder in (self._vpdq, self._tmk):
            if folder is not None:
                folder.mkdir(parents=True, exist_ok=True)

    def write(self, path: str, made: VideoFingerprint) -> None:
        """The files of one video that was hashed; none of one without frames.

        Raises:
            DecodeError: it can't be decoded a second time, by vPDQ's rules.
            ExchangeError: a file can't be written.
        """
        if not len(made.frames):
            return
        name = made.digests.sha256
        if self._tmk is not None and made.tmk is not None:
            target = self._tmk / f"{name}.tmk"
            write_list([video_record(made)], target, format="tmk", overwrite=True)
        if self._vpdq is not None:
            features = vpdq_features(path, seconds_per_hash=self._seconds, isolate=self._isolate)
            target = self._vpdq / f"{name}.txt"
            write_list([video_record(features)], target, format="vpdq-text", overwrite=True)
