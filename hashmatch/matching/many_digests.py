"""Many digests of one kind: most are not known, and that costs a few microseconds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from hashmatch.errors import InputError
from hashmatch.index import checked_digests
from hashmatch.matching.base import CheckedBase
from hashmatch.matching.policy import Alert, MatchPolicy
from hashmatch.matching.question import Question
from hashmatch.matching.result import CheckResult, CheckStatus
from hashmatch.types import DIGEST_BYTES, Digests

_DIGESTS_AT_ONCE = 4096


def check_many(
    base: CheckedBase,
    policy: MatchPolicy,
    answer: Callable[[Question], CheckResult],
    name: str,
    digests: NDArray[np.uint8],
) -> Iterator[CheckResult]:
    """See ``Checker.check_many_digests``.

    Args:
        answer: to a digest that may be known.
    """
    if name not in DIGEST_BYTES:
        raise InputError(f"name: expected one of {', '.join(DIGEST_BYTES)}, got {name!r}")
    rows = checked_digests(digests, DIGEST_BYTES[name])
    for start in range(0, len(rows), _DIGESTS_AT_ONCE):
        block = rows[start : start + _DIGESTS_AT_ONCE]
        suspects, quiet = base.suspects(name, block)
        checked_at = datetime.now(UTC).isoformat(timespec="milliseconds")
        for row, is_suspect in zip(block, suspects.tolist(), strict=True):
            hexed = row.tobytes().hex()
            if is_suspect or quiet.problems:
                yield answer(Question(Digests(**{name: hexed})))
                continue
            yield CheckResult(
                status=CheckStatus.NO_MATCH,
                alert=Alert.NONE,
                matches=(),
                fingerprint=None,
                query=(),
                query_digests={name: hexed},
                reason=None,
                n_variants=0,
                n_entries=0,
                revision=quiet.revision,
                checked_at=checked_at,
                policy=policy,
            )
