"""A file of the exhibit with what is to be done about it."""

from __future__ import annotations

from dataclasses import dataclass

from hashmatch.report import TriageClass
from hashmatch.scan import CatalogueItem
from hashmatch.triage.verdict import Verdict
from hashmatch.types import Label


@dataclass(frozen=True, slots=True)
class ClassedFile:
    """One item of a catalogue.

    Attributes:
        item: the file, or member of an archive.
        triage: its class.
        why: why it is of that class, in words; empty where the class says it.
        verdict: what the database said of it; None without a database.
        decided: label that an examiner gave it or a copy of it, if one did.
        group: number of its group, from 1 in the order of the report; None where it is in none.
    """

    item: CatalogueItem
    triage: TriageClass
    why: str = ""
    verdict: Verdict | None = None
    decided: Label | None = None
    group: int | None = None
