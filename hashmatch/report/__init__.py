"""What a person and other tools read at the end: a report, tables, and a manifest of them."""

from hashmatch.report.from_matching import match_entry
from hashmatch.report.manifest import Verification, verify_manifest
from hashmatch.report.model import (
    ClassCount,
    Evidence,
    FileEntry,
    Group,
    GroupKind,
    MatchEntry,
    Member,
    OpinionEntry,
    ReportModel,
    Review,
    TriageClass,
)
from hashmatch.report.preview_asking import PreviewOf
from hashmatch.report.previews import Preview, preview_of_pixels
from hashmatch.report.row_files import path_of
from hashmatch.report.rows import GROUP_COLUMNS, MATCH_COLUMNS, REVIEW_COLUMNS
from hashmatch.report.staging import OutputFile
from hashmatch.report.writing import OUTPUTS, Previews, WrittenReport, write_report

__all__ = [
    "GROUP_COLUMNS",
    "MATCH_COLUMNS",
    "OUTPUTS",
    "REVIEW_COLUMNS",
    "ClassCount",
    "Evidence",
    "FileEntry",
    "Group",
    "GroupKind",
    "MatchEntry",
    "Member",
    "OpinionEntry",
    "OutputFile",
    "Preview",
    "PreviewOf",
    "Previews",
    "ReportModel",
    "Review",
    "TriageClass",
    "Verification",
    "WrittenReport",
    "match_entry",
    "path_of",
    "preview_of_pixels",
    "verify_manifest",
    "write_report",
]
