"""Why a content is of its class, in words."""

from __future__ import annotations

from collections.abc import Callable

from hashmatch.triage.classify_groups import Classes, Why
from hashmatch.triage.classify_table import ContentTable
from hashmatch.triage.classify_verdicts import CLASSES
from hashmatch.triage.decision import Decision
from hashmatch.triage.earlier import EarlierSeen
from hashmatch.triage.review_order import ReviewOrder, reasons


class Words:
    """Makes the sentences; names of files are looked up when they are needed.

    Args:
        name: gives the name of a content's first file, by its place.
    """

    def __init__(
        self,
        table: ContentTable,
        classes: Classes,
        decided: dict[int, Decision],
        seen: EarlierSeen,
        name: Callable[[int], str],
    ) -> None:
        self._table = table
        self._classes = classes
        self._decided = decided
        self._seen = seen
        self._name = name

    def of(self, place: int) -> str:
        """Why it is of its class; empty where that says it."""
        why = Why(self._classes.whys[place])
        about = int(self._classes.about[place])
        if why is Why.NEAR_KNOWN:
            known = CLASSES[self._classes.codes[about]].name
            return f"{self._copy_of(about)}, known as {known}"
        if why is Why.NEAR_DECIDED:
            label = self._decided[about].label
            return f"{self._copy_of(about)}, decided {label.value if label else ''}"
        if why is Why.NEAR_COPY:
            return self._copy_of(about)
        if why is Why.EARLIER:
            return self._of_earlier(place)
        if why is Why.DECIDED:
            decision = self._decided[place]
            label = decision.label
            return f"decided {label.value if label else ''} by {decision.examiner}"
        return {
            Why.LOW: "says too little to be compared",
            Why.HARMLESS: "looks like a medium that is harmless to the lists; other bytes",
        }.get(why, "")

    def of_unknown(self, place: int, order: ReviewOrder) -> str:
        """Why it stands where it does in the order of importance."""
        said = [self.of(place), *reasons(self._table, self._classes, order, place)]
        return "; ".join(part for part in said if part)

    def _copy_of(self, about: int) -> str:
        how = "has footage of" if self._table.video[about] else "near copy of"
        return f"{how} {self._name(about)}"

    def _of_earlier(self, place: int) -> str:
        batch = self._seen.names[self._seen.batches[place]]
        if self._seen.same[place]:
            return f"the same bytes in {batch}"
        return f"{self._seen.distances[place]} bits from a picture in {batch}"
