"""Answers counted: recall by edit and family, false matches, the sets of hard impostors, time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.accuracy_asking import NOBODY, Answer, Found
from benchmarks.accuracy_base import HALVES, Entries
from benchmarks.accuracy_edits import EDITS, TARGETS
from benchmarks.accuracy_peers import PEERS, Distances, reference_rows
from benchmarks.accuracy_sets import THE_SAME, SetAnswers

MOST_EXAMPLES = 50
MOST_MISSED = 10  # of each edit
STATUSES = ("MATCH", "POSSIBLE")
Counts = dict[str, Any]


class Judge:
    """Says what each match of an answer is."""

    def __init__(self, entries: Entries) -> None:
        self._photo = entries.photo.tolist()
        self._of_photo = reference_rows(entries)
        self._sizes = [int(entries.asked_of(half).sum()) for half in range(HALVES)]

    def hit(self, answer: Answer) -> Found | None:
        """The match with the reference of the photograph that was edited."""
        wanted = self._of_photo[answer.photo]
        return next((found for found in answer.found if found.entry == wanted), None)

    def false(self, answer: Answer) -> list[Found]:
        """Matches with other photographs than those that are in the query."""
        present = (answer.photo, answer.background)
        return [found for found in answer.found if self._photo[found.entry] not in present]

    def impostors(self, answer: Answer) -> int:
        """Entries that were asked, but for the references of those that are in the query."""
        present = {answer.photo, answer.background} - {NOBODY}
        return self._sizes[answer.photo % HALVES] - len(present)


def _share(flags: Iterable[bool]) -> float:
    return round(float(np.mean(list(flags))), 4)


def recall(judge: Judge, answers: Sequence[Answer], peers: dict[str, Distances]) -> list[Counts]:
    """A row for each edit, in the order of the registry."""
    rows = []
    names = [answer.name for answer in answers]
    for name in dict.fromkeys(names):
        places = [place for place, other in enumerate(names) if other == name]
        asked = [answers[place] for place in places]
        hits = [judge.hit(answer) for answer in asked]
        rows.append(
            {
                "edit": name,
                "family": EDITS[name].family,
                "queries": len(asked),
                "MATCH": _share(hit is not None and hit.status == "MATCH" for hit in hits),
                "MATCH or POSSIBLE": _share(
                    hit is not None and hit.status in STATUSES for hit in hits
                ),
                "LOW_INFORMATION": sum(answer.status == "LOW_INFORMATION" for answer in asked),
                "median ms": _milliseconds([answer.seconds for answer in asked], 50),
                "peers": {
                    peer.name: {
                        "usual": _share(peers[peer.algorithm].genuine[places] <= peer.radius),
                        "clean": _share(
                            peers[peer.algorithm].genuine[places]
                            <= peers[peer.algorithm].clean_radius
                        ),
                    }
                    for peer in PEERS
                },
            }
        )
    return rows


def families(edits: Sequence[Counts], level: str) -> list[Counts]:
    """Mean over the edits of each family (all have as many queries), and whether it suffices."""
    rows = []
    for family in dict.fromkeys(row["family"] for row in edits):
        of_it = [row for row in edits if row["family"] == family]
        found = float(np.mean([row["MATCH"] for row in of_it]))
        target = TARGETS[level].get(family)
        rows.append(
            {
                "family": family,
                "queries": sum(row["queries"] for row in of_it),
                "MATCH": round(found, 4),
                "MATCH or POSSIBLE": round(
                    float(np.mean([row["MATCH or POSSIBLE"] for row in of_it])), 4
                ),
                "target": target,
                "reached": None if target is None else found >= target,
                "peers": {
                    peer.name: {
                        kind: round(float(np.mean([r["peers"][peer.name][kind] for r in of_it])), 4)
                        for kind in ("usual", "clean")
                    }
                    for peer in PEERS
                },
            }
        )
    return rows


def false_matches(
    judge: Judge, entries: Entries, answers: Sequence[Answer], paths: Sequence[Path]
) -> Counts:
    """How many pairs were compared, and which of them were called a match, wrongly."""
    seen = [(answer, found) for answer in answers for found in judge.false(answer)]
    pairs = [judge.impostors(answer) for answer in answers]
    return {
        "impostor comparisons": sum(pairs),
        "hash comparisons": sum(answer.comparisons for answer in answers),
        **{f"false {name}": sum(found.status == name for _, found in seen) for name in STATUSES},
        "queries with a false MATCH": len(
            {id(answer) for answer, found in seen if found.status == "MATCH"}
        ),
        "distances": sorted(found.distance for _, found in seen),
        "examples": [
            {
                "edit": answer.name,
                "query": paths[answer.photo].name,
                "entry": paths[int(entries.photo[found.entry])].name,
                "whole": bool(entries.reference[found.entry]),
                "status": found.status,
                "distance": found.distance,
                "expected_false_matches": found.expected_false_matches,
            }
            for answer, found in seen[:MOST_EXAMPLES]
        ],
    }


def peer_rows(peers: dict[str, Distances], n_queries: int) -> list[Counts]:
    """Each peer's radii and what they let through."""
    return [
        {
            "peer": peer.name,
            "usual radius": peer.radius,
            "said by": peer.said_by,
            "false matches at it, a query": float(
                peers[peer.algorithm].impostors[: peer.radius + 1].sum() / n_queries
            ),
            "clean radius": peers[peer.algorithm].clean_radius,
        }
        for peer in PEERS
    ]


def missed(
    judge: Judge, answers: Sequence[Answer], peers: dict[str, Distances], paths: Sequence[Path]
) -> list[Counts]:
    """The first queries of each edit that were not called MATCH, and how far plain PDQ is.

    Of those whose reference was called POSSIBLE: why, and where registration placed it.
    """
    rows = []
    seen: Counter[str] = Counter()
    for answer, distance in zip(answers, peers["pdq"].genuine.tolist(), strict=True):
        hit = judge.hit(answer)
        if (hit is not None and hit.status == "MATCH") or seen[answer.name] == MOST_MISSED:
            continue
        seen[answer.name] += 1
        rows.append(
            {
                "edit": answer.name,
                "photograph": paths[answer.photo].name,
                "status": answer.status,
                "reason": hit.reason if hit else answer.reason,
                "quality": answer.quality,
                "distance": hit.distance if hit else None,
                "adjusted distance": hit.adjusted if hit else None,
                "placement": hit.placement if hit else None,
                "PDQ as it stands": distance,
            }
        )
    return rows


def _milliseconds(seconds: Sequence[float], percentile: float) -> float | None:
    if not len(seconds):
        return None
    return round(float(np.percentile(seconds, percentile)) * 1e3, 2)


def times(answers: Sequence[Answer]) -> Counts:
    """Milliseconds of a whole check, decoding included, by what came of it."""
    kinds = {
        "all": [a.seconds for a in answers],
        "matched": [a.seconds for a in answers if a.found],
        "nothing found": [a.seconds for a in answers if not a.found],
    }
    return {
        kind: {"queries": len(s), "median": _milliseconds(s, 50), "p95": _milliseconds(s, 95)}
        for kind, s in kinds.items()
    }


def set_rows(asked: Sequence[SetAnswers]) -> list[Counts]:
    """For each set: queries by their answer, and how near the nearest match was; and how near plain
    PDQ is to the set's entries, whether or not that is a match."""
    rows = []
    for of_set in asked:
        low, high = of_set.own
        found = [match for answer in of_set.answers for match in answer.found]
        statuses = [answer.status for answer in of_set.answers]
        told = [match.reason for match in found] + [answer.reason for answer in of_set.answers]
        rows.append(
            {
                "set": of_set.name,
                "wanted": "MATCH" if of_set.name in THE_SAME else "at most POSSIBLE",
                "entries": high - low,
                "queries": len(statuses),
                "MATCH": statuses.count("MATCH"),
                "POSSIBLE": statuses.count("POSSIBLE"),
                "LOW_INFORMATION": statuses.count("LOW_INFORMATION"),
                "matches": len(found),
                "matches outside the set": sum(not low <= match.entry < high for match in found),
                "nearest": min((match.distance for match in found), default=None),
                "plain PDQ": _in_words(of_set.plain),
                "reasons": dict(Counter(filter(None, told)).most_common(3)),
            }
        )
    return rows


def _in_words(bits: Sequence[int]) -> str | None:
    """The distribution of distances in a line."""
    if not bits:
        return None
    least, middle = min(bits), int(np.median(bits))
    return f"least {least}, median {middle}, {sum(b <= 31 for b in bits)} within 31"


def curves(judge: Judge, answers: Sequence[Answer], peers: dict[str, Distances]) -> Counts:
    """What the plots show: recall by false matches a query, and distances."""
    hits = [judge.hit(answer) for answer in answers]
    expected = sorted(
        hit.expected_false_matches or 0.0 for hit in hits if hit and hit.status in STATUSES
    )
    lines: Counts = {}
    for name, found in peers.items():
        at = np.cumsum(found.impostors)
        genuine = np.bincount(found.genuine, minlength=len(at))
        lines[name] = {
            "recall": (np.cumsum(genuine) / len(answers)).round(4).tolist(),
            "false matches a query": (at / len(answers)).tolist(),
        }
    distances = [hit.distance for hit in hits if hit and hit.status in STATUSES]
    return {
        "expected false matches of the hits": expected,
        "queries": len(answers),
        "by radius": lines,
        "distances": {
            "genuine": np.bincount(distances, minlength=1).tolist(),
            "genuine, PDQ as it stands": np.bincount(peers["pdq"].genuine).tolist(),
            "impostors, PDQ as it stands": peers["pdq"].impostors.tolist(),
        },
    }
