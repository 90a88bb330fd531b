"""Looks for pictures on which a certified PDQ hash is not the reference's.

Certification rests on measured tolerances (src_cpp/image_hash/rounding.hpp). This compares both
paths on as many pictures as time allows, and says how far they lie apart at the most.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageEnhance
from reference import crafted, pictures
from reference import pdq as reference

from benchmarks.measure import arguments, machine, table, write
from benchmarks.workloads import SEED, Pixels, corpus_paths, photograph
from hashmatch import _native

CRAFTED = "crafted"
CHASED_PIXELS = 1 << 20  # as in hashmatch/pdq.hpp
INFORMATION_FLOOR = 50
CLASSES = (128, 512, 1024, 2048, 4096, 20000)  # longest side up to
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Observation:
    """How both paths see one picture."""

    certified: bool
    let_be: bool  # large and without information: the reference's bits are not chased
    wrong: bool  # hash or quality, of the others
    wrong_bits: int
    pixel: float
    coefficient: float

    @classmethod
    def of(cls, pixels: Pixels) -> Observation:
        value, quality, certified = _native.pdq(pixels)
        expected, expected_quality, _ = _native.pdq_reference(pixels)
        differing = int(np.unpackbits(value ^ expected).sum())
        pixel = coefficient = 0.0
        if pixels.shape[:2] != (64, 64):  # there the reference does not filter
            bands = _native.pdq_small(pixels, reference=False)
            small = _native.pdq_small(pixels, reference=True)
            pixel = float(np.abs(bands - small).max())
            between = reference.coefficients(bands) - reference.coefficients(small)
            coefficient = float(np.abs(between).max())
        large = pixels.shape[0] * pixels.shape[1] > CHASED_PIXELS
        let_be = large and not certified and quality < INFORMATION_FLOOR
        wrong = not let_be and (differing > 0 or quality != expected_quality)
        return cls(certified, let_be, wrong, differing if wrong else 0, pixel, coefficient)


@dataclass
class Tally:
    """Many observations; the differences are the largest."""

    seen: int = 0
    uncertified: int = 0
    let_be: int = 0
    wrong: int = 0
    wrong_bits: int = 0
    pixel: float = 0.0
    coefficient: float = 0.0

    @property
    def share_uncertified(self) -> float:
        return self.uncertified / max(self.seen, 1)

    def add(self, observed: Observation) -> None:
        self.seen += 1
        self.uncertified += not observed.certified
        self.let_be += observed.let_be
        self.wrong += observed.wrong
        self.wrong_bits = max(self.wrong_bits, observed.wrong_bits)
        self.pixel = max(self.pixel, observed.pixel)
        self.coefficient = max(self.coefficient, observed.coefficient)


def size(rng: np.random.Generator, largest: float) -> tuple[int, int]:
    """(height, width) of 0.01 to ``largest`` million pixels, evenly by logarithm."""
    area = 1e6 * np.exp(rng.uniform(np.log(0.01), np.log(largest)))
    ratio = np.exp(rng.uniform(np.log(0.4), np.log(2.5)))
    return max(5, int((area / ratio) ** 0.5)), max(5, int((area * ratio) ** 0.5))


def edited(image: Image.Image, rng: np.random.Generator, largest: float) -> Pixels:
    """A photograph cropped, made brighter or darker, flatter or harder, and resized."""
    left, top, right, bottom = rng.uniform(0, 0.25, 4)
    box = (
        int(left * image.width),
        int(top * image.height),
        max(int((1 - right) * image.width), int(left * image.width) + 5),
        max(int((1 - bottom) * image.height), int(top * image.height) + 5),
    )
    cut = ImageEnhance.Brightness(image.crop(box)).enhance(rng.uniform(0.5, 1.6))
    cut = ImageEnhance.Contrast(cut).enhance(rng.uniform(0.3, 1.5))
    height, width = size(rng, largest)
    return np.asarray(cut.resize((width, height), Image.Resampling.BICUBIC))


def made(rng: np.random.Generator, largest: float) -> Iterator[tuple[str, Callable[[], Pixels]]]:
    """For ever: (kind, how to make the next picture of it)."""
    photographs = [photograph(path) for path in corpus_paths()]
    kinds = sorted(pictures.KINDS)
    flat: Pixels | None = None
    turn = 0
    while True:
        if photographs:
            image = photographs[turn % len(photographs)]
            yield "photograph", lambda image=image: edited(image, rng, largest)  # type: ignore[misc]
        kind = kinds[turn % len(kinds)]
        height, width = size(rng, largest)
        seed = int(rng.integers(2**32))
        colour = bool(turn // len(kinds) % 2)
        yield (
            kind,
            lambda kind=kind, h=height, w=width, seed=seed, colour=colour: pictures.make(  # type: ignore[misc]
                kind, h, w, seed, colour=colour
            ),
        )
        if turn % 5 == 0:
            if turn % 50 == 0:  # slow to make: ten structures on each
                height, width = int(rng.integers(300, 900)), int(rng.integers(400, 2100))
                flat = crafted.drifting(height, width, rng)
            if flat is not None:
                base, amplitude = flat, int(rng.choice([2, 4, 8, 12]))
                yield (
                    CRAFTED,
                    lambda base=base, amplitude=amplitude: crafted.structured(  # type: ignore[misc]
                        base, rng, amplitude
                    ),
                )
        turn += 1


def shown(name: str, key: object, tally: Tally) -> dict[str, Any]:
    return {name: key, **asdict(tally), "share uncertified": tally.share_uncertified}


def main() -> None:
    parser = arguments(__doc__ or "")
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--megapixels", type=float, default=12.0, help="largest picture")
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args()
    result: dict[str, Any] = {"machine": machine(), "seed": options.seed}
    by_kind: dict[str, Tally] = {}
    by_side: dict[int, Tally] = {}
    end = time.monotonic() + options.seconds
    for kind, make in made(np.random.default_rng(options.seed), options.megapixels):
        if time.monotonic() > end:
            break
        pixels = np.ascontiguousarray(make())
        observed = Observation.of(pixels)
        by_kind.setdefault(kind, Tally()).add(observed)
        if kind != CRAFTED:
            longest = next(side for side in CLASSES if max(pixels.shape[:2]) <= side)
            by_side.setdefault(longest, Tally()).add(observed)
    kinds = [shown("kind", key, by_kind[key]) for key in sorted(by_kind)]
    sides = [shown("longest side up to", key, by_side[key]) for key in sorted(by_side)]
    result["by kind"], result["by longest side, without crafted"] = kinds, sides
    ordinary = [tally for kind, tally in by_kind.items() if kind != CRAFTED]
    result["pictures"] = sum(tally.seen for tally in ordinary)
    result["wrong"] = sum(tally.wrong for tally in ordinary)
    table("by kind (crafted: pixels chosen one by one against the rounding)", kinds)
    table("by longest side, without crafted", sides)
    print(f"\n{result['pictures']} ordinary pictures, {result['wrong']} wrong")
    write(options.json, result)
    raise SystemExit(1 if result["wrong"] else 0)


if __name__ == "__main__":
    main()
