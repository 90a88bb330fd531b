"""A checker's match as an entry of a report."""

from __future__ import annotations

from hashmatch.matching import Match, MatchKind, VideoEvidence, time_text
from hashmatch.report.model import FileEntry, MatchEntry, OpinionEntry


def match_entry(file: FileEntry, match: Match) -> MatchEntry:
    """What a report says of one match of ``CheckResult.matches``."""
    media = match.media
    return MatchEntry(
        file=file,
        status=match.status,
        alert=match.alert,
        kind=match.kind.value,
        how=_how(match),
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


def _how(match: Match) -> str:
    if match.kind is MatchKind.DIGEST:
        differing = " and ".join(match.contradicting)
        return f"same {match.algorithm}" + (f", but another {differing}" if differing else "")
    if match.video is not None:
        text = _how_of_video(match.kind, match.video)
        return text if match.placement is None else f"{text}, {match.placement.describe()}"
    unit = "bits" if match.algorithm != "photodna" else "squared"
    parts = [f"{match.algorithm} distance {match.distance} of {match.threshold} {unit}"]
    if match.variant != "original":
        parts.append(match.variant)
    if not match.variant_exact:
        parts.append("orientation approximated from the hash")
    if match.placement is not None:
        parts.append(match.placement.describe())
    if match.stored_time_s is not None:
        parts.append(f"at {time_text(round(1000 * match.stored_time_s))} of the known video")
    elif match.stored_frame is not None:
        parts.append(f"frame {match.stored_frame} of the known video")
    return ", ".join(parts)


def _how_of_video(kind: MatchKind, found: VideoEvidence) -> str:
    if kind is MatchKind.TMK:
        return f"tmk level 1 {found.tmk_level1:.3f}, level 2 {found.tmk_level2:.3f}"
    text = f"{time_text(found.matched_ms)} of this video ({found.query_percent:.0f} %)"
    if found.stored_ms is not None and found.stored_matched_ms is not None:
        there = time_text(found.stored_matched_ms)
        text += f", {there} of the known one ({found.stored_percent:.0f} %)"
    elif found.n_stored > 1:
        text += f", {found.n_stored_matched} of {found.n_stored} known frames"
    return text + (", registered" if found.registered else "")
