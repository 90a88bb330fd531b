"""A catalogue to what an analyst has to look at: groups of copies, classes, order, outputs."""

from hashmatch.triage.bonds import Bonds
from hashmatch.triage.classed import ClassedFile
from hashmatch.triage.copies import group_copies
from hashmatch.triage.groups import UNMEASURED, CopyGroup, CopyGroups
from hashmatch.triage.verdict import Verdict

__all__ = [
    "UNMEASURED",
    "Bonds",
    "ClassedFile",
    "CopyGroup",
    "CopyGroups",
    "Verdict",
    "group_copies",
]
