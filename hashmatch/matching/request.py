"""What one check may be asked of at once: a medium, digests, hashes, a PhotoDNA value."""

from __future__ import annotations

import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from hashmatch.algorithms import get_algorithm
from hashmatch.errors import HashFormatError, InputError, InputTypeError
from hashmatch.fingerprinting import ImageSource
from hashmatch.matching.thresholds import PHOTODNA
from hashmatch.types import DIGEST_BYTES, Digests, HashValue

_BASE64_LENGTH = 192
_SHOWN = 40


@dataclass(frozen=True, slots=True)
class CheckRequest:
    """What is known of one medium. Values are checked, and kept as they compare.

    What the source gives itself counts; stated hashes are compared where it gives none of their
    algorithm, stated digests where it has none.

    Attributes:
        source: the medium, as ``Checker.check`` takes it; None: values alone.
        md5, sha1, sha256: hex.
        hashes: by algorithm: hex text, bytes or ``HashValue``; kept as ``HashValue``.
        photodna: 144 bytes, or their base64 (as VICS has them) or hex (as ICSE does); kept as
            bytes. Whoever has one has licensed software that makes them; none is computed here.
        quality: 0..100, of those hashes that are text or bytes; None where it is not known.
            A PhotoDNA value has none.

    Raises:
        HashFormatError, UnknownAlgorithmError: a value is no such digest or hash.
        InputError: nothing is given, or the quality is out of range.
    """

    source: ImageSource | None = None
    md5: str | None = None
    sha1: str | None = None
    sha256: str | None = None
    hashes: Mapping[str, str | bytes | HashValue] = field(default_factory=dict)
    photodna: bytes | str | None = None
    quality: int | None = None

    def __post_init__(self) -> None:
        quality = self.quality
        if quality is not None and (
            not isinstance(quality, int) or isinstance(quality, bool) or not 0 <= quality <= 100
        ):
            raise InputError(f"quality: expected an integer 0..100, got {quality!r}")
        if not isinstance(self.hashes, Mapping):
            raise InputTypeError(f"hashes: expected a mapping, got {type(self.hashes).__name__}")
        values = {name: _hash_value(name, v, quality) for name, v in self.hashes.items()}
        if self.photodna is not None:
            if PHOTODNA in values:
                raise InputError("photodna: expected it once, got it among the hashes too")
            values[PHOTODNA] = HashValue(PHOTODNA, photodna_value(self.photodna))
        digests = Digests.parse(md5=self.md5, sha1=self.sha1, sha256=self.sha256)
        if self.source is None and not digests and not values:
            raise InputError(
                "request: expected a source, a digest, a hash or a PhotoDNA value, got none"
            )
        for name in DIGEST_BYTES:
            object.__setattr__(self, name, getattr(digests, name))
        object.__setattr__(self, "hashes", MappingProxyType(values))
        photodna = values.get(PHOTODNA)
        object.__setattr__(self, "photodna", None if photodna is None else photodna.value)

    @property
    def digests(self) -> Digests:
        return Digests(self.md5, self.sha1, self.sha256)

    @property
    def values(self) -> dict[str, HashValue]:
        """Every stated hash by algorithm, the PhotoDNA value among them."""
        return {n: v for n, v in self.hashes.items() if isinstance(v, HashValue)}


def photodna_value(value: bytes | str) -> bytes:
    """A PhotoDNA value as lists carry it: 144 bytes, 288 hex digits or 192 characters of base64.

    Raises:
        HashFormatError: it is none of these.
    """
    if isinstance(value, bytes):
        return HashValue(PHOTODNA, value).value
    if not isinstance(value, str):
        raise HashFormatError(
            f"photodna: expected bytes, base64 or hex, got {type(value).__name__}"
        )
    if len(value) != _BASE64_LENGTH:
        if len(value) != 2 * get_algorithm(PHOTODNA).n_bytes:
            raise HashFormatError(
                f"photodna: expected {_BASE64_LENGTH} characters of base64 or 288 hex digits, "
                f"got {len(value)} characters"
            )
        return HashValue.from_hex(PHOTODNA, value).value
    try:
        return binascii.a2b_base64(value.encode("ascii"), strict_mode=True)
    except ValueError as error:
        raise HashFormatError(
            f"photodna: expected base64, got {value[:_SHOWN]!r}…: {error}"
        ) from error


def _hash_value(name: str, value: object, quality: int | None) -> HashValue:
    get_algorithm(name)
    if isinstance(value, HashValue):
        if value.algorithm != name:
            raise InputError(f"hashes: expected a {name} hash under {name}, got {value.algorithm}")
        return value
    if name == PHOTODNA and isinstance(value, str):
        return HashValue(name, photodna_value(value))
    if isinstance(value, bytes):
        return HashValue(name, value, quality)
    if isinstance(value, str):
        return HashValue.from_hex(name, value, quality)
    raise HashFormatError(f"value: expected hex or bytes, got {type(value).__name__}")
