"""hash_image: every kind of source, every status, never a silent hash."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pictures import encoded, photograph, png
from PIL import Image

from hashmatch import ORIENTATIONS, digest_bytes
from hashmatch.decode import Limits
from hashmatch.errors import (
    CorruptMediaError,
    InputError,
    InputTypeError,
    MediaAccessError,
    MediaLimitError,
    UnknownAlgorithmError,
    UnsupportedMediaError,
)
from hashmatch.fingerprinting import (
    FingerprintStatus,
    ImageFingerprint,
    examine_image,
    fingerprint,
    hash_image,
)
from hashmatch.types import Digests, MediaKind

PIXELS = photograph(31)
DATA = png(PIXELS)


def test_every_kind_of_source(tmp_path: Path) -> None:
    path = tmp_path / "picture.heic"  # D14: the name is not asked
    path.write_bytes(DATA)
    sources: list[Any] = [
        *(path, str(path), DATA, bytearray(DATA), memoryview(DATA), io.BytesIO(DATA)),
    ]
    for source in sources:
        made = hash_image(source)
        assert made.status is FingerprintStatus.OK
        assert made.digests == digest_bytes(DATA)
        assert (made.size, made.mime, made.kind) == (len(DATA), "image/png", MediaKind.IMAGE)
        assert made.decode == "exact"
    with path.open("rb") as file:
        assert hash_image(file).name == str(path)
    with Image.open(path) as image:
        opened = hash_image(image)
    array = hash_image(PIXELS)
    for made in (opened, array):
        assert (made.digests, made.size, made.mime) == (Digests(), None, None)
        assert made.hashes == hash_image(path).hashes
    assert array.decode is None  # nothing was
    assert hash_image(path) == fingerprint(path) == examine_image(path)


@pytest.mark.parametrize("step", [1, 7, 63, 64, 65])
def test_a_stream_that_gives_few_bytes_at_a_time(step: int) -> None:
    """The type is told by the first bytes, however many reads it takes to get them."""

    class Slow(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(step if self.tell() < 200 else size)

    made = hash_image(Slow(DATA))
    assert made.hashes == hash_image(DATA).hashes
    assert made.digests == digest_bytes(DATA)
    text = examine_image(Slow(b"text " * 100))
    assert (text.status, text.size) == (FingerprintStatus.UNSUPPORTED, 500)


def test_dihedral() -> None:
    made = hash_image(DATA, dihedral=True)
    turned = dict(zip(ORIENTATIONS, made.dihedral["pdq"], strict=True))
    assert turned["original"] == made.hashes["pdq"] == hash_image(DATA).hashes["pdq"]
    for name, pixels in (
        ("rotate90", np.rot90(PIXELS)),
        ("rotate180", np.rot90(PIXELS, 2)),
        ("flip_x", PIXELS[::-1]),
        ("flip_y", PIXELS[:, ::-1]),
        ("flip_plus1", PIXELS.swapaxes(0, 1)),
    ):
        assert turned[name].value == hash_image(pixels).hashes["pdq"].value
    assert hash_image(DATA).dihedral == {}


VIEWS: dict[str, Callable[[Any], Any]] = {
    "rot90": np.rot90,
    "transposed": lambda a: a.transpose(1, 0, 2),
    "fortran": np.asfortranarray,
    "sliced": lambda a: a[::2, ::2],
    "bgr": lambda a: a[..., ::-1],
    "upside down": lambda a: a[::-1],
}


@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS)
def test_views_hash_as_their_copies(view: Callable[[Any], Any]) -> None:
    """H01."""
    seen = view(PIXELS)
    assert hash_image(seen).hashes == hash_image(np.ascontiguousarray(seen)).hashes


@pytest.mark.parametrize(
    "shape",
    [(0, 0, 3), (0, 500, 3), (1, 1, 3), (1, 500, 3), (20000, 2, 3), (4, 4), (4, 500), (500, 4, 3)],
)
def test_tiny_arrays(shape: tuple[int, ...]) -> None:
    """H02: no hash, with the reason."""
    made = hash_image(np.full(shape, 200, dtype=np.uint8))
    assert made.status is FingerprintStatus.TOO_SMALL
    assert made.hashes == {}
    assert f"{shape[1]} x {shape[0]}" in (made.reason or "")
    assert examine_image(np.zeros(shape, dtype=np.uint8)).status is FingerprintStatus.TOO_SMALL


def test_the_smallest_picture_with_a_hash() -> None:
    assert set(hash_image(photograph(1, 5, 5)).hashes) == {"pdq"}
    assert hash_image(png(photograph(1, 4, 5))).status is FingerprintStatus.TOO_SMALL


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((64, 64, 3)),
        np.zeros((64, 64), dtype=np.int32),
        np.zeros((64, 64), dtype=np.uint16),
        np.zeros((64, 64), dtype=bool),
        np.zeros((2, 2)),
        np.ma.masked_array(np.zeros((64, 64), dtype=np.uint8)),
        np.zeros((64, 64), dtype=object),
    ],
    ids=lambda a: f"{type(a).__name__} {a.dtype} {a.shape}",
)
def test_arrays_of_another_type(array: Any) -> None:
    """H02: a TypeError, also for a tiny one."""
    with pytest.raises(InputTypeError, match="uint8"):
        hash_image(array)
    with pytest.raises(TypeError):
        examine_image(array)


@pytest.mark.parametrize(
    "shape", [(), (64,), (64, 64, 1), (64, 64, 4), (3, 64, 64), (1, 64, 64, 3), (0,), (4, 4, 4)]
)
def test_arrays_of_another_shape(shape: tuple[int, ...]) -> None:
    with pytest.raises(InputError, match=r"\(h, w, 3\)"):
        hash_image(np.zeros(shape, dtype=np.uint8))


@pytest.mark.parametrize(
    "pixels",
    [
        np.full((200, 300, 3), 255, dtype=np.uint8),
        np.zeros((200, 300, 3), dtype=np.uint8),
        np.broadcast_to(np.array([0, 0, 255], dtype=np.uint8), (200, 300, 3)),
    ],
    ids=["white", "black", "blue"],
)
def test_pictures_that_say_nothing(pixels: Any) -> None:
    """H03."""
    for source in (pixels, png(np.ascontiguousarray(pixels))):
        made = hash_image(source)
        assert made.status is FingerprintStatus.LOW_INFORMATION
        assert "quality" in (made.reason or "")
        assert set(made.hashes) == {"pdq"}


ERRORS: list[tuple[bytes, type[Exception], FingerprintStatus]] = [
    (b"", UnsupportedMediaError, FingerprintStatus.EMPTY),
    (b"ten bytes.", UnsupportedMediaError, FingerprintStatus.UNSUPPORTED),
    (b"\0\0\0\x20ftypisom\0\0\2\0", UnsupportedMediaError, FingerprintStatus.UNSUPPORTED),
    (DATA[: len(DATA) // 8], CorruptMediaError, FingerprintStatus.CORRUPT),
]


@pytest.mark.parametrize(("data", "error", "status"), ERRORS)
def test_files_that_are_no_whole_picture(
    data: bytes, error: type[Exception], status: FingerprintStatus, tmp_path: Path
) -> None:
    """D16: digests all the same, and the reason."""
    path = tmp_path / "text.png"
    path.write_bytes(data)
    made = examine_image(path)
    assert (made.status, made.size, made.hashes) == (status, len(data), {})
    assert made.digests == digest_bytes(data)
    assert made.reason
    with pytest.raises(error):
        hash_image(path)


def test_files_that_can_not_be_read(tmp_path: Path) -> None:
    missing = tmp_path / "missing.png"
    made = examine_image(missing)
    assert made.status is FingerprintStatus.VANISHED
    assert made.reason == "No such file or directory"
    assert (made.name, made.digests, made.size) == (str(missing), Digests(), None)
    with pytest.raises(MediaAccessError):
        hash_image(missing)
    with pytest.raises(OSError, match="No such file"):
        hash_image(missing)


def test_limits(tmp_path: Path) -> None:
    made = examine_image(DATA, limits=Limits(max_bytes=100))
    assert made.status is FingerprintStatus.LIMIT
    assert made.digests == digest_bytes(DATA)
    assert made.size == len(DATA)
    with pytest.raises(MediaLimitError):
        hash_image(DATA, limits=Limits(max_pixels=100))
    # What is no picture has its digests whatever its size.
    assert examine_image(b"x" * 1000, limits=Limits(max_bytes=10)).size == 1000


def test_wrong_arguments() -> None:
    for algorithms, error in (
        ("pdq", InputError),
        ((), InputError),
        (("photodna",), InputError),
        (("nothing",), UnknownAlgorithmError),
    ):
        with pytest.raises(error, match="algorithm"):
            hash_image(DATA, algorithms=algorithms)
    with pytest.raises(InputError, match="decode"):
        hash_image(DATA, decode="quick")
    assert set(hash_image(DATA, algorithms=iter(["pdq"])).hashes) == {"pdq"}  # type: ignore[arg-type]


def test_to_dict_has_these_keys() -> None:
    values = hash_image(DATA, dihedral=True).to_dict()
    assert list(values) == [
        *("status", "reason", "name", "size", "md5", "sha1", "sha256", "kind", "mime", "width"),
        *("height", "stored_mode", "orientation", "frames", "fraction", "decode", "hashes"),
        *("dihedral", "later_frames", "made_with"),
    ]
    assert list(values["hashes"]["pdq"]) == ["algorithm", "hex", "quality"]
    assert len(values["dihedral"]["pdq"]) == 8
    assert set(values["made_with"]) == {"hashmatch", "pillow", "isa"}
    assert list(ImageFingerprint(FingerprintStatus.EMPTY).to_dict()) == list(values)


def test_jpeg_is_near_its_original() -> None:
    made = hash_image(encoded(PIXELS, "JPEG", quality=80))
    assert made.hashes["pdq"].distance(hash_image(PIXELS).hashes["pdq"]) <= 8
