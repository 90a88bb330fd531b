"""What reading a video gives: its facts, its frames, and an account of how the reading went."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """What a video says about itself; of its first picture where that can change.

    Attributes:
        container, codec: FFmpeg's names.
        width, height: as stored, that is before ``orientation``, in pixels.
        orientation: the display matrix, as the name of PDQ's orientation that turns the stored
            pixels into the shown ones: ``original``, ``rotate90`` (counter-clockwise), ...
        frame_rate: average frames a second as declared; None where the file does not say.
        declared_ms: duration as declared; None likewise.
        has_audio: whether there is a stream of sound.
        cover_art: a still picture that the file carries beside the video, in words.
        n_video_streams: streams of moving pictures; the first one is read.
        pixel_format: FFmpeg's name.
    """

    container: str
    codec: str
    width: int
    height: int
    orientation: str
    frame_rate: float | None
    declared_ms: int | None
    has_audio: bool
    cover_art: str | None
    n_video_streams: int
    pixel_format: str


@dataclass(frozen=True, slots=True, eq=False)
class VideoFrame:
    """One frame of a video.

    Attributes:
        number: place in the order in which all frames of the stream are shown, from 0.
        time_ms: when it is shown, from the first frame of the stream, which is at 0.
        end_ms: when the next frame is shown; of the last one, when it ends as far as is known.
        pixels: uint8, as stored: (h, w) luma whose rows may be padded (``strides[0]`` is ``w`` or
            more), or (h, w, 3) RGB without gaps. Not to be
            written to; valid until the next frame is asked for.
        full_range: luma is 0..255 (True) or 16..235 (False); True for RGB.
        orientation: as of ``VideoFacts``, of this frame.
        small: uint8 (64, 64, 3) RGB, the whole frame as stored, bicubic; None if not asked for.
    """

    number: int
    time_ms: int
    end_ms: int
    pixels: NDArray[np.uint8]
    full_range: bool
    orientation: str
    small: NDArray[np.uint8] | None = None


@dataclass(slots=True)
class VideoReport:
    """How the reading went; filled while the frames are asked for.

    Attributes:
        n_frames: frames in order of presentation so far, whether they were taken or not.
        n_decoded: frames that came out of the decoder.
        n_broken: packets that could not be decoded, frames that are flagged as damaged, and frames
            that were to be taken and did not come out; one damage may count twice.
        n_untimed: frames whose time the file did not say, or not in order: it was derived.
        duration_ms: end of the last frame so far.
        sizes: every (width, height) in pixels of a frame that was taken, as stored.
        ended: None: the video was read to its end; else why not, "limit: ..." or "corrupt: ...".
        used: "every frame" (decoded), or "planned": only what the taken frames need.
    """

    n_frames: int = 0
    n_decoded: int = 0
    n_broken: int = 0
    n_untimed: int = 0
    duration_ms: int = 0
    sizes: set[tuple[int, int]] = field(default_factory=set)
    ended: str | None = None
    used: str = "every frame"
