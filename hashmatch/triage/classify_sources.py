"""What a classification is made from."""

from __future__ import annotations

from dataclasses import dataclass

from hashmatch.scan import Catalogue
from hashmatch.triage.classify_table import ContentTable, ItemTable
from hashmatch.triage.classify_verdicts import Verdicts
from hashmatch.triage.decision import Decision
from hashmatch.triage.earlier import EarlierSeen
from hashmatch.triage.groups import CopyGroups


@dataclass(frozen=True, slots=True, eq=False)
class Sources:
    """The catalogue, and all that is known of its contents.

    Attributes:
        decided: by place, the decision that gives a content its label.
        judged: a database was asked.
    """

    catalogue: Catalogue
    groups: CopyGroups
    table: ContentTable
    items: ItemTable
    verdicts: Verdicts
    decided: dict[int, Decision]
    seen: EarlierSeen
    judged: bool
