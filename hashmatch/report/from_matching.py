"""A checker's match as an entry of a report."""

from __future__ import annotations

from hashmatch.matching import Match, how_matched
from hashmatch.report.model import FileEntry, MatchEntry, OpinionEntry


def match_entry(file: FileEntry, match: Match) -> MatchEntry:
    """What a report says of one match of ``CheckResult.matches``."""
    media = match.media
    return MatchEntry(
        file=file,
        status=match.status,
        alert=match.alert,
        kind=match.kind.value,
        how=how_matched(match),
        algorithm=match.algorithm,
        distance=match.distance,
        threshold=match.threshold,
        media_id=media.media_id,
        variant=match.variant,
        query_value=match.query_value,
        stored_value=match.stored_value,
        expected_false_matches=match.expected_false_matches,
        reason=match.reason,
        label=media.label.value if media.label else None,
        baseline=media.baseline,
        conflict=match.conflict,
        parts=tuple(s.describe() for s in match.video.segments) if match.video else (),
        opinions=tuple(
            OpinionEntry(
                source=stored.source,
                label=stored.opinion.label.value,
                scheme=stored.opinion.scheme,
                raw_category=stored.opinion.raw_category,
                baseline=stored.opinion.baseline,
                series=stored.opinion.series,
                record_key=stored.record_key,
                list_file=stored.file_name,
                imported_at=stored.imported_at.isoformat(),
            )
            for stored in match.opinions
        ),
    )
