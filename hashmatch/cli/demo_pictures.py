"""The demo's photographs: scikit-image's, and edited copies of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from hashmatch.errors import MissingExtraError

# Those that scikit-image ships in its package; the others would be downloaded.
KNOWN = ("astronaut", "camera", "chelsea", "coffee", "coins", "rocket")
UNKNOWN = ("brick", "grass", "gravel", "hubble_deep_field", "immunohistochemistry", "retina")

Edit = Callable[[Image.Image, Path], None]


def write_photographs(folder: Path) -> dict[str, Path]:
    """Each photograph as a JPEG in the folder, by name.

    Raises:
        MissingExtraError: scikit-image is not installed.
    """
    try:
        from skimage import data
    except ImportError as error:
        raise MissingExtraError(
            "the demo's photographs come with scikit-image: pip install 'hashmatch[demo]'"
        ) from error
    folder.mkdir()
    paths = {}
    for name in (*KNOWN, *UNKNOWN):
        pixels = np.asarray(getattr(data, name)(), dtype=np.uint8)
        paths[name] = folder / f"{name}.jpg"
        Image.fromarray(pixels).convert("RGB").save(paths[name], quality=92)
    return paths


def _resized(image: Image.Image, target: Path) -> None:
    width, height = image.size
    image.resize((width * 3 // 5, height * 3 // 5), Image.Resampling.LANCZOS).save(target)


def _recompressed(image: Image.Image, target: Path) -> None:
    image.save(target, quality=30)


def _mirrored(image: Image.Image, target: Path) -> None:
    image.transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(target, quality=85)


def _turned(image: Image.Image, target: Path) -> None:
    image.transpose(Image.Transpose.ROTATE_90).save(target, quality=85)


# Name of the edit: how it is made, and the orientation in which the copy looks like the original.
EDITS: dict[str, tuple[Edit, str]] = {
    "resized": (_resized, "original"),
    "recompressed": (_recompressed, "original"),
    "mirrored": (_mirrored, "flip_y"),
    "turned": (_turned, "rotate270"),
}


def write_copy(original: Path, edit: str, folder: Path) -> Path:
    """An edited copy of one photograph, with other bytes."""
    folder.mkdir(exist_ok=True)
    target = folder / f"{original.stem}-{edit}.jpg"
    with Image.open(original) as image:
        EDITS[edit][0](image, target)
    return target
