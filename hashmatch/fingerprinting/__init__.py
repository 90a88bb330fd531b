"""One medium in, one fingerprint out: decode and hashing put together."""

from hashmatch.fingerprinting.batch import examine_images, examine_media, hash_images
from hashmatch.fingerprinting.image import ImageSource, examine_image, hash_image
from hashmatch.fingerprinting.listing import CSV_COLUMNS, csv_line, read_listing, to_row
from hashmatch.fingerprinting.listing_json import LEDGER_SCHEMA, SCHEMA
from hashmatch.fingerprinting.listing_lines import bounded_lines
from hashmatch.fingerprinting.listing_video import VIDEO_SCHEMA
from hashmatch.fingerprinting.model import FingerprintStatus, ImageFingerprint
from hashmatch.fingerprinting.pruning import PRUNE_DISTANCE
from hashmatch.fingerprinting.reading import access_status
from hashmatch.fingerprinting.sniffed import Fingerprint, examine_medium, fingerprint
from hashmatch.fingerprinting.video import examine_video, hash_video
from hashmatch.fingerprinting.video_model import FrameHashes, FrameView, VideoFingerprint
from hashmatch.fingerprinting.views import View
from hashmatch.fingerprinting.vpdq import video_record, vpdq_features

__all__ = [
    "CSV_COLUMNS",
    "LEDGER_SCHEMA",
    "PRUNE_DISTANCE",
    "SCHEMA",
    "VIDEO_SCHEMA",
    "Fingerprint",
    "FingerprintStatus",
    "FrameHashes",
    "FrameView",
    "ImageFingerprint",
    "ImageSource",
    "VideoFingerprint",
    "View",
    "access_status",
    "bounded_lines",
    "csv_line",
    "examine_image",
    "examine_images",
    "examine_media",
    "examine_medium",
    "examine_video",
    "fingerprint",
    "hash_image",
    "hash_images",
    "hash_video",
    "read_listing",
    "to_row",
    "video_record",
    "vpdq_features",
]
