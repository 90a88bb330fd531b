"""One pass over a video's frames: hashed as they come, nothing of their pixels is kept."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Mapping
from fractions import Fraction
from typing import BinaryIO

from hashmatch.algorithms import get_algorithm
from hashmatch.decode import (
    AnimationReader,
    MediaType,
    Sampler,
    VideoFrame,
    VideoReader,
    open_video,
)
from hashmatch.errors import CorruptMediaError
from hashmatch.fingerprinting.handed import Handed
from hashmatch.fingerprinting.model import FingerprintStatus
from hashmatch.fingerprinting.pruning import HashedFrame, KeptFrames
from hashmatch.fingerprinting.turning import SIDEWAYS
from hashmatch.fingerprinting.video_job import VideoJob
from hashmatch.fingerprinting.video_model import VideoFingerprint
from hashmatch.fingerprinting.video_tmk import TmkFrames
from hashmatch.fingerprinting.video_views import Representatives
from hashmatch.hashing import MIN_SIDE, pdq_plane, pdq_plane_dihedral

Content = BinaryIO | Handed | bytes
"""Where a video's bytes are."""

Reader = VideoReader | AnimationReader


def hashed_video(content: Content, media: MediaType, job: VideoJob) -> VideoFingerprint:
    """What the frames of a video say; nothing about its bytes.

    Raises:
        DecodeError: no frame of it can be decoded.
        MissingExtraError: PyAV is not installed.
    """
    if isinstance(content, Handed):
        with content.opened() as stream:
            return _hashed(stream, media, job)
    return _hashed(io.BytesIO(content) if isinstance(content, bytes) else content, media, job)


def _hashed(stream: BinaryIO, media: MediaType, job: VideoJob) -> VideoFingerprint:
    whole = "tmk" in job.algorithms
    with open_video(
        stream,
        media,
        job.limits,
        interval_s=0.0 if whole else job.interval_s,
        every=_frame_modulus(stream, media, job),
        threads=job.threads,
        small=whole,
    ) as reader:
        making = _Making(job, reader)
        for frame in reader:
            making.add(frame)
        return making.finish()


def _frame_modulus(stream: BinaryIO, media: MediaType, job: VideoJob) -> int | None:
    """vPDQ hashes the frames whose number is a multiple of this; None where it is not asked for."""
    if job.seconds_per_hash is None:
        return None
    # The rate is known only when the file is open, and the rule is needed to open it.
    with open_video(stream, media, job.limits, interval_s=job.interval_s, threads=1) as reader:
        rate = reader.facts.frame_rate
    stream.seek(0)
    return max(1, int(job.seconds_per_hash * (rate or 0.0)))


class _Making:
    """What becomes of the frames that a reader gives."""

    def __init__(self, job: VideoJob, reader: Reader) -> None:
        self._job = job
        self._reader = reader
        self._all_rows = job.dihedral or job.views != "none"
        self._kept = KeptFrames(job.prune_distance)
        self._views = Representatives(job.views)
        self._tmk = TmkFrames(reader.facts.frame_rate) if "tmk" in job.algorithms else None
        self._sampler = Sampler(Fraction(1, 1000), job.interval_s, None)
        self._n_small = 0
        self._size: tuple[int, int] | None = None
        self._orientation = "original"
        self._end_ms = 0

    def add(self, frame: VideoFrame) -> None:
        """Take the next frame; its pixels are not needed afterwards."""
        height, width = frame.pixels.shape[:2]
        orientation = frame.orientation if self._job.upright else "original"
        if self._size is None:
            self._size = (height, width) if orientation in SIDEWAYS else (width, height)
            self._orientation = orientation
        self._end_ms = max(self._end_ms, frame.end_ms)
        if self._tmk is not None:
            self._tmk.add(frame, orientation)
            if not self._sampler.takes(frame.number, frame.time_ms):
                return
        if min(height, width) < MIN_SIDE:
            self._n_small += 1
            return
        hashed = self._hashed(frame, orientation)
        if self._kept.add(hashed) and self._job.views != "none":
            self._views.offer(frame, orientation, hashed, self._kept)

    def _hashed(self, frame: VideoFrame, orientation: str) -> HashedFrame:
        pixels, full = frame.pixels, frame.full_range
        if not self._all_rows:
            value, quality = pdq_plane(pixels, full_range=full, orientation=orientation)
            return HashedFrame(frame.number, frame.time_ms, value.tobytes(), quality)
        rows, quality = pdq_plane_dihedral(pixels, full_range=full, orientation=orientation)
        inside = self._views.inside(frame, orientation)
        return HashedFrame(frame.number, frame.time_ms, rows.tobytes(), quality, inside)

    def finish(self) -> VideoFingerprint:
        """The fingerprint, after the last frame.

        Raises:
            CorruptMediaError: there was none.
        """
        facts, report, kept = self._reader.facts, self._reader.report, self._kept
        if self._size is None:
            raise CorruptMediaError(report.ended or "no frame of it can be decoded")
        duration = max(report.duration_ms or 0, self._end_ms)
        frame_views, trim = self._views.finish(kept)
        made = VideoFingerprint(
            status=FingerprintStatus.OK,
            width=self._size[0],
            height=self._size[1],
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
            frames=kept.finish(duration, dihedral=self._all_rows),
            tmk=None if self._tmk is None else self._tmk.finish(),
            made_with=_versions(self._reader),
            frame_views=frame_views,
        )
        status, reason = _state(made, kept.n_informative, report.ended)
        return dataclasses.replace(made, status=status, reason=reason)


def _state(
    made: VideoFingerprint, n_informative: int, ended: str | None
) -> tuple[FingerprintStatus, str | None]:
    """PARTIAL where the reader stopped before the end, or had to skip what it could not decode.

    What can't be matched at all says so first: no frame large enough, or none that says enough.
    """
    reasons = []
    if ended is not None:
        reasons.append(ended)
    if made.n_broken:
        reasons.append(f"{made.n_broken} packets or frames could not be decoded")
    status = FingerprintStatus.PARTIAL if reasons else FingerprintStatus.OK
    if made.n_sampled == 0:
        status = FingerprintStatus.TOO_SMALL
        reasons.insert(0, f"{made.width} x {made.height}: a side below {MIN_SIDE} pixels")
    elif n_informative == 0:
        status = FingerprintStatus.LOW_INFORMATION
        floor = get_algorithm("pdq").min_quality
        reasons.insert(0, f"no frame has a pdq quality of {floor}")
    return status, "; ".join(reasons) or None


def _versions(reader: Reader) -> Mapping[str, str]:
    if isinstance(reader, AnimationReader):
        import PIL

        return {"pillow": PIL.__version__}
    import av

    codecs = av.library_versions.get("libavcodec", ())
    return {"pyav": av.__version__, "libavcodec": ".".join(str(part) for part in codecs)}
