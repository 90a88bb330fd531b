"""One picture in, one fingerprint out: digests and hashes from one reading of the file."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from hashmatch import cpu
from hashmatch._version import __version__
from hashmatch.algorithms import get_algorithm
from hashmatch.decode import (
    DEFAULT_LIMITS,
    SNIFF_BYTES,
    UNKNOWN_TYPE,
    DecodedImage,
    Limits,
    MediaType,
    Source,
    decode_image,
    decode_pillow,
    open_source,
    read_blocks,
    sniff,
    source_name,
)
from hashmatch.errors import (
    CorruptMediaError,
    DecodeError,
    InputError,
    MediaAccessError,
    MediaLimitError,
    UnsupportedMediaError,
)
from hashmatch.fingerprinting.model import FingerprintStatus, ImageFingerprint
from hashmatch.hashing import MIN_SIDE, digest_blocks, pdq, pdq_dihedral, require_picture
from hashmatch.types import Digests, HashValue, MediaKind

if TYPE_CHECKING:
    from PIL import Image
    from typing_extensions import TypeIs

ImageSource: TypeAlias = "Source | NDArray[np.uint8] | Image.Image"
"""What one picture can come from."""

DECODE_MODES = ("exact",)

_STATUS_OF_ERROR: tuple[tuple[type[DecodeError], FingerprintStatus], ...] = (
    (MediaAccessError, FingerprintStatus.UNREADABLE),
    (MediaLimitError, FingerprintStatus.LIMIT),
    (UnsupportedMediaError, FingerprintStatus.UNSUPPORTED),
    (CorruptMediaError, FingerprintStatus.CORRUPT),
)


def hash_image(
    source: ImageSource,
    *,
    algorithms: Sequence[str] = ("pdq",),
    decode: str = "exact",
    dihedral: bool = False,
    limits: Limits | None = None,
) -> ImageFingerprint:
    """Digests and perceptual hashes of one picture.

    Args:
        source: a path, bytes, a binary file object, a uint8 array (h, w, 3) or (h, w), or a Pillow
            picture. Arrays and Pillow pictures have no digests.
        algorithms: names that hashmatch computes.
        decode: "exact", the full decode.
        dihedral: also hash the seven other orientations.
        limits: on pixels and bytes; the default ones if None.

    Returns:
        The fingerprint; its status is OK, LOW_INFORMATION or TOO_SMALL.

    Raises:
        DecodeError: the source can't be read or decoded (see its subclasses).
        InputError: a wrong argument.
    """
    result, error = _examine(source, algorithms, decode, dihedral, limits)
    if error is not None:
        raise error
    return result


def examine_image(
    source: ImageSource,
    *,
    algorithms: Sequence[str] = ("pdq",),
    decode: str = "exact",
    dihedral: bool = False,
    limits: Limits | None = None,
) -> ImageFingerprint:
    """As ``hash_image``, but a source that can't be decoded gives a fingerprint that says so.

    Its digests are there whenever its bytes could be read, whatever the file is.

    Raises:
        InputError: a wrong argument.
    """
    return _examine(source, algorithms, decode, dihedral, limits)[0]


def _examine(
    source: ImageSource,
    algorithms: Sequence[str],
    decode: str,
    dihedral: bool,
    limits: Limits | None,
) -> tuple[ImageFingerprint, DecodeError | None]:
    names = _checked_algorithms(algorithms)
    if decode not in DECODE_MODES:
        raise InputError(f"decode: expected one of {', '.join(DECODE_MODES)}, got {decode!r}")
    allowed = limits or DEFAULT_LIMITS
    blank = ImageFingerprint(
        status=FingerprintStatus.OK,
        name=source_name(source),
        made_with=_versions(),
    )
    if isinstance(source, np.ndarray):
        require_picture(source)
        picture = DecodedImage(source, mime=None, stored_mode="array", orientation=1, frames=1)
        return _hashed(blank, picture, names, dihedral), None
    known = blank
    try:
        if _is_pillow(source):
            picture = decode_pillow(source, allowed)
        else:
            read = _read(source, allowed)
            known = dataclasses.replace(
                blank,
                digests=read.digests,
                size=read.size,
                kind=read.media.kind,
                mime=read.media.mime,
            )
            picture = decode_image(read.data(allowed), allowed)
    except DecodeError as error:
        return _failed(known, error), error
    return _hashed(dataclasses.replace(known, decode=decode), picture, names, dihedral), None


@dataclasses.dataclass(slots=True)
class _Read:
    """One pass over a source: digests of all of it, bytes of what may be decoded."""

    digests: Digests = dataclasses.field(default_factory=Digests)
    size: int = 0
    media: MediaType = UNKNOWN_TYPE
    kept: bytearray = dataclasses.field(default_factory=bytearray)

    def data(self, limits: Limits) -> bytes:
        """All bytes of a picture; the first ones of anything else, enough to say what it is."""
        if self.media.kind is MediaKind.IMAGE and self.size > limits.max_bytes:
            raise MediaLimitError(
                f"file size: expected at most {limits.max_bytes} bytes, got {self.size}"
            )
        return bytes(self.kept)

    def passing(self, blocks: Iterator[bytes], limits: Limits) -> Iterator[bytes]:
        for block in blocks:
            # A stream may give its first bytes one by one: not sniffed before they are enough.
            started = self.size >= SNIFF_BYTES
            self.size += len(block)
            if not started:
                self.kept += block
                self.media = sniff(bytes(self.kept[:SNIFF_BYTES]))
                if self.size >= SNIFF_BYTES and not self._wanted(limits):
                    del self.kept[SNIFF_BYTES:]
            elif self._wanted(limits):
                self.kept += block
            yield block

    def _wanted(self, limits: Limits) -> bool:
        return self.media.kind is MediaKind.IMAGE and self.size <= limits.max_bytes


def _read(source: Source, limits: Limits) -> _Read:
    read = _Read()
    try:
        with open_source(source) as stream:
            read.digests = digest_blocks(read.passing(read_blocks(stream), limits))
    except DecodeError:
        raise
    except OSError as error:
        raise MediaAccessError(error.strerror or type(error).__name__) from error
    return read


def _hashed(
    known: ImageFingerprint, picture: DecodedImage, algorithms: Sequence[str], dihedral: bool
) -> ImageFingerprint:
    described = dataclasses.replace(
        known,
        kind=MediaKind.IMAGE,
        width=picture.width,
        height=picture.height,
        stored_mode=picture.stored_mode,
        orientation=picture.orientation,
        frames=picture.frames,
    )
    if min(picture.width, picture.height) < MIN_SIDE:
        return dataclasses.replace(
            described,
            status=FingerprintStatus.TOO_SMALL,
            reason=f"{picture.width} x {picture.height}: a side below {MIN_SIDE} pixels",
        )
    hashes: dict[str, HashValue] = {}
    turned: dict[str, tuple[HashValue, ...]] = {}
    for name in algorithms:
        if dihedral:
            values, quality = pdq_dihedral(picture.pixels)
            turned[name] = tuple(HashValue(name, row.tobytes(), quality) for row in values)
            hashes[name] = turned[name][0]
        else:
            value, quality = pdq(picture.pixels)
            hashes[name] = HashValue(name, value.tobytes(), quality)
    return dataclasses.replace(described, hashes=hashes, dihedral=turned, **_information(hashes))


def _information(hashes: Mapping[str, HashValue]) -> dict[str, Any]:
    for name, value in hashes.items():
        floor = get_algorithm(name).min_quality
        if floor is not None and value.quality is not None and value.quality < floor:
            return {
                "status": FingerprintStatus.LOW_INFORMATION,
                "reason": f"{name} quality {value.quality} is below {floor}",
            }
    return {"status": FingerprintStatus.OK}


def _failed(known: ImageFingerprint, error: DecodeError) -> ImageFingerprint:
    status = next(
        (status for kind, status in _STATUS_OF_ERROR if isinstance(error, kind)),
        FingerprintStatus.CORRUPT,
    )
    if known.size == 0:
        status = FingerprintStatus.EMPTY
    return dataclasses.replace(known, status=status, reason=str(error))


def _checked_algorithms(algorithms: Iterable[str]) -> tuple[str, ...]:
    if isinstance(algorithms, str):
        raise InputError(f"algorithms: expected a sequence of names, got the text {algorithms!r}")
    names = tuple(algorithms)
    if not names:
        raise InputError("algorithms: expected at least one name, got none")
    for name in names:
        if not get_algorithm(name).computed:
            raise InputError(f"algorithms: {name} is imported from lists, not computed here")
    return names


def _is_pillow(source: Source | Image.Image) -> TypeIs[Image.Image]:
    from PIL import Image

    return isinstance(source, Image.Image)


def _versions() -> dict[str, str]:
    import PIL

    return {"hashmatch": __version__, "pillow": PIL.__version__, "isa": cpu.active_isa()}
