"""What the classes and kinds of a report are called, and what they mean."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from hashmatch.report.model import GroupKind, TriageClass

CLASS_TITLES: Mapping[TriageClass, str] = MappingProxyType(
    {
        TriageClass.BASELINE: "Known: Baseline",
        TriageClass.NATIONAL: "Known: national",
        TriageClass.OTHER: "Known: other",
        TriageClass.POSSIBLE: "Possible match",
        TriageClass.UNKNOWN: "Unknown, to look at",
        TriageClass.DUPLICATE: "Copy within the set",
        TriageClass.EARLIER: "Seen in an earlier batch",
        TriageClass.DECIDED: "Decided",
        TriageClass.IGNORABLE: "Known ignorable",
        TriageClass.UNEXAMINED: "Not examined",
    }
)
CLASS_MEANINGS: Mapping[TriageClass, str] = MappingProxyType(
    {
        TriageClass.BASELINE: "A source says that INTERPOL's Baseline criteria are met.",
        TriageClass.NATIONAL: "A source labels it CSAM.",
        TriageClass.OTHER: "It stands in a list under another label, or under none.",
        TriageClass.POSSIBLE: "Near a known medium, not near enough: a person has to look.",
        TriageClass.UNKNOWN: "In no list, and the one of its copies to look at. Never “harmless”.",
        TriageClass.DUPLICATE: "A copy of another file of this set: settled by looking at that.",
        TriageClass.EARLIER: "The same as, or a near copy of, a file that an earlier batch had.",
        TriageClass.DECIDED: "Somebody has looked at it, or at a copy of it, and decided.",
        TriageClass.IGNORABLE: "The same bytes as a file that is known to be harmless.",
        TriageClass.UNEXAMINED: "It could not be read or decoded: a person has to look.",
    }
)
KIND_TITLES: Mapping[GroupKind, str] = MappingProxyType(
    {
        GroupKind.EXACT: "the same bytes",
        GroupKind.NEAR: "near copies",
        GroupKind.VIDEO: "the same footage",
    }
)
