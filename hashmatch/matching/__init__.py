"""Fingerprint and database to an accountable answer. Every threshold lives here."""

from hashmatch.matching.calibration import expected_false_matches
from hashmatch.matching.checker import Checker
from hashmatch.matching.policy import Alert, MatchPolicy
from hashmatch.matching.result import CheckResult, CheckStatus, Match, MatchKind
from hashmatch.matching.variants import Variant

__all__ = [
    "Alert",
    "CheckResult",
    "CheckStatus",
    "Checker",
    "Match",
    "MatchKind",
    "MatchPolicy",
    "Variant",
    "expected_false_matches",
]
