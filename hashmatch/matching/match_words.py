"""By what a match was found, in words: the same on the command line and in a report."""

from __future__ import annotations

from hashmatch.matching.result import Match, MatchKind
from hashmatch.matching.video_evidence import VideoEvidence, time_text


def how_matched(match: Match) -> str:
    """One line without the match's reason: "pdq distance 6 of 31 bits, rotate90"."""
    if match.kind is MatchKind.DIGEST:
        differing = " and ".join(match.contradicting)
        return f"same {match.algorithm}" + (f", but another {differing}" if differing else "")
    if match.video is not None:
        text = _of_video(match.kind, match.video)
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


def _of_video(kind: MatchKind, found: VideoEvidence) -> str:
    if kind is MatchKind.TMK:
        return f"tmk level 1 {found.tmk_level1:.3f}, level 2 {found.tmk_level2:.3f}"
    text = f"{time_text(found.matched_ms)} of this video ({found.query_percent:.0f} %)"
    if found.stored_ms is not None and found.stored_matched_ms is not None:
        there = time_text(found.stored_matched_ms)
        text += f", {there} of the known video ({found.stored_percent:.0f} %)"
    elif found.n_stored > 1:
        text += f", {found.n_stored_matched} of {found.n_stored} known frames"
    return text + (", registered" if found.registered else "")
