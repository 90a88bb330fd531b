"""A catalogue to what an analyst has to look at: groups of copies, classes, order, outputs."""

from hashmatch.triage.bonds import Bonds
from hashmatch.triage.case_output import CASE_UCO_NAME, write_case_uco
from hashmatch.triage.classed import ClassedFile
from hashmatch.triage.copies import group_copies
from hashmatch.triage.groups import UNMEASURED, CopyGroup, CopyGroups
from hashmatch.triage.lists import (
    LIST_FORMATS,
    ListRequest,
    WrittenList,
    write_hash_list,
    write_lists,
)
from hashmatch.triage.previewing import PreviewSource
from hashmatch.triage.verdict import Verdict
from hashmatch.triage.vics_output import VICS_CASE_NAME, write_vics_case

__all__ = [
    "CASE_UCO_NAME",
    "LIST_FORMATS",
    "UNMEASURED",
    "VICS_CASE_NAME",
    "Bonds",
    "ClassedFile",
    "CopyGroup",
    "CopyGroups",
    "ListRequest",
    "PreviewSource",
    "Verdict",
    "WrittenList",
    "group_copies",
    "write_case_uco",
    "write_hash_list",
    "write_lists",
    "write_vics_case",
]
