"""The classic hashes beside imagehash: the same picture in memory, one thread, every ISA."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import imagehash
from PIL import Image

from benchmarks.measure import Work, arguments, machine, on_isa, paired, table, write
from benchmarks.workloads import SEED, Pixels, picture
from hashmatch import cpu
from hashmatch.hashing import dihedral_pixels, hash_pixels

SIZES = ((3000, 4000), (1080, 1920), (321, 481))

PEERS: dict[str, Callable[[Image.Image], Any]] = {
    "ahash": imagehash.average_hash,
    "dhash": imagehash.dhash,
    "phash": imagehash.phash,
    "phash256": lambda image: imagehash.phash(image, hash_size=16, highfreq_factor=4),
    "whash": imagehash.whash,
}
WITHOUT_PEER = ("blockhash", "blockhash-precise", "pdq-cpp", "pdq")
"""No package of blockhash-python is kept up; PDQ has its own benchmark."""


def same_answer(name: str, pixels: Pixels, image: Image.Image) -> None:
    expected = str(PEERS[name](image))
    for isa in cpu.available_isas():
        with cpu.using_isa(isa):
            assert hash_pixels(name, pixels)[0].tobytes().hex() == expected, (name, isa)


def row_of(name: str, height: int, width: int) -> dict[str, Any]:
    pixels = picture(height, width, colour=True, seed=SEED)
    contestants: dict[str, Work] = {}
    if name in PEERS:
        image = Image.fromarray(pixels)  # outside: imagehash's users have one
        same_answer(name, pixels, image)
        contestants["imagehash"] = lambda: PEERS[name](image)
    for isa in cpu.available_isas():
        contestants[isa] = on_isa(isa, lambda: hash_pixels(name, pixels))
    contestants["eight orientations"] = lambda: dihedral_pixels(name, pixels)
    times = paired(contestants, rounds=7, budget_s=6.0 if height > 2000 else 2.0)
    best = cpu.available_isas()[-1]
    found: dict[str, Any] = {
        "picture": f"{width}x{height}",
        "hash": name,
        "milliseconds": {key: 1e3 * seconds for key, seconds in times.items()},
        "orientations cost": times["eight orientations"] / times[best],
    }
    if name in PEERS:
        found["times imagehash"] = {
            isa: times["imagehash"] / times[isa] for isa in cpu.available_isas()
        }
    return found


def main() -> None:
    options = arguments(__doc__ or "").parse_args()
    result: dict[str, Any] = {"machine": machine("imagehash", "pillow", "scipy", "PyWavelets")}
    result["hashes"] = [
        row_of(name, height, width) for height, width in SIZES for name in (*PEERS, *WITHOUT_PEER)
    ]
    for title in ("milliseconds", "times imagehash"):
        table(
            title,
            [
                {"picture": row["picture"], "hash": row["hash"], **row[title]}
                for row in result["hashes"]
                if title in row
            ],
        )
    write(options.json, result)


if __name__ == "__main__":
    main()
