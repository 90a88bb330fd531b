"""One medium in, one fingerprint out: decode and hashing put together."""

from hashmatch.fingerprinting.image import ImageSource, examine_image, hash_image
from hashmatch.fingerprinting.listing import CSV_COLUMNS, csv_line, read_listing, to_row
from hashmatch.fingerprinting.listing_json import LEDGER_SCHEMA, SCHEMA
from hashmatch.fingerprinting.listing_lines import bounded_lines
from hashmatch.fingerprinting.model import FingerprintStatus, ImageFingerprint
from hashmatch.fingerprinting.sniffed import fingerprint

__all__ = [
    "CSV_COLUMNS",
    "LEDGER_SCHEMA",
    "SCHEMA",
    "FingerprintStatus",
    "ImageFingerprint",
    "ImageSource",
    "bounded_lines",
    "csv_line",
    "examine_image",
    "fingerprint",
    "hash_image",
    "read_listing",
    "to_row",
]
