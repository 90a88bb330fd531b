"""One answer as a person reads it: what matched, how, and who says so."""

from __future__ import annotations

from hashmatch.cli.output import console, shown
from hashmatch.database import StoredOpinion
from hashmatch.matching import CheckResult, Match, MatchKind


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
        for stored in match.opinions:
            out.print(f"        {shown(says(stored))}")


def how(match: Match) -> str:
    """By what a match was found."""
    if match.kind is MatchKind.DIGEST:
        text = f"same {match.algorithm}"
        if match.contradicting:
            text += f", but another {' and '.join(match.contradicting)}"
    else:
        unit = "bits" if match.algorithm != "photodna" else "squared"
        text = f"{match.algorithm} distance {match.distance} of {match.threshold} {unit}"
        if match.variant != "original":
            text += f", {match.variant}"
        if not match.variant_exact:
            text += " (approximated from the hash)"
        if match.placement is not None:
            text += f", {match.placement.describe()}"
        if match.reason:
            text += f"; {match.reason}"
    text += f"; media {match.media.media_id}"
    return text + ("; sources disagree" if match.conflict else "")


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
