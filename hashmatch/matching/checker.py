"""A medium against the national database: digests first, then the perceptual hash.

The order of a check, and the file that owns each step, is drawn in docs/architecture.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from hashmatch.algorithms import get_algorithm
from hashmatch.database import Database
from hashmatch.decode import Limits
from hashmatch.errors import HashFormatError, InputError
from hashmatch.fingerprinting import (
    FingerprintStatus,
    ImageFingerprint,
    ImageSource,
    examine_image,
)
from hashmatch.index import checked_digests
from hashmatch.matching.audited import audit_details
from hashmatch.matching.base import CheckedBase, Found
from hashmatch.matching.policy import Alert, MatchPolicy
from hashmatch.matching.result import CheckResult, CheckStatus
from hashmatch.matching.variants import Variant, from_fingerprint, from_hash
from hashmatch.types import DIGEST_BYTES, Digests, HashValue

_FAILURES = (
    FingerprintStatus.UNSUPPORTED,
    FingerprintStatus.CORRUPT,
    FingerprintStatus.LIMIT,
    FingerprintStatus.TIMEOUT,
    FingerprintStatus.CRASHED,
    FingerprintStatus.EMPTY,
    FingerprintStatus.VANISHED,
    FingerprintStatus.PERMISSION,
    FingerprintStatus.UNREADABLE,
)
_DIGESTS_AT_ONCE = 4096
_BEST_FIRST = (CheckStatus.MATCH, CheckStatus.POSSIBLE, CheckStatus.KNOWN_IGNORABLE)


class Checker:
    """Checks media, hashes and digests against one database.

    Every answer is made at one database revision; an import or withdrawal, by this process or
    another one, is seen by the next check. Usable from several threads.

    Args:
        db: an open database.
        policy: thresholds; PDQ in eight orientations at 31 bits by default.
        limits: for decoding; the default ones if None.
        audit: write each check that matched into the database's audit log. None: if the database
            can be written.
    """

    def __init__(
        self,
        db: Database,
        policy: MatchPolicy | None = None,
        *,
        limits: Limits | None = None,
        audit: bool | None = None,
    ) -> None:
        if audit and db.read_only:
            raise InputError("audit: expected False with a read-only database, got True")
        self._db = db
        self._policy = policy or MatchPolicy()
        self._limits = limits
        self._audit = not db.read_only if audit is None else audit
        self._base = CheckedBase(db, self._policy)

    @property
    def policy(self) -> MatchPolicy:
        return self._policy

    def check(self, source: ImageSource, *, isolate: bool = False) -> CheckResult:
        """Check one medium: a path, bytes, a binary file, an array or a Pillow picture.

        A file that is no picture, or a broken one, still has its digests checked; one that is cut
        short is matched by what is there of it, and the reason says so.

        Args:
            isolate: decode in a worker process, as ``hash_image``.

        Raises:
            InputError: the source is of no such kind.
            DatabaseError: the database can't be read, or its audit log not written.
        """
        fingerprint = examine_image(
            source,
            algorithms=(self._policy.algorithm,),
            dihedral=self._policy.orientations,
            limits=self._limits,
            isolate=isolate,
        )
        return self.check_fingerprint(fingerprint)

    def check_fingerprint(self, fingerprint: ImageFingerprint) -> CheckResult:
        """Check what ``hash_image`` or ``examine_image`` gave, made here or elsewhere.

        Raises:
            DatabaseError: as ``check``.
        """
        algorithm = self._policy.algorithm
        value = fingerprint.hashes.get(algorithm)
        turned = fingerprint.dihedral.get(algorithm, ())
        variants: list[Variant] = []
        if value is not None and not self._too_little(value):
            if self._policy.orientations and not turned:
                variants = from_hash(value, orientations=True)
            else:
                variants = from_fingerprint(turned if self._policy.orientations else (value,))
        return self._answer(fingerprint, fingerprint.digests, value, variants)

    def check_hash(
        self, algorithm: str, value: str | bytes, quality: int | None = None
    ) -> CheckResult:
        """Check a bare perceptual hash, as hex text or bytes.

        Its mirrored and turned forms are approximated (``Match.variant_exact`` is False there).

        Args:
            quality: 0..100 if known. Unknown: the hash is trusted, unless its bits show that
                it holds no information (all equal).

        Raises:
            HashFormatError, UnknownAlgorithmError: the value is no such hash.
            InputError: the policy compares another algorithm, or the quality is out of range.
        """
        known = get_algorithm(algorithm)
        if known.name != self._policy.algorithm:
            raise InputError(
                f"algorithm: this checker compares {self._policy.algorithm}, got {algorithm!r}"
            )
        if quality is not None and (
            not isinstance(quality, int) or isinstance(quality, bool) or not 0 <= quality <= 100
        ):
            raise InputError(f"quality: expected an integer 0..100, got {quality!r}")
        if isinstance(value, bytes):
            asked = HashValue(algorithm, value, quality)
        elif isinstance(value, str):
            asked = HashValue.from_hex(algorithm, value, quality)
        else:
            raise HashFormatError(f"value: expected hex or bytes, got {type(value).__name__}")
        variants = (
            []
            if self._too_little(asked)
            else from_hash(asked, orientations=self._policy.orientations)
        )
        return self._answer(None, Digests(), asked, variants)

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
        return self._answer(None, digests, None, [])

    def check_many_digests(self, name: str, digests: NDArray[np.uint8]) -> Iterator[CheckResult]:
        """Check many digests of one kind, as bytes; one answer each, in their order.

        Answers to what is not known cost a few microseconds. The database is asked for its revision
        once for each 4,096 of them.

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
                    yield self._answer(None, Digests(**{name: hexed}), None, [])
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

    def _too_little(self, value: HashValue) -> bool:
        if value.weight in (0, value.bits):
            return True
        return value.quality is not None and value.quality < self._policy.min_quality

    def _answer(
        self,
        fingerprint: ImageFingerprint | None,
        digests: Digests,
        value: HashValue | None,
        variants: Sequence[Variant],
    ) -> CheckResult:
        found = self._base.nothing(digests, variants) or self._base.search(digests, variants)
        status, reason = self._status(found, fingerprint, value, variants)
        result = CheckResult(
            status=status,
            alert=max((match.alert for match in found.matches), key=_gravity, default=Alert.NONE),
            matches=found.matches,
            fingerprint=fingerprint,
            query=() if value is None else (value,),
            query_digests=dict(digests.items()),
            reason="; ".join(filter(None, (reason, *found.problems))) or None,
            n_variants=len(variants),
            n_entries=found.n_entries,
            revision=found.revision,
            checked_at=datetime.now(UTC).isoformat(timespec="milliseconds"),
            policy=self._policy,
            known_sets=found.known_sets,
            n_excluded=found.n_excluded,
        )
        if self._audit and result.matched:
            self._db.record_audit("check", audit_details(result), revision=result.revision)
        return result

    def _status(
        self,
        found: Found,
        fingerprint: ImageFingerprint | None,
        value: HashValue | None,
        variants: Sequence[Variant],
    ) -> tuple[CheckStatus, str | None]:
        reached = {match.status for match in found.matches}
        if found.known_sets:
            reached.add(CheckStatus.KNOWN_IGNORABLE)
        for status in _BEST_FIRST:
            if status in reached:
                return status, _caution(fingerprint)
        if fingerprint is not None and fingerprint.status in _FAILURES:
            return CheckStatus.FAILED, fingerprint.reason
        if fingerprint is not None and fingerprint.status is FingerprintStatus.TOO_SMALL:
            return CheckStatus.LOW_INFORMATION, fingerprint.reason
        if value is not None and not variants:
            return CheckStatus.LOW_INFORMATION, self._why_too_little(value)
        return CheckStatus.NO_MATCH, _caution(fingerprint)

    def _why_too_little(self, value: HashValue) -> str:
        if value.quality is not None and value.quality < self._policy.min_quality:
            return f"{value.algorithm} quality {value.quality} is below {self._policy.min_quality}"
        return f"{value.algorithm} hash has {value.weight} of {value.bits} bits set"


def _caution(fingerprint: ImageFingerprint | None) -> str | None:
    """What has to be known of an answer that rests on a part of the picture."""
    if fingerprint is None or fingerprint.status is not FingerprintStatus.TRUNCATED:
        return None
    return f"{fingerprint.status.value}: {fingerprint.reason}"


def _gravity(alert: Alert) -> int:
    return alert.gravity
