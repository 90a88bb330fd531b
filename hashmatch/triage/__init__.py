"""A catalogue to what an analyst has to look at: groups of copies, classes, order, outputs."""

from hashmatch.triage.assembling import report_model
from hashmatch.triage.bonds import Bonds
from hashmatch.triage.case_output import CASE_UCO_NAME, write_case_uco
from hashmatch.triage.classed import ClassedFile
from hashmatch.triage.classification import Classification
from hashmatch.triage.classifying import classify
from hashmatch.triage.copies import group_copies
from hashmatch.triage.decision import Decision, DecisionKind
from hashmatch.triage.decision_rows import write_decisions
from hashmatch.triage.decisions import Decisions, MergedDecisions
from hashmatch.triage.evidence_header import evidence_of, fixed_time
from hashmatch.triage.exhibit import Told, work_exhibit
from hashmatch.triage.file_entries import file_entry
from hashmatch.triage.groups import UNMEASURED, CopyGroup, CopyGroups
from hashmatch.triage.judging import DatabaseJudge, recipe_for
from hashmatch.triage.lists import (
    LIST_FORMATS,
    ListRequest,
    WrittenList,
    write_hash_list,
    write_lists,
)
from hashmatch.triage.naming import named_contents
from hashmatch.triage.order import ExhibitOrder, ExhibitResult, Grouping, Header
from hashmatch.triage.previewing import PreviewSource
from hashmatch.triage.shown_groups import shown_group
from hashmatch.triage.verdict import Verdict
from hashmatch.triage.verdict_codec import read_verdict
from hashmatch.triage.vics_output import VICS_CASE_NAME, write_vics_case

__all__ = [
    "CASE_UCO_NAME",
    "LIST_FORMATS",
    "UNMEASURED",
    "VICS_CASE_NAME",
    "Bonds",
    "ClassedFile",
    "Classification",
    "CopyGroup",
    "CopyGroups",
    "DatabaseJudge",
    "Decision",
    "DecisionKind",
    "Decisions",
    "ExhibitOrder",
    "ExhibitResult",
    "Grouping",
    "Header",
    "ListRequest",
    "MergedDecisions",
    "PreviewSource",
    "Told",
    "Verdict",
    "WrittenList",
    "classify",
    "evidence_of",
    "file_entry",
    "fixed_time",
    "group_copies",
    "named_contents",
    "read_verdict",
    "recipe_for",
    "report_model",
    "shown_group",
    "work_exhibit",
    "write_case_uco",
    "write_decisions",
    "write_hash_list",
    "write_lists",
    "write_vics_case",
]
