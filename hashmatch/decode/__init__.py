"""Untrusted bytes to pixels. Knows no hashes. Pillow is imported when a picture is decoded,
PyAV when a video is."""

from hashmatch.decode.animation import AnimationReader, is_animation
from hashmatch.decode.image import (
    MIN_FRACTION,
    Admit,
    DecodedImage,
    Reduce,
    decode_image,
    decode_pillow,
)
from hashmatch.decode.limits import DEFAULT_LIMITS, Limits
from hashmatch.decode.modes import BACKGROUND
from hashmatch.decode.orientation import apply_orientation
from hashmatch.decode.sequence import later_frames
from hashmatch.decode.sniff import SNIFF_BYTES, UNKNOWN_TYPE, MediaType, sniff
from hashmatch.decode.source import Source, open_source, read_blocks, source_name
from hashmatch.decode.video import VideoReader
from hashmatch.decode.video_model import VideoFacts, VideoFrame, VideoReport
from hashmatch.decode.video_opening import open_video
from hashmatch.decode.video_sampling import Sampler

__all__ = [
    "BACKGROUND",
    "DEFAULT_LIMITS",
    "MIN_FRACTION",
    "SNIFF_BYTES",
    "UNKNOWN_TYPE",
    "Admit",
    "AnimationReader",
    "DecodedImage",
    "Limits",
    "MediaType",
    "Reduce",
    "Sampler",
    "Source",
    "VideoFacts",
    "VideoFrame",
    "VideoReader",
    "VideoReport",
    "apply_orientation",
    "decode_image",
    "decode_pillow",
    "is_animation",
    "later_frames",
    "open_source",
    "open_video",
    "read_blocks",
    "sniff",
    "source_name",
]
