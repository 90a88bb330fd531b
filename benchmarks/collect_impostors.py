"""Impostor pairs of a folder of photographs for ``fit_calibration``, in several draws.

    python -m benchmarks.collect_impostors FOLDER --out sample.npz [--level standard] [--draws 8]

Each draw takes another half of the pictures as queries and other parts of the rest as entries.
Edits of one picture are one group in all draws.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from hashmatch.fingerprinting import FingerprintStatus, examine_images
from hashmatch.matching import Impostors, Level, distinct, own_impostors
from hashmatch.scan import walk


def usable(folder: str) -> list[str]:
    """Paths of the pictures below a folder of which no two show the same."""
    files = [one.path for one in walk([folder]) if one.skipped is None and one.failed is None]
    made = [
        one
        for one in examine_images(files, dihedral=True, isolate=True)
        if one.status is FingerprintStatus.OK
    ]
    return [str(one.name) for one, new in zip(made, distinct(made), strict=True) if new]


def write(path: Path, draws: list[Impostors]) -> None:
    """All draws as the one sample that ``fit_calibration`` reads."""
    names = sorted({name for draw in draws for name in draw.queries})
    number = {name: k for k, name in enumerate(names)}
    groups = [
        np.array([number[name] for name in draw.queries])[draw.sample.groups] for draw in draws
    ]
    samples = [draw.sample for draw in draws]
    n_pairs = sum(sample.n_pairs for sample in samples)
    placements = sum(sample.n_placements * sample.n_pairs for sample in samples) / n_pairs
    np.savez_compressed(
        path,
        adjusted=np.concatenate([sample.adjusted for sample in samples]),
        groups=np.concatenate(groups).astype(np.int64),
        concentration=np.concatenate([sample.concentration for sample in samples]),
        entries=np.concatenate([sample.entries for sample in samples]),
        n_pairs=n_pairs,
        n_groups=len(names),
        n_placements=round(placements),
        complete_to=samples[0].complete_to,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--level", default="standard")
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--draws", type=int, default=8)
    given = parser.parse_args()
    paths = usable(given.folder)
    draws: list[Impostors] = []
    for seed in range(given.draws):
        draws.append(own_impostors(paths, Level(given.level), n_entries=given.entries, seed=seed))
        nearest = draws[-1].nearest
        print(f"draw {seed}: {draws[-1].sample.n_pairs} pairs, nearest {nearest[:3]}", flush=True)
        write(given.out, draws)


if __name__ == "__main__":
    main()
