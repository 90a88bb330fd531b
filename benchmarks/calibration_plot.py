"""Predicted against observed false matches on held-out queries: rows for the report, and its plot.

python -m benchmarks.calibration_plot sample.npz --out held_out.png
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np

from hashmatch.errors import InputError
from hashmatch.matching.calibration_held_out import HeldOut, held_out

HALVES = 20
"""Random halves of the queries: how far predictions go astray depends on who falls into which."""
ENOUGH = 5
FACTOR = 3.0


def compared(
    sample: Path, halves: int = HALVES, *, photographs: bool = True
) -> tuple[list[HeldOut], int]:
    """Comparisons at every bit for random halves, and how many halves had too few pairs for a fit.

    Args:
        sample: as ``fit_calibration`` reads it.
        photographs: halves of the queries' photographs, the strict question: does it hold for
            others? False: halves of the pairs, which asks only whether the law has the right form.
    """
    with np.load(sample) as stored:
        adjusted, groups = stored["adjusted"], stored["groups"]
        n_pairs, n_groups = int(stored["n_pairs"]), int(stored["n_groups"])
        complete_to = float(stored["complete_to"])
    near = adjusted <= complete_to
    bits = [float(at) for at in range(int(adjusted.min()), int(complete_to) + 1)]
    adjusted, groups = adjusted[near], groups[near]
    if not photographs:
        groups, n_groups = np.arange(len(adjusted)), len(adjusted)
    found: list[HeldOut] = []
    unfit = 0
    for seed in range(halves):
        try:
            found += held_out(
                *(adjusted, groups, n_pairs, bits),
                n_groups=n_groups,
                complete_to=complete_to,
                seed=seed,
            )
        except InputError:
            unfit += 1
    return found, unfit


def summary(found: list[HeldOut]) -> dict[str, Any]:
    """What the report says: by distance the median ratio and the share within a factor of 3."""
    counted = [one for one in found if one.observed >= ENOUGH]
    by_bits = []
    for bits in sorted({one.adjusted for one in counted}):
        ratios = [one.ratio for one in counted if one.adjusted == bits]
        by_bits.append(
            {
                "adjusted": bits,
                "halves": len(ratios),
                "median predicted / observed": float(np.median(ratios)),
                "lowest": min(ratios),
                "highest": max(ratios),
            }
        )
    within = [1 / FACTOR <= one.ratio <= FACTOR for one in counted]
    return {
        "within a factor of 3": float(np.mean(within)) if within else None,
        "comparisons": len(counted),
        "by distance": by_bits,
    }


def draw(found: list[HeldOut], path: Path) -> None:
    """The plot: a point for each half and distance, and a band of a factor of 3."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    shown = [one for one in found if one.observed > 0]
    figure, axes = plt.subplots(figsize=(6, 5.5), constrained_layout=True)
    observed = np.array([one.observed for one in shown], float)
    predicted = np.array([one.predicted for one in shown])
    ends = np.array([one.interval for one in shown]).T
    axes.errorbar(
        predicted,
        observed,
        yerr=np.abs(ends - observed),
        fmt="none",
        ecolor="0.8",
        elinewidth=0.7,
        zorder=1,
    )
    points = axes.scatter(
        predicted, observed, c=[one.adjusted for one in shown], s=16, cmap="viridis", zorder=3
    )
    line = np.array([min(0.3, *predicted), max(*predicted, *observed) * 2])
    axes.plot(line, line, color="0.2", linewidth=1, zorder=2)
    axes.fill_between(line, line / FACTOR, line * FACTOR, color="tab:blue", alpha=0.12, zorder=0)
    axes.axhline(ENOUGH, color="0.5", linewidth=0.8, linestyle=":")
    axes.set(
        xscale="log",
        yscale="log",
        xlabel="false matches predicted from the other half of the queries",
        ylabel="false matches observed (bars: 95 % of a Poisson count)",
        title="Calibration on held-out queries; band: a factor of 3",
    )
    figure.colorbar(points, label="adjusted distance, bits")
    figure.savefig(path, dpi=130)
    plt.close(figure)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sample", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    for photographs in (False, True):
        found, unfit = compared(given.sample, photographs=photographs)
        told = summary(found)
        print(
            f"halves of the {'photographs' if photographs else 'pairs'}: within a factor of 3: "
            f"{told['within a factor of 3']:.2f} of {told['comparisons']}; "
            f"{unfit} halves had too few pairs"
        )
        for row in told["by distance"]:
            print(row)
    draw(found, given.out)


if __name__ == "__main__":
    main()
