"""What the audit log keeps of a check."""

from __future__ import annotations

from typing import Any

from hashmatch.matching.result import CheckResult


def audit_details(result: CheckResult) -> dict[str, Any]:
    """What the log keeps of a check: which medium, what was found; no names of files."""
    return {
        "status": result.status.value,
        "alert": result.alert.value,
        "policy_digest": result.policy.digest,
        "digests": result.query_digests,
        "hashes": [value.to_dict() for value in result.query],
        "matches": [
            {
                "media_id": match.media.media_id,
                "kind": match.kind.value,
                "algorithm": match.algorithm,
                "distance": match.distance,
                "variant": match.variant,
                "alert": match.alert.value,
            }
            for match in result.matches
        ],
    }
