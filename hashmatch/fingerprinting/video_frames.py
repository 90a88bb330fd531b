"""One pass over a video's frames: hashed as they come, nothing of their pixels is kept."""

from __future__ import annotations

import dataclasses
from typing import BinaryIO, Protocol

from hashmatch.decode import MediaType, VideoFacts, VideoFrame, VideoReport, open_video
from hashmatch.errors import CorruptMediaError
from hashmatch.fingerprinting.model import FingerprintStatus
from hashmatch.fingerprinting.pruning import HashedFrame, KeptFrames
from hashmatch.fingerprinting.sampling import Ticks
from hashmatch.fingerprinting.video_job import VideoJob
from hashmatch.fingerprinting.video_model import VideoFingerprint
from hashmatch.fingerprinting.video_tmk import SMALL, TmkFrames
from hashmatch.fingerprinting.video_views import Representatives
from hashmatch.hashing import MIN_SIDE, pdq_plane, pdq_plane_dihedral


def hashed_video(stream: BinaryIO, media: MediaType, job: VideoJob) -> VideoFingerprint:
    """What the frames of a video say; nothing about its bytes.

    Raises:
        DecodeError: no frame of it can be decoded.
        MissingExtraError: PyAV is not installed.
    """
    with _reader(stream, media, job) as reader:
        making = _Making(job)
        for frame in reader:
            making.add(frame)
        return making.finish(reader.facts, reader.report)


class _Making:
    """What becomes of the frames that a reader gives."""

    def __init__(self, job: VideoJob) -> None:
        self._job = job
        self._all_rows = job.dihedral or job.views != "none"
        self._kept = KeptFrames(job.prune_distance)
        self._views = Representatives(job.views)
        self._tmk = TmkFrames() if "tmk" in job.algorithms else None
        self._ticks = Ticks(job.interval_s)
        self._n_small = 0
        self._size: tuple[int, int] | None = None
        self._orientation: str | None = None
        self._end_ms = 0

    def add(self, frame: VideoFrame) -> None:
        height, width = frame.pixels.shape[:2]
        if self._size is None:
            turned = self._job.upright and frame.orientation in SIDEWAYS
            self._size = (height, width) if turned else (width, height)
            self._orientation = frame.orientation if self._job.upright else "original"
        self._end_ms = max(self._end_ms, frame.end_ms)
        if self._tmk is not None:
            self._tmk.add(frame, upright=self._job.upright)
            if not self._ticks.takes(frame.time_ms):
                return
        if min(height, width) < MIN_SIDE:
            self._n_small += 1
            return
        orientation = frame.orientation if self._job.upright else "original"
        hashed = self._hashed(frame, orientation)
        if self._kept.add(hashed) and self._views.wanted:
            self._views.offer(frame, hashed, len(self._kept) - 1, self._kept)

    def _hashed(self, frame: VideoFrame, orientation: str) -> HashedFrame:
        if not self._all_rows:
            value, quality = pdq_plane(
                frame.pixels, full_range=frame.full_range, orientation=orientation
            )
            return HashedFrame(frame.number, frame.time_ms, value.tobytes(), quality)
        rows, quality = pdq_plane_dihedral(
            frame.pixels, full_range=frame.full_range, orientation=orientation
        )
        inside = self._views.inside(frame, orientation)
        return HashedFrame(frame.number, frame.time_ms, rows.tobytes(), quality, inside)

    def finish(self, facts: VideoFacts, report: VideoReport) -> VideoFingerprint:
        duration = max(report.duration_ms or 0, self._end_ms)
        kept = self._kept
        if kept.n_sampled == 0 and self._n_small == 0:
            raise CorruptMediaError(report.ended or "no frame of it can be decoded")
        n_shots, n_informative = kept.n_shots, kept.n_informative
        frame_views, trim = self._views.finish(kept)
        frames = kept.finish(duration, dihedral=self._job.dihedral)
        width, height = self._size or (facts.width, facts.height)
        made = VideoFingerprint(
            status=FingerprintStatus.OK,
            width=width,
            height=height,
            orientation=self._orientation,
            container=facts.container,
            codec=facts.codec,
            duration_ms=duration,
            frame_rate=facts.frame_rate,
            n_frames=report.n_frames,
            n_broken=report.n_broken,
            cover_art=facts.cover_art,
            interval_s=self._job.interval_s,
            n_sampled=kept.n_sampled,
            prune_distance=self._job.prune_distance,
            trim=trim,
            frames=frames,
            tmk=None if self._tmk is None else self._tmk.finish(),
            frame_views=frame_views,
        )
        del n_shots
        status, reason = _state(made, n_informative, report)
        return dataclasses.replace(made, status=status, reason=reason)
