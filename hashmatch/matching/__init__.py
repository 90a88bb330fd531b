"""Fingerprint and database to an accountable answer. Every threshold lives here."""

from hashmatch.matching.calibration import Calibration, expected_false_matches
from hashmatch.matching.calibration_collect import Impostors, NearPair, distinct
from hashmatch.matching.calibration_own import own_impostors
from hashmatch.matching.calibration_sample import Sample, calibrated
from hashmatch.matching.checker import Checker
from hashmatch.matching.explaining import Explanation
from hashmatch.matching.explaining_entries import EntryTold, PlacedTold, PlainTold
from hashmatch.matching.explaining_steps import PassTold, RegistrationTold, Step
from hashmatch.matching.match_words import how_matched
from hashmatch.matching.placement import Placement
from hashmatch.matching.policy import Alert, Level, MatchPolicy
from hashmatch.matching.request import CheckRequest
from hashmatch.matching.result import CheckResult, CheckStatus, Match, MatchKind
from hashmatch.matching.thresholds import DEFAULT_OTHERS, Thresholds
from hashmatch.matching.variants import Variant
from hashmatch.matching.video_evidence import VideoEvidence, VideoSegment, span_text, time_text
from hashmatch.matching.video_peers import VpdqMatch, vpdq_match_percent
from hashmatch.matching.video_thresholds import VideoThresholds

__all__ = [
    "DEFAULT_OTHERS",
    "Alert",
    "Calibration",
    "CheckRequest",
    "CheckResult",
    "CheckStatus",
    "Checker",
    "EntryTold",
    "Explanation",
    "Impostors",
    "Level",
    "Match",
    "MatchKind",
    "MatchPolicy",
    "NearPair",
    "PassTold",
    "PlacedTold",
    "Placement",
    "PlainTold",
    "RegistrationTold",
    "Sample",
    "Step",
    "Thresholds",
    "Variant",
    "VideoEvidence",
    "VideoSegment",
    "VideoThresholds",
    "VpdqMatch",
    "calibrated",
    "distinct",
    "expected_false_matches",
    "how_matched",
    "own_impostors",
    "span_text",
    "time_text",
    "vpdq_match_percent",
]
