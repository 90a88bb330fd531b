"""The edits by name, with the family whose recall has a target, and the queries made of them."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from PIL import Image

from benchmarks import accuracy_geometry as geometry
from benchmarks import accuracy_thorn as thorn
from benchmarks import accuracy_tones as tones
from benchmarks.accuracy_text import Rng

Change = Callable[[Rng, Image.Image], Image.Image]

TARGETS: dict[str, dict[str, float]] = {
    "standard": {
        "crop 0-12 %": 0.97,
        "border 0-12 %": 0.97,
        "letterbox": 0.99,
        "rotation 6 degrees": 0.98,
        "rotation and crop": 0.95,
        "screenshot": 0.97,
        "mirror and quarter turns": 0.995,
        "caption, logo, text": 0.99,
        "light": 0.99,
        "blur and noise": 0.99,
        "recompression, size": 0.99,
        "Thorn's table": 0.95,
    },
    "thorough": {
        "crop 0-20 %": 0.95,
        "crop 0-30 %": 0.70,
        "mirrored or turned as well": 0.95,
        "picture in picture": 0.80,
    },
}
TARGETS["thorough"] = TARGETS["standard"] | TARGETS["thorough"]
TARGETS["fast"] = {}


@dataclass(frozen=True)
class Edit:
    """One edit.

    Attributes:
        name: short, as in ``--edits``.
        family: the edits that the issue gives one target.
        change: what is done to the picture.
        thorough: only asked at that level, unless named.
        onto: instead of ``change``, if the edit needs another photograph: (rng, picture, other).
    """

    name: str
    family: str
    change: Change | None = None
    thorough: bool = False
    onto: Callable[[Rng, Image.Image, Image.Image], Image.Image] | None = None


def _then(first: Change, second: Change) -> Change:
    def both(rng: Rng, image: Image.Image) -> Image.Image:
        return second(rng, first(rng, image))

    return both


def _nothing(rng: Rng, image: Image.Image) -> Image.Image:
    return image


_CROP = partial(geometry.cropped, most=0.12)
_BORDER = partial(geometry.bordered, most=0.12)
_ROTATION = partial(geometry.rotated, most=6.0)
_TURNS: dict[str, Change] = {
    "mirror": geometry.mirrored,
    "quarter": geometry.turned_by_a_quarter,
}
_MOVES: dict[str, Change] = {
    "crop12": _CROP,
    "border": _BORDER,
    "rotation": _ROTATION,
    "screenshot": geometry.screenshot,
}
_THORN: dict[str, Change] = {
    "blur2": thorn.blur2,
    "crop0.05": thorn.crop005,
    "gamma2": thorn.gamma2,
    "jpeg95": thorn.jpeg95,
    "noise0.2": thorn.noise02,
    "pad0.2": thorn.pad02,
    "resize0.5": thorn.resize05,
    "rotate4": thorn.rotate4,
    "vignette": thorn.vignette,
    "watermark": thorn.watermark,
}

_LIST = (
    Edit("copy", "plain copy", _nothing),
    Edit("crop12", "crop 0-12 %", _CROP),
    Edit("crop20", "crop 0-20 %", partial(geometry.cropped, most=0.20)),
    Edit("crop30", "crop 0-30 %", partial(geometry.cropped, most=0.30)),
    Edit("border", "border 0-12 %", _BORDER),
    Edit("blurred-bars", "filled bars", geometry.blurred_bars),
    Edit("gradient-bars", "filled bars", geometry.gradient_bars),
    Edit("letterbox-square", "letterbox", partial(geometry.letterboxed, shape="square")),
    Edit("letterbox-16:9", "letterbox", partial(geometry.letterboxed, shape="16:9")),
    Edit("letterbox-9:16", "letterbox", partial(geometry.letterboxed, shape="9:16")),
    Edit("rotation", "rotation 6 degrees", _ROTATION),
    Edit("rotation-crop", "rotation and crop", geometry.rotated_and_cropped),
    Edit("screenshot", "screenshot", geometry.screenshot),
    Edit("mirror", "mirror and quarter turns", geometry.mirrored),
    Edit("quarter", "mirror and quarter turns", geometry.turned_by_a_quarter),
    Edit("half", "mirror and quarter turns", geometry.turned_by_half),
    Edit("caption-over", "caption, logo, text", tones.caption_over),
    Edit("caption-beside", "caption, logo, text", tones.caption_beside),
    Edit("logo", "caption, logo, text", tones.with_logo),
    Edit("text", "caption, logo, text", tones.with_text),
    Edit("brightness", "light", tones.brightened),
    Edit("gamma", "light", tones.gamma),
    Edit("grey", "light", tones.grey),
    Edit("blur", "blur and noise", tones.blurred),
    Edit("noise", "blur and noise", tones.noisy),
    Edit("jpeg", "recompression, size", tones.compressed),
    Edit("resize", "recompression, size", tones.smaller),
    Edit("thumb128", "recompression, size", tones.thumbnail),
    Edit("aspect", "recompression, size", geometry.squeezed_to_square),
    *(Edit(f"thorn-{name}", "Thorn's table", change) for name, change in _THORN.items()),
    *(
        Edit(f"{move}+{turn}", "mirrored or turned as well", _then(moved, turned), thorough=True)
        for move, moved in _MOVES.items()
        for turn, turned in _TURNS.items()
    ),
    Edit("on-photograph", "picture in picture", thorough=True, onto=geometry.on_photograph),
    Edit("on-page", "picture in picture", geometry.on_page, thorough=True),
    Edit("in-slide", "picture in picture", geometry.in_slide, thorough=True),
)

EDITS: dict[str, Edit] = {edit.name: edit for edit in _LIST}


def edits_of(level: str) -> list[str]:
    """Names of the edits that are asked at a level."""
    return [edit.name for edit in _LIST if level == "thorough" or not edit.thorough]


def generator(seed: int, *parts: str | int) -> Rng:
    """A generator of its own for each combination of parts, in whichever process it is made."""
    numbers = [zlib.crc32(part.encode()) if isinstance(part, str) else part for part in parts]
    return np.random.default_rng([seed, *numbers])


def edited(rng: Rng, edit: Edit, image: Image.Image, other: Image.Image | None) -> bytes:
    """The query: the edit, then JPEG of quality 60 to 95."""
    if edit.onto is not None:
        assert other is not None, edit.name
        out = edit.onto(rng, image, other)
    else:
        assert edit.change is not None, edit.name
        out = edit.change(rng, image)
    return tones.jpeg(out, int(rng.integers(60, 96)))
