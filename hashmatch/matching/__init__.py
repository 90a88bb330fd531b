"""Fingerprint and database to an accountable answer. Every threshold lives here."""

from hashmatch.matching.calibration import expected_false_matches
from hashmatch.matching.checker import Checker
from hashmatch.matching.placement import Placement
from hashmatch.matching.policy import Alert, Level, MatchPolicy
from hashmatch.matching.request import CheckRequest
from hashmatch.matching.result import CheckResult, CheckStatus, Match, MatchKind
from hashmatch.matching.thresholds import DEFAULT_OTHERS, Thresholds
from hashmatch.matching.variants import Variant

__all__ = [
    "DEFAULT_OTHERS",
    "Alert",
    "CheckRequest",
    "CheckResult",
    "CheckStatus",
    "Checker",
    "Level",
    "Match",
    "MatchKind",
    "MatchPolicy",
    "Placement",
    "Thresholds",
    "Variant",
    "expected_false_matches",
]
