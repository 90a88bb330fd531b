"""One answer as a person reads it: what matched, how, and who says so."""

from __future__ import annotations

from collections.abc import Iterator

from hashmatch.cli.output import console, shown
from hashmatch.database import StoredOpinion
from hashmatch.matching import CheckResult, Match, MatchKind, how_matched

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
    text = how_matched(match)
    if match.reason and match.kind is not MatchKind.DIGEST:
        text += f"; {match.reason}"
    text += f"; media {match.media.media_id}"
    return text + ("; sources disagree" if match.conflict else "")


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
