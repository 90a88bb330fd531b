"""One answer as a person reads it: what matched, how, and who says so."""

from __future__ import annotations

from collections.abc import Iterator

from hashmatch.cli.output import console, shown
from hashmatch.database import StoredOpinion
from hashmatch.matching import CheckResult, Match, MatchKind, VideoEvidence, time_text

MOST_SEGMENTS = 12
"""Parts of a video that are printed of one match; JSON has all."""


def print_result(name: str, result: CheckResult) -> None:
    """A line for the answer, one for each match, one for each opinion."""
    out = console()
    line = f"{result.status.value:<15} {result.alert.value:<8} {shown(name)}"
    if result.reason:
        line += f"  ({shown(result.reason)})"
    out.print(line)
    if result.known_sets:
        out.print(f"    in known sets: {', '.join(map(shown, result.known_sets))}")
    for gate in result.gates:
        if gate != result.reason:
            out.print(f"    note: {shown(gate)}")
    for match in result.matches:
        out.print(f"    {how(match)}")
        for line in where(match):
            out.print(f"        {line}")
        for stored in match.opinions:
            out.print(f"        {shown(says(stored))}")


def how(match: Match) -> str:
    """By what a match was found."""
    if match.kind is MatchKind.DIGEST:
        text = f"same {match.algorithm}"
        if match.contradicting:
            text += f", but another {' and '.join(match.contradicting)}"
    elif match.video is not None:
        text = _how_of_video(match.kind, match.video)
        if match.placement is not None:
            text += f", {match.placement.describe()}"
        if match.reason:
            text += f"; {match.reason}"
    else:
        unit = "bits" if match.algorithm != "photodna" else "squared"
        text = f"{match.algorithm} distance {match.distance} of {match.threshold} {unit}"
        if match.variant != "original":
            text += f", {match.variant}"
        if not match.variant_exact:
            text += " (approximated from the hash)"
        if match.placement is not None:
            text += f", {match.placement.describe()}"
        if match.stored_time_s is not None:
            text += f", at {time_text(round(1000 * match.stored_time_s))} of the known video"
        elif match.stored_frame is not None:
            text += f", frame {match.stored_frame} of the known video"
        if match.reason:
            text += f"; {match.reason}"
    text += f"; media {match.media.media_id}"
    return text + ("; sources disagree" if match.conflict else "")


def _how_of_video(kind: MatchKind, found: VideoEvidence) -> str:
    if kind is MatchKind.TMK:
        return f"tmk level 1 {found.tmk_level1:.3f}, level 2 {found.tmk_level2:.3f}"
    text = f"{time_text(found.matched_ms)} of the query ({found.query_percent:.0f} %)"
    if found.stored_ms is not None and found.stored_matched_ms is not None:
        there = time_text(found.stored_matched_ms)
        text += f", {there} of the known video ({found.stored_percent:.0f} %)"
    elif found.n_stored > 1:
        text += f", {found.n_stored_matched} of {found.n_stored} known frames"
    return text + (", registered" if found.registered else "")


def where(match: Match) -> Iterator[str]:
    """The parts of a video that a match is of, a line each."""
    segments = match.video.segments if match.video else ()
    for segment in segments[:MOST_SEGMENTS]:
        yield segment.describe()
    if len(segments) > MOST_SEGMENTS:
        yield f"and {len(segments) - MOST_SEGMENTS} more parts"


def says(stored: StoredOpinion) -> str:
    """Whose opinion, what it is, and where it stands in the list."""
    series = stored.opinion.series
    text = says_briefly(stored) + (f", series {', '.join(series)}" if series else "")
    return f"{text} [{stored.record_key}]"


def says_briefly(stored: StoredOpinion) -> str:
    """Whose opinion, and what it is."""
    opinion = stored.opinion
    baseline = {True: ", Baseline yes", False: ", Baseline no", None: ""}[opinion.baseline]
    code = "" if opinion.raw_category is None else f" (code {opinion.raw_category})"
    return f"{stored.source}: {opinion.label.value}{code}{baseline}"
