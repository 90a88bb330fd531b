"""A medium against the national database: digests first, then the perceptual hashes.

The order of a check, and the file that owns each step, is drawn in docs/architecture.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from hashmatch.algorithms import get_algorithm
from hashmatch.database import Database
from hashmatch.decode import Limits
from hashmatch.errors import InputError
from hashmatch.fingerprinting import ImageFingerprint, ImageSource, examine_image
from hashmatch.index import checked_digests
from hashmatch.matching.audited import audit_details
from hashmatch.matching.base import CheckedBase, Found
from hashmatch.matching.calibration import Calibration
from hashmatch.matching.digest_only import read_digests
from hashmatch.matching.explaining import Explanation, explained
from hashmatch.matching.outcome import outcome_of
from hashmatch.matching.policy import Alert, Level, MatchPolicy
from hashmatch.matching.question import Question, question_of
from hashmatch.matching.request import CheckRequest
from hashmatch.matching.result import CheckResult, CheckStatus
from hashmatch.matching.stages import Stages
from hashmatch.types import DIGEST_BYTES, Digests

_DIGESTS_AT_ONCE = 4096


class Checker:
    """Checks media, hashes and digests against one database.

    Every answer is made at one database revision; an import or withdrawal, by this process or
    another one, is seen by the next check. Usable from several threads.

    Args:
        db: an open database.
        policy: thresholds and level.
        limits: for decoding; the default ones if None.
        audit: write each check that matched into the database's audit log. None: if the database
            can be written.
        calibration: tells the false matches expected of registered copies; None: the packaged one.
    """

    def __init__(
        self,
        db: Database,
        policy: MatchPolicy | None = None,
        *,
        limits: Limits | None = None,
        audit: bool | None = None,
        calibration: Calibration | None = None,
    ) -> None:
        if audit and db.read_only:
            raise InputError("audit: expected False with a read-only database, got True")
        self._db = db
        self._policy = policy or MatchPolicy()
        self._limits = limits
        self._audit = not db.read_only if audit is None else audit
        self._base = CheckedBase(db, self._policy, calibration)

    @property
    def policy(self) -> MatchPolicy:
        return self._policy

    @property
    def algorithms(self) -> tuple[str, ...]:
        """What to compute of a picture for ``check_fingerprint``: the policy's algorithm, and the
        others that it compares and the database holds at its newest revision; none at level digest.

        Raises:
            DatabaseError: the database can't be read.
        """
        return self._base.computed()

    @property
    def views(self) -> str:
        """What to ask ``examine_image`` for besides: "none", "trims" or "all"."""
        return self._policy.level.views if self._policy.algorithm == "pdq" else "none"

    def check(self, source: ImageSource, *, isolate: bool = False) -> CheckResult:
        """Check one medium: a path, bytes, a binary file, an array or a Pillow picture.

        A file that is no picture, or a broken one, still has its digests checked; one that is cut
        short is matched by what is there of it, and the reason says so.

        Args:
            isolate: decode in a worker process, as ``hash_image``.

        Raises:
            InputError: the source is of no such kind, or has no bytes and the level is digest.
            DatabaseError: the database can't be read, or its audit log not written.
        """
        return self.check_fingerprint(self._examined(source, isolate))

    def check_request(self, request: CheckRequest, *, isolate: bool = False) -> CheckResult:
        """Check everything that is known of one medium; see ``CheckRequest``.

        Args:
            isolate: as ``check``.

        Raises:
            InputError: as ``check``; a hash is of an algorithm that the policy does not compare; a
                stated digest is not the source's.
            DatabaseError: as ``check``.
        """
        stated = request.values
        for name in stated:
            self._policy.thresholds(name)
        if request.source is None:
            return self._answer(None, question_of(self._policy, request.digests, stated, {}))
        fingerprint = self._examined(request.source, isolate)
        if fingerprint.digests.contradicts(request.digests):
            raise InputError(
                f"source: expected the digests that were stated ({request.digests}), "
                f"got {fingerprint.digests}"
            )
        digests = fingerprint.digests or request.digests
        values = {**stated, **fingerprint.hashes}
        asked = replace(fingerprint, digests=digests, hashes=values)
        return self._answer(fingerprint, self._question(asked))

    def check_fingerprint(self, fingerprint: ImageFingerprint) -> CheckResult:
        """Check what ``hash_image`` or ``examine_image`` gave, made here or elsewhere.

        Hashes of algorithms that the policy does not compare are left out; the answer's ``gates``
        name those that the database holds and the fingerprint lacks.

        Raises:
            DatabaseError: as ``check``.
        """
        return self._answer(fingerprint, self._question(fingerprint))

    def explain(
        self, source: ImageSource, *, limit: int = 10, isolate: bool = False
    ) -> Explanation:
        """Check one medium, and say what was tried, what came nearest, and why it was accepted or
        not. Nothing is written into the audit log.

        Args:
            limit: entries to tell of, at least 1; what was accepted is told of first.
            isolate: as ``check``.

        Raises:
            InputError: as ``check``; the limit is below 1.
            DatabaseError: the database can't be read.
        """
        if not isinstance(limit, int) or isinstance(limit, bool) or limit < 1:
            raise InputError(f"limit: expected an integer of at least 1, got {limit!r}")
        stages = Stages()
        with stages.timed("read, decode and hash"):
            fingerprint = self._examined(source, isolate)
        question = self._question(fingerprint)
        started = perf_counter()
        with self._base.opened(question, stages) as opened:
            cost_ms = 1000 * (perf_counter() - started)
            result = self._result(fingerprint, question, opened.found, cost_ms)
            return explained(result, question, opened, stages, limit)

    def check_hash(
        self, algorithm: str, value: str | bytes, quality: int | None = None
    ) -> CheckResult:
        """Check a bare perceptual hash, as hex text or bytes.

        PDQ's mirrored and turned forms are approximated, PhotoDNA's follow from the value
        (``Match.variant_exact`` is False there); other hashes are compared as they are.

        Args:
            quality: 0..100 if known. Unknown: the hash is trusted, unless its bits show that
                it holds no information (all equal).

        Raises:
            HashFormatError, UnknownAlgorithmError: the value is no such hash.
            InputError: the policy does not compare the algorithm, or the quality is out of range.
        """
        get_algorithm(algorithm)
        self._policy.thresholds(algorithm)
        return self.check_request(CheckRequest(hashes={algorithm: value}, quality=quality))

    def check_digests(
        self, *, md5: str | None = None, sha1: str | None = None, sha256: str | None = None
    ) -> CheckResult:
        """Check digests in hex.

        Raises:
            HashFormatError: one of them is malformed.
            InputError: none was given.
        """
        digests = Digests.parse(md5=md5, sha1=sha1, sha256=sha256)
        if not digests:
            raise InputError("digests: expected at least one of md5, sha1, sha256")
        return self._answer(None, Question(digests))

    def check_many_digests(self, name: str, digests: NDArray[np.uint8]) -> Iterator[CheckResult]:
        """Check many digests of one kind, as bytes; one answer each, in their order.

        Answers to what is not known cost a few microseconds; the revision is asked for each 4,096.

        Args:
            name: "md5", "sha1" or "sha256".
            digests: uint8 (n, 16), (n, 20) or (n, 32).

        Raises:
            InputError: another name, dtype or shape.
        """
        if name not in DIGEST_BYTES:
            raise InputError(f"name: expected one of {', '.join(DIGEST_BYTES)}, got {name!r}")
        rows = checked_digests(digests, DIGEST_BYTES[name])
        for start in range(0, len(rows), _DIGESTS_AT_ONCE):
            block = rows[start : start + _DIGESTS_AT_ONCE]
            suspects, quiet = self._base.suspects(name, block)
            checked_at = datetime.now(UTC).isoformat(timespec="milliseconds")
            for row, is_suspect in zip(block, suspects.tolist(), strict=True):
                hexed = row.tobytes().hex()
                if is_suspect or quiet.problems:
                    yield self._answer(None, Question(Digests(**{name: hexed})))
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
                    policy=self._policy,
                )

    def _examined(self, source: ImageSource, isolate: bool) -> ImageFingerprint:
        if self._policy.level is Level.DIGEST:
            return read_digests(source, self._limits)
        return examine_image(
            source,
            algorithms=self.algorithms,
            dihedral=self._policy.orientations,
            views=self.views,
            limits=self._limits,
            isolate=isolate,
        )

    def _question(self, fingerprint: ImageFingerprint) -> Question:
        return question_of(
            self._policy,
            fingerprint.digests,
            fingerprint.hashes,
            fingerprint.dihedral,
            of_medium=True,
            views=fingerprint.views,
        )

    def _answer(self, fingerprint: ImageFingerprint | None, question: Question) -> CheckResult:
        started = perf_counter()
        found = self._base.answer(question)
        result = self._result(fingerprint, question, found, 1000 * (perf_counter() - started))
        if self._audit and result.matched:
            self._db.record_audit("check", audit_details(result), revision=result.revision)
        return result

    def _result(
        self,
        fingerprint: ImageFingerprint | None,
        question: Question,
        found: Found,
        cost_ms: float,
    ) -> CheckResult:
        status, reason = outcome_of(self._policy, question, found, fingerprint)
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
            policy=self._policy,
            known_sets=found.known_sets,
            n_excluded=found.n_excluded,
            n_comparisons=found.n_comparisons,
            cost_ms=round(cost_ms, 3),
            gates=(*question.low.values(), *question.gates, *found.gates),
        )


def _gravity(alert: Alert) -> int:
    return alert.gravity
