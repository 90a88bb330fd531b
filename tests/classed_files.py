"""Files of an exhibit that were classed, without an exhibit."""

from __future__ import annotations

import hashlib
from typing import Any

from hashmatch.matching import Alert, CheckStatus
from hashmatch.report import FileEntry, MatchEntry, OpinionEntry, TriageClass
from hashmatch.scan import CatalogueContent, CatalogueItem
from hashmatch.triage import ClassedFile, Verdict
from hashmatch.types import Digests


def content_of(seed: int, **other: Any) -> CatalogueContent:
    """What a catalogue knows of the bytes of a number; arguments replace parts of it."""
    data = str(seed).encode()
    digests = Digests(
        md5=hashlib.md5(data).hexdigest(),
        sha1=hashlib.sha1(data).hexdigest(),
        sha256=hashlib.sha256(data).hexdigest(),
    )
    given: dict[str, Any] = {"number": seed + 1, "digests": digests, "status": "OK"}
    given |= {"reason": None, "kind": "image", "mime": "image/jpeg", "size": 1000 + seed}
    given |= {"width": 640, "height": 480, "quality": 100, "dihedral": None}
    given["pdq"] = hashlib.sha256(b"pdq" + data).digest()
    return CatalogueContent(**{**given, **other})


def classed_of(
    seed: int, triage: TriageClass = TriageClass.UNKNOWN, *, item: Any = (), **other: Any
) -> ClassedFile:
    """A file whose bytes are those of a number; ``item`` replaces parts of its item."""
    place: dict[str, Any] = {"root": b"/mnt/exhibit", "path": b"photos/%d.jpg" % seed}
    place |= {"member": b"", "device": "1", "inode": str(seed), "mtime_ns": "1600000000000000000"}
    place |= {"links": 1, "status": "OK", "reason": None, "outcome": "done"}
    place |= {"content": content_of(seed), "size": 1000 + seed}
    return ClassedFile(CatalogueItem(**{**place, **dict(item)}), triage, **other)


def verdict_of(kind: str = "digest", **other: Any) -> Verdict:
    """A match with the Baseline, by the digest or by a near hash."""
    near = kind != "digest"
    given: dict[str, Any] = {
        "file": FileEntry("", TriageClass.BASELINE),
        "status": CheckStatus.MATCH,
        "alert": Alert.BASELINE,
        "kind": kind,
        "how": "pdq distance 6 of 31 bits" if near else "same sha1",
        "algorithm": "pdq" if near else "sha1",
        "distance": 6 if near else 0,
        "threshold": 31 if near else 0,
        "media_id": 7,
        "label": "csam",
        "baseline": True,
        "opinions": (
            OpinionEntry("National", "csam", "vics-us-current", "1", None, ("S 2",)),
            OpinionEntry("INTERPOL ICSE", "csam", "icse-baseline", "Yes", True, ("S 1",)),
        ),
    }
    match = MatchEntry(**{**given, **other})
    return Verdict(match.status, match.alert, 41, matches=(match,))
