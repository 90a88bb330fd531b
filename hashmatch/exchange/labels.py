"""From independent facts to the label, and with it the severity, by a table.

The rules are data (``[[label]]`` in the files of ``schemes/``), in order; an operator's country may
draw the lines elsewhere, and replaces them. Facts that no rule knows are ``Label.UNCATEGORIZED``,
which still alerts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from hashmatch.facts import Facts
from hashmatch.types import Label

NOT_STATED = "unknown"
"""The word in a rule for a fact that is not stated."""


@dataclass(frozen=True, slots=True)
class LabelRule:
    """One row of the table.

    Attributes:
        label: what facts that fit are called.
        when: fact to the words of which it must be one; None among them: or not stated. Facts that
            are not named may be anything.
    """

    label: Label
    when: Mapping[str, frozenset[StrEnum | None]]

    def fits(self, facts: Facts) -> bool:
        return all(getattr(facts, name) in words for name, words in self.when.items())


@dataclass(frozen=True, slots=True)
class LabelRules:
    """The table; the first rule that fits decides."""

    all: tuple[LabelRule, ...]

    def label(self, facts: Facts) -> Label:
        """The label of facts; ``UNCATEGORIZED`` where nothing is stated or no rule fits."""
        if not facts:
            return Label.UNCATEGORIZED
        for rule in self.all:
            if rule.fits(facts):
                return rule.label
        return Label.UNCATEGORIZED


def worse(one: Label, other: Label) -> Label:
    """Of two labels for one record the more severe."""
    return max(one, other, key=lambda label: label.severity)
