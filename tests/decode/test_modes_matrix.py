"""Every mode and container in all eight orientations, against the upright RGB original."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import PIL
import pytest
from pictures import Pixels, encoded, photograph, stored_for_orientation, with_exif_orientation
from PIL import Image, ImageCms

from hashmatch.decode import decode_image, decode_pillow
from hashmatch.errors import UnsupportedMediaError
from hashmatch.fingerprinting import FingerprintStatus, hash_image
from hashmatch.types import HashValue

WITHIN = 8
PILLOW_VERSION = int(PIL.__version__.split(".")[0])
SHOWN = photograph(31)
ORIENTATIONS = range(1, 9)


def pdq_of(source: Any) -> HashValue:
    made = hash_image(source)
    assert made.status is FingerprintStatus.OK
    return made.hashes["pdq"]


ORIGINAL = pdq_of(SHOWN)


@dataclass(frozen=True)
class Mode:
    """How a picture is brought into a mode, the file that keeps it there, what is lost on the way.

    ``options`` go to the encoder; ``lossless``: 0 bits from the original (of ``reference``).
    """

    make: Callable[[Image.Image], Image.Image]
    format: str
    stored: str
    lossless: bool = False
    reference: str = "RGB"
    options: tuple[tuple[str, Any], ...] = ()


def as_samples(scale: float, dtype: Any) -> Callable[[Image.Image], Image.Image]:
    def make(image: Image.Image) -> Image.Image:
        return Image.fromarray(
            (np.asarray(image.convert("L")).astype(np.float64) * scale).astype(dtype)
        )

    return make


def big_endian_16(image: Image.Image) -> Image.Image:
    samples = np.asarray(image.convert("L")).astype(np.uint16) * 257
    return Image.frombytes("I;16B", image.size, samples.astype(">u2").tobytes())


def through_lab(image: Image.Image) -> Image.Image:
    profiles = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
    made = ImageCms.profileToProfile(image, *profiles, outputMode="LAB")
    assert made is not None
    return made


def few_colours(image: Image.Image) -> Image.Image:
    return image.quantize(256, dither=Image.Dither.NONE)


def opaque(mode: str) -> Callable[[Image.Image], Image.Image]:
    return lambda image: image.convert("RGBA" if mode != "La" else "LA").convert(mode)


def itself(image: Image.Image) -> Image.Image:
    return image


FILES = {
    "1": Mode(lambda i: i.convert("L").convert("1"), "PNG", "1", lossless=True, reference="itself"),
    "L": Mode(lambda i: i.convert("L"), "PNG", "L", lossless=True, reference="L"),
    "L tiff": Mode(lambda i: i.convert("L"), "TIFF", "L", lossless=True, reference="L"),
    "LA": Mode(lambda i: i.convert("LA"), "PNG", "LA", lossless=True, reference="L"),
    "P": Mode(few_colours, "PNG", "P", lossless=True, reference="itself"),
    "P gif": Mode(few_colours, "GIF", "P", lossless=True, reference="itself"),
    "P bmp": Mode(few_colours, "BMP", "P", lossless=True, reference="itself"),
    "RGB": Mode(itself, "PNG", "RGB", lossless=True),
    "RGB tiff": Mode(itself, "TIFF", "RGB", lossless=True),
    "RGB tiff lzw": Mode(
        itself, "TIFF", "RGB", lossless=True, options=(("compression", "tiff_lzw"),)
    ),
    "RGB tiff jpeg": Mode(itself, "TIFF", "RGB", options=(("compression", "jpeg"),)),
    "RGB bmp": Mode(itself, "BMP", "RGB", lossless=True),
    "RGB webp": Mode(itself, "WEBP", "RGB", lossless=True, options=(("lossless", True),)),
    "RGB jpeg 2000": Mode(itself, "JPEG2000", "RGB", lossless=True),
    "RGB avif": Mode(itself, "AVIF", "RGB"),
    "RGB jpeg": Mode(itself, "JPEG", "RGB"),
    "RGB jpeg progressive": Mode(itself, "JPEG", "RGB", options=(("progressive", True),)),
    "RGB mpo": Mode(itself, "MPO", "RGB"),
    "RGBA": Mode(opaque("RGBA"), "PNG", "RGBA", lossless=True),
    "RGBA webp": Mode(opaque("RGBA"), "WEBP", "RGB", lossless=True, options=(("lossless", True),)),
    "RGBX tiff": Mode(lambda i: i.convert("RGBX"), "TIFF", "RGB", lossless=True),
    "CMYK jpeg": Mode(lambda i: i.convert("CMYK"), "JPEG", "CMYK"),
    "CMYK tiff": Mode(lambda i: i.convert("CMYK"), "TIFF", "CMYK", lossless=True),
    "YCbCr tiff": Mode(lambda i: i.convert("YCbCr"), "TIFF", "YCbCr"),
    "LAB tiff": Mode(through_lab, "TIFF", "LAB"),
    "I;16": Mode(as_samples(257, np.uint16), "PNG", "I;16", lossless=True, reference="L"),
    "I;16 tiff": Mode(as_samples(257, np.uint16), "TIFF", "I;16", lossless=True, reference="L"),
    "I;16B tiff": Mode(
        big_endian_16, "TIFF", "I;16B", lossless=True, reference="L", options=(("big_endian", 1),)
    ),
    "I tiff 16 bits": Mode(as_samples(257, np.int32), "TIFF", "I", lossless=True, reference="L"),
    "I tiff 8 bits": Mode(as_samples(1, np.int32), "TIFF", "I", lossless=True, reference="L"),
    "I tiff 24 bits": Mode(as_samples(65793, np.int32), "TIFF", "I", reference="L"),
    "F tiff 0..1": Mode(as_samples(1 / 255, np.float32), "TIFF", "F", lossless=True, reference="L"),
    "F tiff 0..255": Mode(as_samples(1, np.float32), "TIFF", "F", lossless=True, reference="L"),
    "F tiff 0..65535": Mode(as_samples(257, np.float32), "TIFF", "F", lossless=True, reference="L"),
    "F tiff -1..1": Mode(
        lambda i: Image.fromarray((np.asarray(i.convert("L")) / 127.5 - 1).astype(np.float32)),
        "TIFF",
        "F",
        reference="L",
    ),
}
WITHOUT_EXIF = ("GIF", "BMP", "JPEG2000")
"""Containers in which no orientation tag can stand; their eight turns are stored upright."""


def reference(mode: Mode, stored: Pixels, orientation: int) -> HashValue:
    """The hash to be met: of the original, or of what the mode itself has made of it."""
    if mode.reference == "L":
        return pdq_of(Image.fromarray(SHOWN).convert("L"))
    if mode.reference == "itself":
        expanded = np.asarray(mode.make(Image.fromarray(stored)).convert("RGB"))
        return pdq_of(stored_for_orientation(expanded, {6: 8, 8: 6}.get(orientation, orientation)))
    return ORIGINAL


@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize("name", FILES)
def test_files(name: str, orientation: int) -> None:
    mode = FILES[name]
    options = dict(mode.options)
    stored = SHOWN
    if mode.format in WITHOUT_EXIF:
        orientation = 1
    else:
        stored = stored_for_orientation(SHOWN, orientation)
        options["exif"] = with_exif_orientation(orientation)
    data = encoded(mode.make(Image.fromarray(stored)), mode.format, **options)
    if name == "YCbCr tiff" and PILLOW_VERSION < 13:
        with pytest.raises(UnsupportedMediaError, match="Pillow 13"):
            decode_image(data)
        return
    decoded = decode_image(data)
    assert decoded.stored_mode == mode.stored
    assert decoded.orientation == orientation
    assert decoded.pixels.shape[:2] == SHOWN.shape[:2]
    made = pdq_of(data)
    assert made.distance(reference(mode, stored, orientation)) <= (0 if mode.lossless else WITHIN)
    if mode.reference != "itself":  # what few colours lose of this picture is not the decoder's
        assert made.distance(ORIGINAL) <= WITHIN


def test_alpha_that_is_multiplied_in() -> None:
    """Pillow writes no such TIFF: the tag that says which alpha it is is changed by hand."""
    alpha = np.full(SHOWN.shape[:2], 255, dtype=np.uint8)
    alpha[:, 200:] = 0
    straight = Image.fromarray(np.dstack([SHOWN, alpha]))
    entry = struct.pack("<HHI", 338, 3, 1)  # ExtraSamples, SHORT, 1
    multiplied = np.where(alpha[..., None] > 0, SHOWN, 0)
    data = encoded(Image.fromarray(np.dstack([multiplied, alpha])), "TIFF")
    at = data.index(entry) + len(entry)
    assert data[at : at + 2] == b"\2\0"
    associated = data[:at] + b"\1\0" + data[at + 2 :]
    decoded = decode_image(associated)
    assert decoded.stored_mode == "RGBA"  # Pillow undoes it while it reads
    assert np.array_equal(decoded.pixels, decode_image(encoded(straight, "PNG")).pixels)


PILLOW: dict[str, Callable[[Image.Image], Image.Image]] = {
    "La": opaque("La"),
    "PA": lambda i: i.convert("L").convert("P").convert("PA"),
    "RGBa": opaque("RGBa"),
    "RGBX": lambda i: i.convert("RGBX"),
    "HSV": lambda i: i.convert("HSV"),
    "YCbCr": lambda i: i.convert("YCbCr"),
    "LAB": through_lab,
    "CMYK": lambda i: i.convert("CMYK"),
    "I": lambda i: i.convert("I"),
    "F": lambda i: i.convert("F"),
    "I;16": as_samples(257, np.uint16),
    "I;16B": big_endian_16,
    "I;16L": lambda i: Image.frombytes(
        "I;16L", i.size, (np.asarray(i.convert("L")).astype("<u2") * 257).tobytes()
    ),
}


@pytest.mark.parametrize("name", PILLOW)
def test_pictures_that_pillow_holds(name: str) -> None:
    image = PILLOW[name](Image.fromarray(SHOWN))
    assert image.mode == name
    assert pdq_of(image).distance(ORIGINAL) <= WITHIN


@pytest.mark.parametrize("name", PILLOW)
def test_strips_make_no_difference(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    image = PILLOW[name](Image.fromarray(SHOWN))
    whole = decode_pillow(image).pixels
    monkeypatch.setattr("hashmatch.decode.modes.STRIP_PIXELS", 320 * 7)
    assert np.array_equal(decode_pillow(image).pixels, whole)


def test_every_mode_of_pillow_is_met() -> None:
    """A mode that a later Pillow brings is an error here first, not a wrong hash."""
    met = {mode.stored for mode in FILES.values()} | set(PILLOW)
    assert met == {
        *("1", "L", "LA", "La", "P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "CMYK", "YCbCr", "LAB"),
        *("HSV", "I", "F", "I;16", "I;16L", "I;16B"),
    }


def test_an_unknown_mode_is_an_error() -> None:
    class Strange(Image.Image):
        mode = "XYZ"

    image = Strange()
    image.im = Image.new("RGB", (64, 64)).im
    with pytest.raises(UnsupportedMediaError, match="XYZ"):
        decode_pillow(image)


def test_lab_comes_back_as_the_colours_it_was_made_of() -> None:
    """Made by Pillow's binding of Little CMS; what differs is 8-bit rounding in L*a*b*."""
    back = decode_pillow(through_lab(Image.fromarray(SHOWN))).pixels
    difference = np.abs(back.astype(int) - SHOWN)
    assert difference.mean() < 1
    assert np.quantile(difference, 0.99) <= 4


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_floats_that_are_no_numbers(value: float) -> None:
    samples = np.asarray(Image.fromarray(SHOWN).convert("L")).astype(np.float32) / 255
    samples[100:104, 100:104] = value
    assert pdq_of(Image.fromarray(samples)).distance(ORIGINAL) <= WITHIN
    nothing = hash_image(Image.fromarray(np.full((64, 64), value, dtype=np.float32)))
    assert nothing.status is FingerprintStatus.LOW_INFORMATION


def adobe_segment(data: bytes) -> slice:
    start = data.index(b"\xff\xee")
    return slice(start, start + 2 + struct.unpack(">H", data[start + 2 : start + 4])[0])


def test_cmyk_with_and_without_adobes_marker() -> None:
    """Inks are stored inverted, as Adobe does, whether the marker says so or not: as browsers."""
    marked = encoded(Image.fromarray(SHOWN).convert("CMYK"), "JPEG", quality=95)
    unmarked = bytearray(marked)
    del unmarked[adobe_segment(marked)]
    assert pdq_of(marked).distance(ORIGINAL) <= WITHIN
    assert np.array_equal(decode_image(bytes(unmarked)).pixels, decode_image(marked).pixels)


def test_ycck() -> None:
    """Inks as YCCK, said so by Adobe's marker."""
    inks = np.asarray(Image.fromarray(SHOWN).convert("CMYK"))
    ycc = Image.fromarray(np.ascontiguousarray(inks[..., :3])).convert("YCbCr")
    samples = np.dstack([np.asarray(ycc), 255 - inks[..., 3]])
    # Pillow inverts what it writes.
    image = Image.frombytes("CMYK", ycc.size, (255 - samples).tobytes())
    data = bytearray(encoded(image, "JPEG", quality=95))
    data[adobe_segment(bytes(data)).stop - 1] = 2  # the transform: YCCK
    assert decode_image(bytes(data)).stored_mode == "CMYK"
    assert pdq_of(bytes(data)).distance(ORIGINAL) <= WITHIN


@pytest.mark.parametrize("format", ["JPEG", "PNG", "TIFF", "WEBP", "AVIF"])
def test_profiles_are_not_applied(format: str) -> None:
    """Lists hold hashes of samples as they stand: other tools hash without colour management."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    with_profile = encoded(SHOWN, format, icc_profile=profile)
    assert np.array_equal(
        decode_image(with_profile).pixels, decode_image(encoded(SHOWN, format)).pixels
    )


def test_heic() -> None:
    """Through the extra; the container's own turn is applied, once."""
    pillow_heif = pytest.importorskip("pillow_heif")
    for orientation in ORIENTATIONS:
        stored = Image.fromarray(stored_for_orientation(SHOWN, orientation))
        stream = io.BytesIO()
        exif = with_exif_orientation(orientation).tobytes()
        pillow_heif.from_pillow(stored).save(stream, quality=95, exif=exif)
        made = hash_image(stream.getvalue())
        assert made.mime == "image/heic"
        assert (made.width, made.height) == (320, 240)
        assert made.hashes["pdq"].distance(ORIGINAL) <= WITHIN


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
def test_jpeg_xl(mode: str) -> None:
    pytest.importorskip("pillow_jxl")
    data = encoded(Image.fromarray(SHOWN).convert(mode), "JXL", lossless=True)
    made = hash_image(data)
    assert (made.mime, made.width, made.height) == ("image/jxl", 320, 240)
    assert made.hashes["pdq"].distance(ORIGINAL) <= WITHIN


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_jpeg_xl_made_of_a_jpeg(orientation: int, tmp_path: Any) -> None:
    pytest.importorskip("pillow_jxl")
    path = tmp_path / "picture.jpg"
    Image.fromarray(stored_for_orientation(SHOWN, orientation)).save(
        path, quality=95, exif=with_exif_orientation(orientation)
    )
    with Image.open(path) as image:
        data = encoded(image, "JXL", lossless_jpeg=True)
    made = hash_image(data)
    assert (made.width, made.height) == (320, 240)
    assert made.hashes["pdq"].distance(ORIGINAL) <= WITHIN


@pytest.mark.parametrize(
    ("package", "extra", "data"),
    [
        ("pillow_heif", "heif", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"),
        ("pillow_jxl.JpegXLImagePlugin", "jxl", b"\xff\x0a" + bytes(40)),
    ],
)
def test_the_extra_is_named(
    package: str, extra: str, data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, package, None)
    with pytest.raises(UnsupportedMediaError, match=rf"hashmatch\[{extra}\]"):
        decode_image(data)


def planes_of(pixels: Pixels) -> bytes:
    return b"".join(np.ascontiguousarray(pixels[..., n]).tobytes() for n in range(3))


def test_photoshop() -> None:
    """Written by hand: header, empty sections, the flattened picture uncompressed."""
    header = b"8BPS" + struct.pack(">H6xHIIHH", 1, 3, 240, 320, 8, 3)
    data = header + bytes(12) + b"\0\0" + planes_of(SHOWN)
    made = hash_image(data)
    assert (made.mime, made.frames) == ("image/vnd.adobe.photoshop", 1)
    assert made.hashes["pdq"].distance(ORIGINAL) == 0


def test_icons() -> None:
    square = photograph(32, 256, 256)
    data = encoded(square, "ICO", sizes=[(256, 256), (32, 32)])
    made = hash_image(data)
    assert (made.width, made.height, made.frames) == (256, 256, 1)
    assert made.hashes["pdq"].distance(pdq_of(square)) == 0


@pytest.mark.parametrize("keyed", [0, 0x1234])
def test_sixteen_bit_grey_with_a_transparent_value(keyed: int) -> None:
    samples = np.asarray(Image.fromarray(SHOWN).convert("L")).astype(np.uint16) * 257
    samples[40:120, 40:120] = keyed
    data = encoded(Image.fromarray(samples), "PNG", transparency=keyed)
    decoded = decode_image(data).pixels
    assert np.all(decoded[40:120, 40:120] == 255)
    assert decoded[0, 0] == samples[0, 0] >> 8
