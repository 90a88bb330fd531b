"""The words of the field as types: hashes, digests, opinions, records. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any, ClassVar

from hashmatch.algorithms import ALGORITHMS, Comparison, get_algorithm
from hashmatch.encoding import format_hex, parse_hex
from hashmatch.errors import HashFormatError, InputError, InputTypeError
from hashmatch.facts import NO_FACTS, Facts

NOTHING: Mapping[str, str] = MappingProxyType({})
DIGEST_BYTES: Mapping[str, int] = MappingProxyType({"md5": 16, "sha1": 20, "sha256": 32})
_N_BYTES = {name: algorithm.n_bytes for name, algorithm in ALGORITHMS.items()}


class MediaKind(StrEnum):
    """What a medium is."""

    IMAGE = "image"
    VIDEO = "video"
    OTHER = "other"
    UNKNOWN = "unknown"


class Label(StrEnum):
    """Normalised category of an opinion; a list's own code is always kept beside it."""

    CSAM = "csam"
    EXPLOITIVE = "exploitive_or_age_difficult"
    CGI = "cgi"
    COMPARISON = "comparison"
    UNCATEGORIZED = "uncategorized"
    NON_PERTINENT = "non_pertinent"
    KNOWN_IGNORABLE = "known_ignorable"

    @property
    def severity(self) -> int:
        """Larger is more severe; opinions that disagree are consolidated to the largest."""
        return _SEVERITY[self]


_SEVERITY = {label: rank for rank, label in enumerate(reversed(Label))}


@dataclass(frozen=True, slots=True)
class Digests:
    """MD5, SHA-1 and SHA-256 of a file's bytes, as lower-case hex; None where unknown.

    Build it with ``Digests.parse`` from text that has not been checked yet.
    """

    md5: str | None = None
    sha1: str | None = None
    sha256: str | None = None

    @classmethod
    def parse(
        cls, *, md5: str | None = None, sha1: str | None = None, sha256: str | None = None
    ) -> Digests:
        """Check and normalise digests in hex.

        Raises:
            HashFormatError: a digest has the wrong length or a character that is no hex digit.
        """
        given = {"md5": md5, "sha1": sha1, "sha256": sha256}
        return cls(
            **{
                name: None if text is None else parse_hex(text, DIGEST_BYTES[name], name=name).hex()
                for name, text in given.items()
            }
        )

    def items(self) -> list[tuple[str, str]]:
        """The known digests as (name, hex), weakest first."""
        pairs = (("md5", self.md5), ("sha1", self.sha1), ("sha256", self.sha256))
        return [(name, value) for name, value in pairs if value is not None]

    def contradicts(self, other: Digests) -> bool:
        """Whether both know a digest and give different values: not the same bytes."""
        mine = dict(self.items())
        return any(name in mine and mine[name] != value for name, value in other.items())

    def __bool__(self) -> bool:
        return bool(self.md5 or self.sha1 or self.sha256)


@dataclass(frozen=True, slots=True)
class HashValue:
    """One perceptual hash.

    Attributes:
        algorithm: a name in ``hashmatch.algorithms.ALGORITHMS``.
        value: ``bits // 8`` bytes, in the order in which the algorithm writes its hex.
        quality: 0..100 where the algorithm gives one; None where it is not known.
        frame: number of the video's frame that it is of, from 0; None where it is of a whole
            medium or the number is not known.
        time_s: seconds from the video's beginning; None likewise.

    Raises:
        UnknownAlgorithmError, HashFormatError: unknown name, or another length.
    """

    algorithm: str
    value: bytes
    quality: int | None = None
    frame: int | None = None
    time_s: float | None = None

    def __post_init__(self) -> None:
        if type(self.value) is bytes and len(self.value) == _N_BYTES.get(self.algorithm):
            return  # the common case: lists make millions
        expected = get_algorithm(self.algorithm).n_bytes
        if not isinstance(self.value, bytes):
            raise InputTypeError(
                f"{self.algorithm} hash: expected bytes, got {type(self.value).__name__}"
            )
        if len(self.value) != expected:
            raise HashFormatError(
                f"{self.algorithm} hash: expected {expected} bytes, got {len(self.value)}"
            )

    @classmethod
    def from_hex(cls, algorithm: str, text: str, quality: int | None = None) -> HashValue:
        """Parse strict hex (see ``hashmatch.encoding.parse_hex``)."""
        n_bytes = get_algorithm(algorithm).n_bytes
        return cls(algorithm, parse_hex(text, n_bytes, name=f"{algorithm} hash"), quality)

    @property
    def hex(self) -> str:
        """Lower-case hex as the algorithm's own tools write it."""
        return format_hex(self.value)

    @property
    def bits(self) -> int:
        return 8 * len(self.value)

    @property
    def weight(self) -> int:
        """Number of set bits. A PDQ hash of a picture with information has 128."""
        return int.from_bytes(self.value, "big").bit_count()

    def distance(self, other: HashValue) -> int:
        """Hamming distance in bits.

        Raises:
            InputError: the other is no HashValue, is of another algorithm, or the algorithm's
                values do not compare by Hamming distance.
        """
        if not isinstance(other, HashValue):
            raise InputTypeError(f"other: expected HashValue, got {type(other).__name__}")
        if other.algorithm != self.algorithm:
            raise InputError(
                f"other: expected a {self.algorithm} hash, got a {other.algorithm} hash; "
                "hashes of different algorithms never compare"
            )
        if get_algorithm(self.algorithm).comparison is not Comparison.HAMMING:
            raise InputError(f"{self.algorithm} hashes do not compare by Hamming distance")
        mine, theirs = int.from_bytes(self.value, "big"), int.from_bytes(other.value, "big")
        return (mine ^ theirs).bit_count()

    def to_dict(self) -> dict[str, Any]:
        where = {"frame": self.frame, "time_s": self.time_s}
        said = {"algorithm": self.algorithm, "hex": self.hex, "quality": self.quality}
        return {**said, **{name: value for name, value in where.items() if value is not None}}


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one list says about one medium. Flags are tri-state: None means not stated.

    Attributes:
        scheme: id of the category scheme that ``raw_category`` belongs to.
        raw_category: the list's own code as text, exactly as it stands there.
        label: the code's normalised meaning under the scheme.
        baseline: INTERPOL's Baseline; False is never "legal", None is unknown.
        updated_raw: the list's own date text, untouched.
        facts: what is depicted, as far as the list or its scheme says it.
    """

    scheme: str
    raw_category: str | None
    label: Label
    baseline: bool | None = None
    victim_identified: bool | None = None
    offender_identified: bool | None = None
    distributed: bool | None = None
    self_generated: bool | None = None
    suspected: bool | None = None
    precategorized: bool | None = None
    file_available: bool | None = None
    submissions: int | None = None
    series: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    updated_raw: str | None = None
    facts: Facts = NO_FACTS

    FLAGS: ClassVar[tuple[str, ...]] = (
        "victim_identified",
        "offender_identified",
        "distributed",
        "self_generated",
        "suspected",
        "precategorized",
        "file_available",
    )


@dataclass(frozen=True, slots=True)
class Reject:
    """A record, or one field of it, that a reader refused.

    Attributes:
        position: 1-based line (text formats) or record number (JSON).
        field: the field as the format spells it; None for the whole record.
        reason: a short stable word or phrase, countable ("md5 length", "no usable hash").
        raw: the offending text, cut to a bounded length.
        whole_record: True where nothing of the record was kept.
    """

    position: int
    field: str | None
    reason: str
    raw: str
    whole_record: bool


@dataclass(frozen=True, slots=True)
class Sighting:
    """One place where a case's medium was found. Who worked on the case is no part of it.

    Attributes:
        case: the case's own number, without one its id.
        file_name: of the file, without folders.
        file_path: as the exhibit has it, separators untouched; never a path of this machine.
        parent_path: the archive or video that it lay in.
        created_raw, written_raw, accessed_raw: the file's times, untouched.
        extra: what else is said of the place, name to text.
    """

    case: str | None = None
    file_name: str | None = None
    file_path: str | None = None
    parent_path: str | None = None
    created_raw: str | None = None
    written_raw: str | None = None
    accessed_raw: str | None = None
    extra: Mapping[str, str] = field(default_factory=lambda: NOTHING)


@dataclass(frozen=True, slots=True)
class HashRecord:
    """One entry of a hash list as read from a file.

    Attributes:
        record_key: the source's own key of the entry; stable from one edition to the next.
        position: 1-based line or record number in the file.
        digests: at least one is known, or ``hashes`` is not empty.
        hashes: perceptual hashes, any number of each algorithm.
        size: bytes of the medium.
        extra: fields without a place of their own, name to text, kept for the round trip.
        rejects: fields of this record that were refused; the rest stands.
        seen_at: where a case says that it was found; only cases say so.
    """

    record_key: str
    position: int
    digests: Digests
    opinion: Opinion
    kind: MediaKind = MediaKind.UNKNOWN
    mime: str | None = None
    size: int | None = None
    hashes: tuple[HashValue, ...] = ()
    extra: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    rejects: tuple[Reject, ...] = ()
    seen_at: tuple[Sighting, ...] = ()


@dataclass(frozen=True, slots=True)
class Deletion:
    """An entry that its source withdraws: what it said under this key is said no longer.

    Attributes:
        record_key: the entry's key, as its ``HashRecord`` had it.
        position: as in ``HashRecord``.
        reason: the source's own word for it ("deletedImage", "Withdrawn", "should_delete").
        raw: the source's time of it as text; never the content that was withdrawn.
    """

    record_key: str
    position: int
    reason: str
    raw: str
