"""The members of a VICS media object, and what becomes of each."""

from __future__ import annotations

from dataclasses import dataclass

KEPT = (
    "Category",
    "MD5",
    "SHA1",
    "SHA256",
    "PhotoDNA",
    "MediaSize",
    "MimeType",
    "VictimIdentified",
    "OffenderIdentified",
    "IsDistributed",
    "IsPrecategorized",
    "IsSuspected",
    "SelfGenerated",
    "Series",
    "Tags",
    "DateUpdated",
    "AlternativeHashes",
)
"""Members with a place in a HashRecord. Every other one goes to ``extra``, unless it is below."""

DROPPED = {
    "miniature": "Miniature",
    "mediafiles": "MediaFiles",
    "exifs": "Exifs",
    "mediametadata": "MediaMetadata",
    "relativefilepath": "file path",
    "filepath": "file path",
    "fullpath": "file path",
    "name": "file name",
    "filename": "file name",
}
"""Never kept: image bytes, and what says where or at whose place a medium was found."""

_DROPPED_PREFIXES = {"contact": "Contact", "examiner": "Contact"}
# MediaID numbers the rows of one file and starts again in the next edition: kept, it would make
# every unchanged record look changed. The record's position stands for it.
_IGNORED = frozenset(("mediaid",))
_CACHED_KEY = 40


@dataclass(frozen=True, slots=True)
class Route:
    """Where one member goes.

    Attributes:
        name: VICS's own spelling of a known member, the file's spelling of an unknown one.
        kept: whether its value becomes part of the record.
        dropped: what to count it as where it is left out for privacy.
    """

    name: str
    kept: bool
    dropped: str | None = None


def route(key: str) -> Route:
    """Where a member goes; keys are compared without case."""
    folded = key.casefold()
    if folded in _CANONICAL:
        return Route(_CANONICAL[folded], True)
    kind = DROPPED.get(folded)
    if kind is None:
        kind = next((k for p, k in _DROPPED_PREFIXES.items() if folded.startswith(p)), None)
    if kind is not None:
        return Route(key, False, kind)
    # OData's annotations (links between the objects of one document) say nothing of the medium.
    protocol = folded.startswith(("odata.", "@odata.")) or "@odata." in folded
    return Route(key, not protocol and folded not in _IGNORED)


_CANONICAL = {name.casefold(): name for name in KEPT}


class Routes(dict[str, Route]):
    """``route`` with a memory for short keys, bounded because keys come from the file."""

    MAX_ENTRIES = 1024

    def __missing__(self, key: str) -> Route:
        found = route(key)
        if len(key) <= _CACHED_KEY and len(self) < self.MAX_ENTRIES:
            self[key] = found
        return found
