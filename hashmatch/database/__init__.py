"""The national database: what lists say about media, kept, consolidated and looked up."""

from __future__ import annotations

from hashmatch.database.changes import CHANGE_COLUMNS, Change, ChangeKind, DiffCounts
from hashmatch.database.database import Database
from hashmatch.database.differing import RevisionDiff
from hashmatch.database.dossier import (
    Dossier,
    Event,
    OpinionRecord,
    SourceSpan,
    StatedHash,
    StatedSighting,
)
from hashmatch.database.export_report import ExportReport
from hashmatch.database.export_run import export_formats
from hashmatch.database.exporting import ExportFilter
from hashmatch.database.frames import StoredFrames, joined_frames
from hashmatch.database.indexed import CrowdedHash, IndexReport, publish
from hashmatch.database.indicators import Indicators, ListAge, MediaCounts
from hashmatch.database.integrity import IntegrityReport
from hashmatch.database.known_sets import KnownFile, KnownSet
from hashmatch.database.lookup import HashesAt, HashLookup, LookupMaker
from hashmatch.database.lookup_algorithms import AlgorithmsAt, AlgorithmsLookup
from hashmatch.database.lookup_digests import DigestLookup, DigestsAt
from hashmatch.database.lookup_known import KnownAt, KnownLookup
from hashmatch.database.lookup_tmk import TmkAt, TmkLookup
from hashmatch.database.lookup_vectors import VectorLookup, VectorsAt
from hashmatch.database.low_information import LowInformationHash
from hashmatch.database.matchable import why_not_matchable
from hashmatch.database.opening import open_database
from hashmatch.database.purging import PurgeReport
from hashmatch.database.reading import SnapshotView
from hashmatch.database.rekeying import rekey_database
from hashmatch.database.report import ImportProgress, ImportReport
from hashmatch.database.roles import ROLES, apply_roles, roles_script
from hashmatch.database.segments.opening import SegmentsWarning
from hashmatch.database.segments.verifying import Verified
from hashmatch.database.statistics import DatabaseStats, HashCounts
from hashmatch.database.superseding import MAX_WITHDRAWN_SHARE
from hashmatch.database.views import HashHit, MediaView, StoredOpinion

__all__ = [
    "CHANGE_COLUMNS",
    "MAX_WITHDRAWN_SHARE",
    "ROLES",
    "AlgorithmsAt",
    "AlgorithmsLookup",
    "Change",
    "ChangeKind",
    "CrowdedHash",
    "Database",
    "DatabaseStats",
    "DiffCounts",
    "DigestLookup",
    "DigestsAt",
    "Dossier",
    "Event",
    "ExportFilter",
    "ExportReport",
    "HashCounts",
    "HashHit",
    "HashLookup",
    "HashesAt",
    "ImportProgress",
    "ImportReport",
    "IndexReport",
    "Indicators",
    "IntegrityReport",
    "KnownAt",
    "KnownFile",
    "KnownLookup",
    "KnownSet",
    "ListAge",
    "LookupMaker",
    "LowInformationHash",
    "MediaCounts",
    "MediaView",
    "OpinionRecord",
    "PurgeReport",
    "RevisionDiff",
    "SegmentsWarning",
    "SnapshotView",
    "SourceSpan",
    "StatedHash",
    "StatedSighting",
    "StoredFrames",
    "StoredOpinion",
    "TmkAt",
    "TmkLookup",
    "VectorLookup",
    "VectorsAt",
    "Verified",
    "apply_roles",
    "export_formats",
    "joined_frames",
    "open_database",
    "publish",
    "rekey_database",
    "roles_script",
    "why_not_matchable",
]
