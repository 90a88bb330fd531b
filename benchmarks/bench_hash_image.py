"""PDQ beside pdqhash: one picture, one thread, every instruction set."""

from __future__ import annotations

from itertools import count
from typing import Any

import numpy as np
import pdqhash

from benchmarks.measure import (
    Work,
    arguments,
    machine,
    on_isa,
    paired,
    read_bandwidth,
    table,
    write,
)
from benchmarks.workloads import SEED, Pixels, corpus_paths, photograph, picture, resized
from hashmatch import _native, cpu, hashing

SIZES = ((3024, 4032), (512, 512))


def certified_picture(height: int, width: int, *, colour: bool) -> tuple[Pixels, int]:
    """(picture, seed) of the usual case: no orientation needs the reference's own operations.

    How often photographs are the other case, and what that costs, is measured by itself.
    """
    for seed in count(SEED):
        pixels = picture(height, width, seed, colour=colour)
        if _native.pdq(pixels)[2] and _native.pdq_dihedral(pixels)[2] == 8:
            return pixels, seed
    raise AssertionError


def same_answer(pixels: Pixels, colour: Pixels) -> None:
    vector, quality = pdqhash.compute(colour)
    for isa in cpu.available_isas():
        with cpu.using_isa(isa):
            value, own_quality = hashing.pdq(pixels)
            assert value.tobytes() == np.packbits(vector).tobytes(), isa
            assert own_quality == quality, isa


def beside_pdqhash(height: int, width: int, *, colour: bool, bandwidth: float) -> dict[str, Any]:
    """pdqhash takes three channels only: grey is given to it as it needs it, prepared outside."""
    pixels, seed = certified_picture(height, width, colour=colour)
    three = pixels if colour else np.repeat(pixels[:, :, None], 3, axis=2)
    same_answer(pixels, three)
    contestants: dict[str, Work] = {"pdqhash": lambda: pdqhash.compute(three)}
    for isa in cpu.available_isas():
        contestants[isa] = on_isa(isa, lambda: hashing.pdq(pixels))
        contestants[f"{isa} dihedral"] = on_isa(isa, lambda: hashing.pdq_dihedral(pixels))
    times = paired(contestants, rounds=9, budget_s=30 if height > 1000 else 10)
    return {
        "picture": f"{width}x{height} {'RGB' if colour else 'grey'}",
        "seed": seed,
        "times pdqhash": {
            name: times["pdqhash"] / seconds for name, seconds in times.items() if name != "pdqhash"
        },
        "milliseconds": {name: 1e3 * seconds for name, seconds in times.items()},
        "GB/s": {isa: pixels.nbytes / times[isa] / 1e9 for isa in cpu.available_isas()},
        "share of read bandwidth": {
            isa: pixels.nbytes / times[isa] / bandwidth for isa in cpu.available_isas()
        },
        "dihedral costs": {
            isa: times[f"{isa} dihedral"] / times[isa] for isa in cpu.available_isas()
        },
    }


def uncertified(every: int) -> list[dict[str, Any]]:
    """How many photographs need the reference's own operations, and what that costs."""
    rows = []
    for name, megapixels in (("native size", None), ("12 Mpx", 12.0)):
        counted = rows_needed = seen = 0
        seconds: dict[str, list[float]] = {"certified": [], "reference": []}
        paths = corpus_paths() if megapixels is None else corpus_paths()[::every]
        for path in paths:
            image = photograph(path)
            pixels = np.asarray(image) if megapixels is None else resized(image, megapixels)
            seen += 1
            counted += not _native.pdq(pixels)[2]
            rows_needed += 8 - _native.pdq_dihedral(pixels)[2]
            if _native.pdq(pixels)[2]:
                times = paired(
                    {
                        "certified": lambda pixels=pixels: _native.pdq(pixels),  # type: ignore[misc]
                        "reference": lambda pixels=pixels: _native.pdq_reference(pixels),  # type: ignore[misc]
                    },
                    rounds=3,
                    budget_s=0.02,
                )
                for key, value in times.items():
                    seconds[key].append(value)
        if seen:
            fast, slow = (float(np.mean(seconds[key])) for key in ("certified", "reference"))
            share = counted / seen
            rows.append(
                {
                    "photographs": name,
                    "seen": seen,
                    "uncertified": counted,
                    "share": share,
                    "dihedral rows uncertified": rows_needed / (8 * seen),
                    "reference costs": slow / fast,
                    "mean cost over all certified": 1 + share * slow / fast,
                }
            )
    return rows


def main() -> None:
    parser = arguments(__doc__ or "")
    parser.add_argument("--every", type=int, default=3, help="enlarge every n-th photograph only")
    options = parser.parse_args()
    result: dict[str, Any] = {"machine": machine("pdqhash"), "best isa": cpu.active_isa()}
    bandwidth = read_bandwidth()
    result["read bandwidth GB/s"] = bandwidth / 1e9
    best = cpu.available_isas()[-1]
    result["pictures"] = [
        beside_pdqhash(height, width, colour=colour, bandwidth=bandwidth)
        for height, width in SIZES
        for colour in (True, False)
    ]
    cpu.use_isa(best)
    result["uncertified photographs"] = uncertified(options.every)

    print(f"one thread; memory is read at {bandwidth / 1e9:.1f} GB/s")
    for title in ("times pdqhash", "milliseconds", "GB/s", "dihedral costs"):
        rows = [{"picture": row["picture"], **row[title]} for row in result["pictures"]]
        table(title, rows)
    table("photographs that need the reference's operations", result["uncertified photographs"])
    write(options.json, result)


if __name__ == "__main__":
    main()
