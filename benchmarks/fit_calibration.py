"""Fits the impostors' tails and writes hashmatch/matching/impostors.toml, or another file.

    python -m benchmarks.fit_calibration sample.npz --provenance "..." --out impostors.toml

The sample (numpy, .npz): adjusted float64 (n,), every pair up to ``complete_to`` bits; groups int64
(n,), the query of each, 0 to n_groups - 1; concentration float64 (n,), of the entry of each;
entries float64 (m,), concentration of all entries; n_pairs, n_groups, n_placements, complete_to.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from hashmatch.matching.calibration import PACKAGED
from hashmatch.matching.calibration_sample import Sample, calibrated


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sample", type=Path)
    parser.add_argument("--provenance", required=True)
    parser.add_argument("--kind", default="photographs")
    parser.add_argument("--seed", type=int, default=8)
    parser.add_argument("--out", type=Path, default=PACKAGED)
    given = parser.parse_args()
    with np.load(given.sample) as stored:
        sample = Sample(
            adjusted=stored["adjusted"],
            groups=stored["groups"],
            concentration=stored["concentration"],
            entries=stored["entries"],
            n_pairs=int(stored["n_pairs"]),
            n_groups=int(stored["n_groups"]),
            n_placements=int(stored["n_placements"]),
            complete_to=float(stored["complete_to"]),
        )
    made = calibrated(sample, kind=given.kind, provenance=given.provenance, seed=given.seed)
    given.out.write_text(made.to_toml(), encoding="utf-8")
    for tail in made.tails:
        print(f"{tail.name}: {tail.n_exceedances} of {tail.n_pairs} pairs at <= {tail.u0:.2f} bits")


if __name__ == "__main__":
    main()
