"""A picture's bytes to upright 8-bit pixels.

Order of work: type by content, limits, decode, bring to 8 bits (alpha composited on white), turn
upright. What decodes only in part is mended or salvaged, and says so. docs/pixels.md is the whole
of it in words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hashmatch.decode.capture import NOTHING, Capture
from hashmatch.decode.frames import count_frames
from hashmatch.decode.jpeg import decode_jpeg
from hashmatch.decode.jpeg_segments import mend_jpeg
from hashmatch.decode.limits import DEFAULT_LIMITS, Limits
from hashmatch.decode.modes import to_8_bit
from hashmatch.decode.opening import open_picture, require_pixels, stored_metadata
from hashmatch.decode.orientation import apply_orientation, swaps_sides
from hashmatch.decode.png_chunks import mend_png
from hashmatch.decode.salvage import grey_tail, salvage
from hashmatch.decode.sniff import SNIFF_BYTES, sniff
from hashmatch.errors import (
    CorruptMediaError,
    DecodeError,
    MediaLimitError,
    UnsupportedMediaError,
)
from hashmatch.types import MediaKind

if TYPE_CHECKING:
    from PIL import Image

Admit = Callable[[int], None]
"""Called once with the number of pixels before they are decoded; may wait."""

Reduce = Callable[[int, int], int]
"""From width and height to a scale of 1, 2, 4 or 8."""

MISSING = 128
"""What pixels show that a broken file does not have: mid-grey, as JPEG decoders fill them."""

MIN_FRACTION = 0.25
"""Of a picture that breaks off, at least this share has to be there: less is no picture of it."""


@dataclass(frozen=True, slots=True)
class DecodedImage:
    """A picture's pixels and what was done to get them.

    Attributes:
        pixels: uint8, (h, w) or (h, w, 3), upright; perhaps a strided view.
        stored_mode: Pillow's mode of the file's own samples.
        orientation: the EXIF orientation that was applied, 1..8.
        frames: number of frames in the file, where the format tells; pixels are the first.
        fraction: share of the picture that could be decoded; None: all of it, as it should be.
            1.0: every row has data, but the file is cut short.
        luma_only: decoded for speed, without its colours.
        scale: 1; or 2, 4, 8: ``pixels`` are means of so many samples squared, grey and as stored:
            ``orientation`` is still to be applied.
        stored_height, stored_width: of the whole picture as stored, in samples.
        capture: when and by what it was taken, as its EXIF block says.
    """

    pixels: NDArray[np.uint8]
    mime: str | None
    stored_mode: str
    orientation: int
    frames: int
    fraction: float | None = None
    luma_only: bool = False
    scale: int = 1
    stored_height: int = 0
    stored_width: int = 0
    capture: Capture = NOTHING

    @property
    def height(self) -> int:
        """Of the whole picture as shown."""
        return self._shown[0]

    @property
    def width(self) -> int:
        """Of the whole picture as shown."""
        return self._shown[1]

    @property
    def _shown(self) -> tuple[int, int]:
        if self.scale == 1:
            return int(self.pixels.shape[0]), int(self.pixels.shape[1])
        if swaps_sides(self.orientation):
            return self.stored_width, self.stored_height
        return self.stored_height, self.stored_width


def decode_image(
    data: bytes,
    limits: Limits = DEFAULT_LIMITS,
    *,
    admit: Admit | None = None,
    reduce: Reduce | None = None,
) -> DecodedImage:
    """Decode the picture in a file's bytes: its first frame, as a viewer shows it.

    A file that is cut short gives what is there, if that is ``MIN_FRACTION`` of it.

    Args:
        reduce: luma alone is wanted, at the scale that this gives for a width and a height, where
            the format's decoder can do that (plain JPEG); None: the full decode.

    Raises:
        UnsupportedMediaError: empty, no picture, or a picture type or mode not decoded here.
        CorruptMediaError: broken, or cut short with too little left.
        MediaLimitError: over ``limits``.
    """
    if not data:
        raise UnsupportedMediaError("empty file: 0 bytes")
    if len(data) > limits.max_bytes:
        raise MediaLimitError(
            f"file size: expected at most {limits.max_bytes} bytes, got {len(data)}"
        )
    found = sniff(data[:SNIFF_BYTES])
    if found.kind is not MediaKind.IMAGE:
        raise UnsupportedMediaError(
            f"not a picture: {found.mime or 'unknown type'}, starts with {data[:8].hex(' ')}"
        )
    work = _Work(found.mime, limits, admit, data, reduce)
    try:
        return work.whole(data)
    except CorruptMediaError as error:
        return work.broken(data, error)


def decode_pillow(
    image: Image.Image, limits: Limits = DEFAULT_LIMITS, *, admit: Admit | None = None
) -> DecodedImage:
    """Decode a picture that Pillow has opened; errors as ``decode_image``."""
    work = _Work(None, limits, admit, None)
    with pillow_errors("Pillow picture"):
        work.check(image)
        stored_mode = image.mode
        image.load()
        return work.finished(image, stored_mode)


@contextmanager
def pillow_errors(what: str | None) -> Iterator[None]:
    """Pillow's errors as this library's."""
    from PIL import Image, UnidentifiedImageError

    try:
        yield
    except DecodeError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise MediaLimitError(f"{what}: {error}") from error
    except UnidentifiedImageError as error:
        raise CorruptMediaError(f"{what}: the header can't be read") from error
    except MemoryError as error:
        raise MediaLimitError(f"{what}: out of memory while decoding") from error
    except Exception as error:
        # Pillow's plugins raise OSError, SyntaxError, ValueError, struct.error, zlib.error and more
        # for broken files: the type says nothing, the file is what is wrong.
        raise CorruptMediaError(f"{what}: {type(error).__name__}: {error}") from error


class _Work:
    """One picture's way through the steps."""

    def __init__(
        self,
        mime: str | None,
        limits: Limits,
        admit: Admit | None,
        file: bytes | None,
        reduce: Reduce | None = None,
    ) -> None:
        self._mime = mime
        self._limits = limits
        self._admit = admit
        self._reduce = reduce
        self._file = file  # as it came: what is mended of it has lost its metadata

    def whole(self, data: bytes, *, cut: bool = False) -> DecodedImage:
        """The picture of a file that decodes; ``cut``: its end had to be put there."""
        with pillow_errors(self._mime), self._opened(data) as image:
            stored_mode = image.mode
            if self._mime == "image/jpeg" and not cut:
                plain = self._plain_jpeg(data, image)
                if plain is not None:
                    return plain
            image.load()
            return self.finished(image, stored_mode, cut=cut)

    def _plain_jpeg(self, data: bytes, image: Image.Image) -> DecodedImage | None:
        """A JPEG without a defect, past Pillow; None for all others."""
        if image.mode not in ("L", "RGB"):
            return None
        width, height = image.size
        scale = self._reduce(width, height) if self._reduce else 1
        grey = self._reduce is not None or image.mode == "L"
        pixels = decode_jpeg(data, width=width, height=height, grey=grey, scale=scale)
        if pixels is None:
            return None
        orientation, capture = stored_metadata(image, self._mime, self._file)
        return DecodedImage(
            pixels=pixels if scale > 1 else apply_orientation(pixels, orientation),
            mime=self._mime,
            stored_mode=image.mode,
            orientation=orientation,
            frames=count_frames(image, self._mime, self._file, self._limits.max_frames),
            luma_only=self._reduce is not None,
            scale=scale,
            stored_height=height,
            stored_width=width,
            capture=capture,
        )

    def broken(self, data: bytes, error: CorruptMediaError) -> DecodedImage:
        """What can be had from a file that did not decode, or the error that it gave."""
        if self._mime == "image/jpeg":
            data, cut = mend_jpeg(data)
        elif self._mime == "image/png":
            data, cut = mend_png(data), False
        else:
            return self._salvaged(data, error)
        try:
            mended = self.whole(data, cut=cut)
        except CorruptMediaError:
            return self._salvaged(data, error)
        return _enough(mended, error)

    def check(self, image: Image.Image) -> None:
        """Limits first, then a place for the pixels."""
        require_pixels(*image.size, self._limits)
        if self._admit is not None:
            admit, self._admit = self._admit, None
            admit(image.width * image.height)

    def finished(
        self,
        image: Image.Image,
        stored_mode: str,
        *,
        there: NDArray[np.bool_] | None = None,
        cut: bool = False,
    ) -> DecodedImage:
        """A loaded picture's pixels in the form in which they are hashed."""
        pixels = to_8_bit(image)
        fraction = grey_tail(pixels, stored_mode) if cut else None
        if there is not None:
            fraction = float(there.mean())
            pixels = np.array(pixels)
            pixels[~there] = MISSING
        # After the pixels: some formats carry EXIF behind them.
        orientation, capture = stored_metadata(image, self._mime, self._file)
        return DecodedImage(
            pixels=apply_orientation(pixels, orientation),
            mime=self._mime,
            stored_mode=stored_mode,
            orientation=orientation,
            frames=count_frames(image, self._mime, self._file, self._limits.max_frames),
            fraction=fraction,
            capture=capture,
        )

    def _salvaged(self, data: bytes, error: CorruptMediaError) -> DecodedImage:
        def opened() -> Image.Image:
            return self._opened(data)

        with pillow_errors(self._mime):
            try:
                image, there = salvage(opened)
            except CorruptMediaError:
                raise error from None
            picture = self.finished(image, image.mode, there=there)
        return _enough(picture, error)

    def _opened(self, data: bytes) -> Image.Image:
        image = open_picture(data, self._mime, self._limits)
        self.check(image)
        return image


def _enough(picture: DecodedImage, error: CorruptMediaError) -> DecodedImage:
    """The picture, if enough of it is there."""
    if picture.fraction == 0:
        raise error
    if picture.fraction is not None and picture.fraction < MIN_FRACTION:
        raise CorruptMediaError(
            f"{error}; {picture.fraction:.0%} of the picture is there, at least "
            f"{MIN_FRACTION:.0%} is needed"
        )
    return picture
