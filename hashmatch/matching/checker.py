"""A medium against the national database: digests first, then the perceptual hash.

The order of a check, and the file that owns each step, is drawn in docs/architecture.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from hashmatch.algorithms import get_algorithm
from hashmatch.database import Database, HashLookup
from hashmatch.decode import Limits
from hashmatch.errors import HashFormatError, InputError
from hashmatch.fingerprinting import (
    FingerprintStatus,
    ImageFingerprint,
    ImageSource,
    examine_image,
)
from hashmatch.matching.policy import Alert, MatchPolicy
from hashmatch.matching.result import CheckResult, CheckStatus, Match
from hashmatch.matching.search import match_digests, match_hashes, one_per_media
from hashmatch.matching.variants import Variant, from_fingerprint, from_hash
from hashmatch.types import Digests, HashValue

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
        self._lookup = HashLookup(db, self._policy.algorithm)

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
        with self._db.snapshot() as view:
            self._lookup.catch_up(view)
            matches = one_per_media(
                match_digests(view, digests, self._policy),
                match_hashes(view, self._lookup, variants, self._policy),
            )
            status, reason = self._status(matches, fingerprint, value, variants)
            result = CheckResult(
                status=status,
                alert=max((match.alert for match in matches), key=_gravity, default=Alert.NONE),
                matches=tuple(matches),
                fingerprint=fingerprint,
                query=() if value is None else (value,),
                query_digests=dict(digests.items()),
                reason=reason,
                n_variants=len(variants),
                n_entries=len(self._lookup) if variants else 0,
                revision=view.revision,
                checked_at=datetime.now(UTC).isoformat(timespec="milliseconds"),
                policy=self._policy,
            )
        if self._audit and result.matched:
            self._db.record_audit("check", _audit_details(result), revision=result.revision)
        return result

    def _status(
        self,
        matches: Sequence[Match],
        fingerprint: ImageFingerprint | None,
        value: HashValue | None,
        variants: Sequence[Variant],
    ) -> tuple[CheckStatus, str | None]:
        reached = {match.status for match in matches}
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


def _audit_details(result: CheckResult) -> dict[str, Any]:
    """What the log keeps of a check: which medium, what was found; no names of files."""
    return {
        "status": result.status.value,
        "alert": result.alert.value,
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
