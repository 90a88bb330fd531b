"""The members of a VICS media object, and what becomes of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

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


MEDIA_KEY = "media"
FILES_KEY = "mediafiles"
CASE_REFERENCES = frozenset(("caseid", "casenumber"))
_NOT_COMMON = frozenset(("SHA256",))
_HASH_MEMBERS = frozenset(("MD5", "SHA1", "SHA256", "PhotoDNA", "AlternativeHashes"))


def is_media_list(member: tuple[str, Any]) -> bool:
    """Whether a member holds the media of a case."""
    return type(member[1]) is list and member[0].casefold() == MEDIA_KEY


@dataclass(frozen=True, slots=True)
class Plan:
    """What becomes of the members of every record with the same keys.

    Attributes:
        kept: (key, name) of members with a place of their own, under VICS's name.
        other: (key, name) of members that go to ``extra``.
        dropped: (key, what to count it as).
        plain: every key is there once, and those with a place are spelled as VICS spells them.
        common: plain, nothing is dropped, no SHA256.
        says_hash: whether there is a member that holds a hash.
        names_case: whether there is a member that refers to a case.
    """

    kept: tuple[tuple[str, str], ...]
    other: tuple[tuple[str, str], ...]
    dropped: tuple[tuple[str, str], ...]
    plain: bool
    common: bool
    says_hash: bool
    names_case: bool


class Plans(dict[tuple[str, ...], Plan]):
    """A plan for each tuple of keys, bounded because keys come from the file."""

    MAX_ENTRIES = 256
    MAX_KEYS = 64

    def __missing__(self, keys: tuple[str, ...]) -> Plan:
        plan = _plan(keys)
        small = len(keys) <= self.MAX_KEYS and all(len(key) <= _CACHED_KEY for key in keys)
        if small and len(self) < self.MAX_ENTRIES:
            self[keys] = plan
        return plan


def _plan(keys: tuple[str, ...]) -> Plan:
    routes = [(key, route(key)) for key in keys]
    kept = tuple((k, r.name) for k, r in routes if r.kept and r.name in _CANONICAL.values())
    other = tuple((k, r.name) for k, r in routes if r.kept and r.name not in _CANONICAL.values())
    names = [name for _, name in (*kept, *other)]
    plain = len(set(names)) == len(names) and all(key == name for key, name in kept)
    dropped = tuple((k, r.dropped) for k, r in routes if r.dropped is not None)
    return Plan(
        kept=kept,
        other=other,
        dropped=dropped,
        plain=plain,
        common=plain and not dropped and _NOT_COMMON.isdisjoint(names),
        says_hash=any(name in _HASH_MEMBERS for _, name in kept),
        names_case=any(key.casefold() in CASE_REFERENCES for key, _ in other),
    )


def is_kept(key: str) -> bool:
    """Whether a member becomes part of the record."""
    return route(key).kept
