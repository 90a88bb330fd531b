"""A medium against the national database: digests first, then the perceptual hashes.

The order of a check, and the file that owns each step, is drawn in docs/architecture.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from hashmatch.algorithms import get_algorithm
from hashmatch.database import Database, HashLookup, LookupMaker
from hashmatch.decode import Limits
from hashmatch.errors import InputError
from hashmatch.fingerprinting import (
    Fingerprint,
    ImageFingerprint,
    ImageSource,
    VideoFingerprint,
    examine_medium,
)
from hashmatch.matching.answers import result_of
from hashmatch.matching.audited import audit_details
from hashmatch.matching.base import Found
from hashmatch.matching.calibration import Calibration
from hashmatch.matching.digest_only import read_digests
from hashmatch.matching.explaining import Explanation, explained
from hashmatch.matching.explaining_video import explained_video
from hashmatch.matching.many_digests import check_many
from hashmatch.matching.outcome import outcome_of, video_outcome_of
from hashmatch.matching.policy import Level, MatchPolicy
from hashmatch.matching.question import Question, question_of
from hashmatch.matching.request import CheckRequest
from hashmatch.matching.result import CheckResult
from hashmatch.matching.stages import Stages
from hashmatch.matching.video_base import VideoBase
from hashmatch.matching.video_question import video_question
from hashmatch.types import Digests


class Checker:
    """Checks media, hashes and digests against one database.

    Every answer is made at one database revision; an import or withdrawal, by this process or
    another one, is seen by the next check. Usable from several threads.

    Args:
        db: an open database.
        policy: thresholds and level.
        limits: for decoding; the default ones if None.
        audit: log each check that matched in the database. None: if it can be written.
        calibration: tells the false matches expected of registered copies; None: the packaged one.
        hash_lookup: makes an algorithm's lookup; by default of this machine's segments.
    """

    def __init__(
        self,
        db: Database,
        policy: MatchPolicy | None = None,
        *,
        limits: Limits | None = None,
        audit: bool | None = None,
        calibration: Calibration | None = None,
        hash_lookup: LookupMaker = HashLookup,
    ) -> None:
        if audit and db.read_only:
            raise InputError("audit: expected False with a read-only database, got True")
        self._db = db
        self._policy = policy or MatchPolicy()
        self._limits = limits
        self._audit = not db.read_only if audit is None else audit
        self._base = VideoBase(db, self._policy, calibration, hash_lookup)

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
    def video_algorithms(self) -> tuple[str, ...]:
        """What to compute of a video for ``check_fingerprint``: PDQ of its frames, and TMK+PDQF
        where the database holds whole fingerprints to compare with; none at level digest.

        Raises:
            DatabaseError: the database can't be read.
        """
        return self._base.video_algorithms()

    @property
    def views(self) -> str:
        """What to ask ``examine_medium`` for besides: "none", "trims" or "all"."""
        return self._policy.level.views if self._policy.algorithm == "pdq" else "none"

    def check(self, source: ImageSource, *, isolate: bool = False) -> CheckResult:
        """Check one medium: a path, bytes, a binary file, an array or a Pillow picture.

        Videos and animations are checked by their frames. A file that is neither, or a broken one,
        still has its digests checked; one that is cut short is matched by what is there of it, and
        the reason says so.

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
        if isinstance(fingerprint, VideoFingerprint):
            beside = question_of(self._policy, digests, stated, {})
            return self._logged(self._video_result(fingerprint, beside))
        values = {**stated, **fingerprint.hashes}
        asked = replace(fingerprint, digests=digests, hashes=values)
        return self._answer(fingerprint, self._question(asked))

    def check_fingerprint(self, fingerprint: Fingerprint) -> CheckResult:
        """Check what ``hash_image``, ``hash_video`` or ``examine_medium`` gave, anywhere.

        Hashes of algorithms that the policy does not compare are left out; the answer's ``gates``
        name those that the database holds and the fingerprint lacks.

        Raises:
            DatabaseError: as ``check``.
        """
        if isinstance(fingerprint, VideoFingerprint):
            return self._logged(self._video_result(fingerprint))
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
        if isinstance(fingerprint, VideoFingerprint):
            return explained_video(self._video_result(fingerprint), stages)
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
        return check_many(
            self._base, self._policy, lambda asked: self._answer(None, asked), name, digests
        )

    def _examined(self, source: ImageSource, isolate: bool) -> Fingerprint:
        if self._policy.level is Level.DIGEST:
            return read_digests(source, self._limits)
        return examine_medium(
            source,
            algorithms=self.algorithms,
            video_algorithms=self.video_algorithms,
            dihedral=self._policy.orientations,
            views=self.views,
            interval_s=self._policy.video.interval_s,
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
        cost_ms = 1000 * (perf_counter() - started)
        return self._logged(self._result(fingerprint, question, found, cost_ms))

    def _video_result(
        self, fingerprint: VideoFingerprint, beside: Question | None = None
    ) -> CheckResult:
        started = perf_counter()
        asked = beside or Question(fingerprint.digests)
        question = replace(video_question(self._policy, fingerprint), digests=asked.digests)
        found = self._base.answer_video(question, asked)
        cost_ms = 1000 * (perf_counter() - started)
        outcome = video_outcome_of(self._policy, question, found, fingerprint)
        gates = (*asked.low.values(), *asked.gates, *question.gates, *found.gates)
        return result_of(self._policy, fingerprint, asked, found, outcome, cost_ms, gates)

    def _logged(self, result: CheckResult) -> CheckResult:
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
        outcome = outcome_of(self._policy, question, found, fingerprint)
        gates = (*question.low.values(), *question.gates, *found.gates)
        return result_of(self._policy, fingerprint, question, found, outcome, cost_ms, gates)
