"""Verdicts of all contents: what they mean for a class, and where their words are kept."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from os import PathLike

import numpy as np
from numpy.typing import NDArray

from hashmatch.closing import Closing
from hashmatch.matching import Alert, CheckStatus
from hashmatch.report import MatchEntry, TriageClass
from hashmatch.triage.classify_table import ContentTable, Ids
from hashmatch.triage.verdict import Verdict
from hashmatch.triage.verdict_codec import read_verdict

CLASSES = tuple(TriageClass)
NO_CLASS = 255
"""In arrays of classes: none."""
CODES = {triage: code for code, triage in enumerate(CLASSES)}
_MOST_KEPT = 1000
"""Different texts that are remembered."""

_BY_ALERT = {
    Alert.BASELINE: TriageClass.BASELINE,
    Alert.NATIONAL: TriageClass.NATIONAL,
    Alert.OTHER: TriageClass.OTHER,
}


def class_of_verdict(verdict: Verdict) -> TriageClass | None:
    """What a database's answer alone makes of a content; None: nothing.

    A graver alert of a match that is only possible does not raise a confident one. What looks like
    a harmless medium, and is not the same bytes, is not settled.
    """
    sure = [match for match in verdict.matches if match.status is CheckStatus.MATCH]
    alert = max((match.alert for match in sure), key=lambda one: one.gravity, default=Alert.NONE)
    if alert in _BY_ALERT:
        return _BY_ALERT[alert]
    if any(_is_possible(match) for match in verdict.matches):
        return TriageClass.POSSIBLE
    harmless = any(
        match.status is CheckStatus.KNOWN_IGNORABLE or match.kind == "digest"
        for match in verdict.matches
        if match.status is not CheckStatus.POSSIBLE
    )
    return TriageClass.IGNORABLE if harmless or verdict.known_sets else None


def best_possible(verdict: Verdict) -> MatchEntry:
    """Of a verdict of class POSSIBLE the gravest match, of equally grave ones the likeliest."""
    found = (match for match in verdict.matches if _is_possible(match))
    return min(found, key=lambda match: (-match.alert.gravity, _chance(match), match.distance))


def _is_possible(match: MatchEntry) -> bool:
    return match.status is CheckStatus.POSSIBLE and match.alert is not Alert.NONE


class Verdicts(Closing):
    """Verdicts by the place of their content; texts lie in a file without a name.

    Attributes:
        classes: uint8 (n,), code of ``class_of_verdict``; ``NO_CLASS``.
        gravity: uint8 (n,), of the alert, 0 without a verdict.
        expected: float64 (n,), unrelated entries expected as near, of the first possible match;
            infinite where it is not known, 0 for a digest.
        distances: int64 (n,), of the same match.
        has_matches, harmless: bool (n,): some match; only such as are harmless to the lists.
        revisions: contents by the revision at which they were judged.
        gates: contents by what was left out of their comparison.
        n: contents with a verdict.
    """

    def __init__(
        self,
        table: ContentTable,
        told: Iterable[tuple[int, bytes]],
        folder: str | PathLike[str] | None,
    ) -> None:
        """Read ``Catalogue.verdicts(key)``.

        Raises:
            CatalogueCorruptError: one of them is no verdict.
        """
        n = len(table)
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - closed by close
        self._starts = np.full(n, -1, np.int64)
        self._lengths = np.zeros(n, np.int32)
        self.classes = np.full(n, NO_CLASS, np.uint8)
        self.gravity = np.zeros(n, np.uint8)
        self.expected = np.full(n, np.inf)
        self.distances: Ids = np.zeros(n, np.int64)
        self.has_matches: NDArray[np.bool_] = np.zeros(n, np.bool_)
        self.harmless: NDArray[np.bool_] = np.zeros(n, np.bool_)
        self.revisions: Counter[int] = Counter()
        self.gates: Counter[str] = Counter()
        self.n = 0
        try:
            self._read(table, told)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        self._file.close()

    def of(self, place: int) -> Verdict | None:
        """The verdict on a content."""
        start = int(self._starts[place])
        if start < 0:
            return None
        self._file.seek(start)
        return _parsed(self._file.read(int(self._lengths[place])))

    def _read(self, table: ContentTable, told: Iterable[tuple[int, bytes]]) -> None:
        # Most contents are in no list, and what is said of them is the same.
        written: dict[bytes, int] = {}
        end = 0
        at = 0
        for number, data in told:
            # Both are ordered by SHA-256, and nearly always every content has a verdict.
            while at < len(table) and table.numbers[at] != number:
                at += 1
            place = at if at < len(table) else int(table.places([number])[0])
            verdict = _parsed(data)
            start = written.get(data)
            if start is None:
                start, end = end, end + len(data)
                self._file.write(data)
                if not verdict.matches and len(written) < _MOST_KEPT:
                    written[data] = start
            self._starts[place], self._lengths[place] = start, len(data)
            self._enter(place, verdict)
        self._file.flush()

    def _enter(self, place: int, verdict: Verdict) -> None:
        self.n += 1
        self.revisions[verdict.revision] += 1
        for gate in set(verdict.gates):
            if gate in self.gates or len(self.gates) < _MOST_KEPT:
                self.gates[gate] += 1
        self.gravity[place] = verdict.alert.gravity
        triage = class_of_verdict(verdict)
        if triage is not None:
            self.classes[place] = CODES[triage]
        if not verdict.matches:
            return
        self.has_matches[place] = True
        self.harmless[place] = triage is None
        if triage is TriageClass.POSSIBLE:
            best = best_possible(verdict)
            self.gravity[place] = best.alert.gravity
            self.expected[place] = _chance(best)
            self.distances[place] = best.distance


def _chance(match: MatchEntry) -> float:
    if match.expected_false_matches is not None:
        return match.expected_false_matches
    return 0.0 if match.kind == "digest" else float("inf")


@lru_cache(maxsize=2048)
def _parsed(data: bytes) -> Verdict:
    return read_verdict(data)
