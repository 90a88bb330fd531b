"""Rows of the tables that other tools read; docs/report.md says what each column means."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hashmatch.report.model import FileEntry, Group, MatchEntry, OpinionEntry, Review

Row = dict[str, Any]
"""Values by column, in the order of the columns."""

_FILE = (
    "path",
    "path_hex",
    "size",
    "md5",
    "sha1",
    "sha256",
    "media_kind",
    "mime",
    "width",
    "height",
    "duration_ms",
    "triage",
    "decision",
)
GROUP_COLUMNS = (
    "group",
    "kind",
    "linkage",
    "max_distance",
    "diameter",
    "shot",
    "n_files",
    "why",
    "member",
    "representative",
    *_FILE,
    "distance",
    "variant",
    "share",
)
MATCH_COLUMNS = (
    "match",
    *_FILE,
    "status",
    "alert",
    "kind",
    "how",
    "algorithm",
    "distance",
    "threshold",
    "variant",
    "query_value",
    "stored_value",
    "expected_false_matches",
    "reason",
    "media_id",
    "label",
    "baseline",
    "conflict",
    "parts",
    "sources",
    "opinions",
)
REVIEW_COLUMNS = ("rank", *_FILE, "why", "n_copies", "group")


def group_rows(number: int, group: Group) -> Iterator[Row]:
    """A row a file, the representative first."""
    shared: Row = {
        "group": number,
        "kind": group.kind.value,
        "linkage": group.linkage,
        "max_distance": group.max_distance,
        "diameter": group.diameter,
        "shot": group.shot,
        "n_files": group.n_files,
        "why": group.why,
    }
    own = {"distance": 0, "variant": "original", "share": None}
    first = _file(group.representative)
    yield {**shared, "member": 1, "representative": True, **first, **own}
    for member, other in enumerate(group.others, start=2):
        how = {"distance": other.distance, "variant": other.variant, "share": other.share}
        yield {**shared, "member": member, "representative": False, **_file(other.file), **how}


def match_row(number: int, match: MatchEntry) -> Row:
    return {
        "match": number,
        **_file(match.file),
        "status": match.status.value,
        "alert": match.alert.value,
        "kind": match.kind,
        "how": match.how,
        "algorithm": match.algorithm,
        "distance": match.distance,
        "threshold": match.threshold,
        "variant": match.variant,
        "query_value": match.query_value,
        "stored_value": match.stored_value,
        "expected_false_matches": match.expected_false_matches,
        "reason": match.reason,
        "media_id": match.media_id,
        "label": match.label,
        "baseline": match.baseline,
        "conflict": match.conflict,
        "parts": list(match.parts),
        "sources": sorted({opinion.source for opinion in match.opinions}),
        "opinions": [_opinion(opinion) for opinion in match.opinions],
    }


def review_row(rank: int, review: Review) -> Row:
    return {
        "rank": rank,
        **_file(review.file),
        "why": review.why,
        "n_copies": review.n_copies,
        "group": review.group,
    }


def _file(file: FileEntry) -> Row:
    return {
        "path": file.path,
        "path_hex": None,  # whoever writes knows what its form of the path lost
        "size": file.size,
        "md5": file.digests.md5,
        "sha1": file.digests.sha1,
        "sha256": file.digests.sha256,
        "media_kind": file.kind.value,
        "mime": file.mime,
        "width": file.width,
        "height": file.height,
        "duration_ms": file.duration_ms,
        "triage": file.triage.value,
        "decision": file.decision,
    }


def _opinion(opinion: OpinionEntry) -> Row:
    return {
        "source": opinion.source,
        "label": opinion.label,
        "scheme": opinion.scheme,
        "raw_category": opinion.raw_category,
        "baseline": opinion.baseline,
        "series": list(opinion.series),
        "record_key": opinion.record_key,
        "list_file": opinion.list_file,
        "imported_at": opinion.imported_at,
    }
