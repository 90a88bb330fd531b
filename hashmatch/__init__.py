"""hashmatch: perceptual hashes, exact Hamming search and the national hash database.

    import hashmatch as hm

    value, quality = hm.pdq(pixels)
    fingerprint = hm.hash_image("picture.jpg")
    frames = hm.hash_video("video.mp4").frames
    db = hm.open_database("national.db")
    result = hm.Checker(db).check("picture.jpg")

Names are loaded when they are first used: ``import hashmatch`` loads neither a database driver nor
a decoder.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from hashmatch._version import __version__

if TYPE_CHECKING:
    from hashmatch import cpu as cpu
    from hashmatch import errors as errors
    from hashmatch.algorithms import ALGORITHMS, Algorithm
    from hashmatch.database import (
        Database,
        ExportFilter,
        ExportReport,
        HashLookup,
        ImportReport,
        MediaView,
        StoredOpinion,
        open_database,
    )
    from hashmatch.decode import Limits
    from hashmatch.errors import (
        AuditError,
        CpuFeatureError,
        DatabaseError,
        DecodeError,
        ExchangeError,
        HashFormatError,
        HashmatchError,
        IndexCorruptError,
        IndexFileError,
        IndexVersionError,
        InputError,
        MissingExtraError,
        UnknownAlgorithmError,
    )
    from hashmatch.fingerprinting import (
        FingerprintStatus,
        ImageFingerprint,
        VideoFingerprint,
        examine_image,
        examine_images,
        examine_media,
        examine_video,
        fingerprint,
        hash_image,
        hash_images,
        hash_video,
        vpdq_features,
    )
    from hashmatch.hashing import (
        ORIENTATIONS,
        digest_bytes,
        dihedral_pixels,
        hash_pixels,
        pdq,
        pdq_dihedral,
    )
    from hashmatch.index import (
        ApproximateIndex,
        DigestSet,
        DigestSetBuilder,
        HammingIndex,
        HammingSnapshot,
        PairBlock,
        SearchPlan,
        SearchResult,
        VectorIndex,
    )
    from hashmatch.ledger import Ledger
    from hashmatch.matching import (
        Alert,
        Checker,
        CheckRequest,
        CheckResult,
        CheckStatus,
        Level,
        Match,
        MatchPolicy,
        Placement,
        Thresholds,
        VideoEvidence,
        VideoSegment,
        VideoThresholds,
    )
    from hashmatch.types import Digests, HashRecord, HashValue, Label, MediaKind, Opinion, Reject

_HOMES = {
    "algorithms": ("ALGORITHMS", "Algorithm"),
    "database": (
        "Database",
        "ExportFilter",
        "ExportReport",
        "HashLookup",
        "ImportReport",
        "MediaView",
        "StoredOpinion",
        "open_database",
    ),
    "decode": ("Limits",),
    "errors": (
        "AuditError",
        "CpuFeatureError",
        "DatabaseError",
        "DecodeError",
        "ExchangeError",
        "HashFormatError",
        "HashmatchError",
        "IndexCorruptError",
        "IndexFileError",
        "IndexVersionError",
        "InputError",
        "MissingExtraError",
        "UnknownAlgorithmError",
    ),
    "fingerprinting": (
        "FingerprintStatus",
        "ImageFingerprint",
        "VideoFingerprint",
        "examine_image",
        "examine_images",
        "examine_media",
        "examine_video",
        "fingerprint",
        "hash_image",
        "hash_images",
        "hash_video",
        "vpdq_features",
    ),
    "hashing": (
        "ORIENTATIONS",
        "digest_bytes",
        "dihedral_pixels",
        "hash_pixels",
        "pdq",
        "pdq_dihedral",
    ),
    "index": (
        "ApproximateIndex",
        "DigestSet",
        "DigestSetBuilder",
        "HammingIndex",
        "HammingSnapshot",
        "PairBlock",
        "SearchPlan",
        "SearchResult",
        "VectorIndex",
    ),
    "ledger": ("Ledger",),
    "matching": (
        "Alert",
        "CheckRequest",
        "CheckResult",
        "CheckStatus",
        "Checker",
        "Level",
        "Match",
        "MatchPolicy",
        "Placement",
        "Thresholds",
        "VideoEvidence",
        "VideoSegment",
        "VideoThresholds",
    ),
    "types": ("Digests", "HashRecord", "HashValue", "Label", "MediaKind", "Opinion", "Reject"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}
_MODULES = ("cpu", "errors")

__all__ = [
    "ALGORITHMS",
    "ORIENTATIONS",
    "Alert",
    "Algorithm",
    "ApproximateIndex",
    "AuditError",
    "CheckRequest",
    "CheckResult",
    "CheckStatus",
    "Checker",
    "CpuFeatureError",
    "Database",
    "DatabaseError",
    "DecodeError",
    "DigestSet",
    "DigestSetBuilder",
    "Digests",
    "ExchangeError",
    "ExportFilter",
    "ExportReport",
    "FingerprintStatus",
    "HammingIndex",
    "HammingSnapshot",
    "HashFormatError",
    "HashLookup",
    "HashRecord",
    "HashValue",
    "HashmatchError",
    "ImageFingerprint",
    "ImportReport",
    "IndexCorruptError",
    "IndexFileError",
    "IndexVersionError",
    "InputError",
    "Label",
    "Ledger",
    "Level",
    "Limits",
    "Match",
    "MatchPolicy",
    "MediaKind",
    "MediaView",
    "MissingExtraError",
    "Opinion",
    "PairBlock",
    "Placement",
    "Reject",
    "SearchPlan",
    "SearchResult",
    "StoredOpinion",
    "Thresholds",
    "UnknownAlgorithmError",
    "VectorIndex",
    "VideoEvidence",
    "VideoFingerprint",
    "VideoSegment",
    "VideoThresholds",
    "__version__",
    "cpu",
    "digest_bytes",
    "dihedral_pixels",
    "errors",
    "examine_image",
    "examine_images",
    "examine_media",
    "examine_video",
    "fingerprint",
    "hash_image",
    "hash_images",
    "hash_pixels",
    "hash_video",
    "open_database",
    "pdq",
    "pdq_dihedral",
    "vpdq_features",
]


def __getattr__(name: str) -> Any:
    if name in _HOME_OF:
        value = getattr(import_module(f"hashmatch.{_HOME_OF[name]}"), name)
    elif name in _MODULES:
        value = import_module(f"hashmatch.{name}")
    else:
        raise AttributeError(f"module 'hashmatch' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
