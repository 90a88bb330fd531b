"""One medium in, one fingerprint out: decode and hashing put together."""

from hashmatch.fingerprinting.batch import examine_images, hash_images
from hashmatch.fingerprinting.image import ImageSource, examine_image, hash_image
from hashmatch.fingerprinting.listing import CSV_COLUMNS, csv_line, read_listing, to_row
from hashmatch.fingerprinting.listing_json import LEDGER_SCHEMA, SCHEMA
from hashmatch.fingerprinting.listing_lines import bounded_lines
from hashmatch.fingerprinting.model import FingerprintStatus, ImageFingerprint
from hashmatch.fingerprinting.reading import access_status
from hashmatch.fingerprinting.sniffed import fingerprint
from hashmatch.fingerprinting.views import View

__all__ = [
    "CSV_COLUMNS",
    "LEDGER_SCHEMA",
    "SCHEMA",
    "FingerprintStatus",
    "ImageFingerprint",
    "ImageSource",
    "View",
    "access_status",
    "bounded_lines",
    "csv_line",
    "examine_image",
    "examine_images",
    "fingerprint",
    "hash_image",
    "hash_images",
    "read_listing",
    "to_row",
]
