"""The whole answer to one check, from what was asked and what was found."""

from __future__ import annotations

from datetime import UTC, datetime

from hashmatch.fingerprinting import Fingerprint
from hashmatch.matching.base import Found
from hashmatch.matching.policy import Alert, MatchPolicy
from hashmatch.matching.question import Question
from hashmatch.matching.result import CheckResult, CheckStatus


def result_of(
    policy: MatchPolicy,
    fingerprint: Fingerprint | None,
    question: Question,
    found: Found,
    outcome: tuple[CheckStatus, str | None],
    cost_ms: float,
    gates: tuple[str, ...],
) -> CheckResult:
    """Args: outcome: status, and what has to be known of it."""
    status, reason = outcome
    return CheckResult(
        status=status,
        alert=max((match.alert for match in found.matches), key=_gravity, default=Alert.NONE),
        matches=found.matches,
        fingerprint=fingerprint,
        query=question.values,
        query_digests=dict(question.digests.items()),
        reason="; ".join(filter(None, (reason, *found.problems))) or None,
        n_variants=found.n_variants,
        n_entries=found.n_entries,
        revision=found.revision,
        checked_at=datetime.now(UTC).isoformat(timespec="milliseconds"),
        policy=policy,
        known_sets=found.known_sets,
        n_excluded=found.n_excluded,
        n_comparisons=found.n_comparisons,
        cost_ms=round(cost_ms, 3),
        gates=gates,
    )


def _gravity(alert: Alert) -> int:
    return alert.gravity
