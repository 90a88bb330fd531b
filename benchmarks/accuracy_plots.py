"""The accuracy benchmark's plots: recall by edit, distances, recall by false matches."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np

mpl.use("Agg")  # before pyplot: there is no screen
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

Report = dict[str, Any]
DPI = 110
OURS = "#1f5fa8"
PEERS = {
    "PDQ 31": ("#c8c8c8", "usual"),
    "PDQ 66": ("#8f8f8f", "usual"),
    "phash 256": ("#e2a13b", "usual"),
}
LINES = {
    "pdq": ("PDQ", "#6b6b6b"),
    "phash256": ("phash 256", "#e2a13b"),
    "phash": ("phash 64", "#b5651d"),
    "dhash": ("dhash 64", "#7b9e44"),
    "blockhash": ("blockhash", "#a05195"),
}
LEAST = 1e-12
"""Expected false matches below this are drawn at it."""


def draw(report: Report, out: Path, stem: str) -> list[str]:
    """Writes three PNG files and returns their names."""
    names = []
    for kind, picture in (
        ("recall", recall_by_edit),
        ("distances", distances),
        ("curve", recall_by_false_matches),
    ):
        figure = picture(report)
        name = f"{stem}_{kind}.png"
        figure.savefig(out / name, dpi=DPI, bbox_inches="tight")
        plt.close(figure)
        names.append(name)
    return names


def _plain(axes: Axes) -> None:
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="x", color="#e6e6e6", linewidth=0.7)
    axes.set_axisbelow(True)


def _legend(axes: Axes, columns: int) -> None:
    """Above the picture, where no line runs."""
    axes.legend(
        loc="lower center", bbox_to_anchor=(0.45, 1.0), ncols=columns, fontsize=8, frameon=False
    )


def recall_by_edit(report: Report) -> Any:
    """Bars, one group an edit, in the order of the table; targets as marks."""
    rows = report["edits"]
    targets = {row["family"]: row["target"] for row in report["families"]}
    figure, axes = plt.subplots(figsize=(8.5, 0.36 * len(rows) + 1.2))
    places = np.arange(len(rows))
    thick = 0.16
    for number, (peer, (colour, kind)) in enumerate(PEERS.items()):
        values = [row["peers"][peer][kind] for row in rows]
        axes.barh(places + thick * (number + 0.5), values, thick, color=colour, label=peer)
    either = [row["MATCH or POSSIBLE"] for row in rows]
    sure = [row["MATCH"] for row in rows]
    axes.barh(places - thick, either, 2 * thick, color="#a9c8ec", label="hashmatch, POSSIBLE")
    axes.barh(places - thick, sure, 2 * thick, color=OURS, label="hashmatch, MATCH")
    aims = [(place, targets[row["family"]]) for place, row in enumerate(rows)]
    marked = [(place, aim) for place, aim in aims if aim is not None]
    if marked:
        at, aim = zip(*marked, strict=True)
        axes.plot(aim, np.array(at) - thick, "|", color="#c0392b", ms=9, mew=2, label="target")
    axes.set_yticks(places, [row["edit"] for row in rows], fontsize=8)
    axes.set_ylim(len(rows) - 0.3, -0.6)
    axes.set_xlim(0, 1.01)
    axes.set_xlabel("recall")
    _legend(axes, 3)
    _plain(axes)
    return figure


def distances(report: Report) -> Any:
    """Shares by distance, on a logarithmic axis: the impostors' tail is what matters."""
    shown = report["curves"]["distances"]
    false = report["false matches"]["distances"]
    figure, axes = plt.subplots(figsize=(8.5, 4))
    for name, colour, label in (
        ("impostors, PDQ as it stands", "#6b6b6b", "other photographs, PDQ as it stands"),
        ("genuine, PDQ as it stands", "#e2a13b", "the same photograph, PDQ as it stands"),
        ("genuine", OURS, "the same photograph, as hashmatch answers"),
    ):
        counts = np.array(shown[name], float)
        if counts.sum() == 0:
            continue
        # Most distances between PDQ hashes are even, so four bits make one step.
        counts = np.append(counts, np.zeros(-len(counts) % 4)).reshape(-1, 4).sum(axis=1)
        share, edges = counts / counts.sum(), 4 * np.arange(len(counts) + 1)
        axes.stairs(share, edges, fill=True, color=colour, alpha=0.15)
        axes.stairs(share, edges, color=colour, lw=1.8, label=label)
    if false:
        axes.plot(false, np.full(len(false), 1e-8), "x", color="#c0392b", label="false matches")
    axes.set_yscale("log")
    axes.set_ylim(3e-10, 1)
    axes.set_xlim(0, 200)
    axes.set_xlabel("distance, bits")
    axes.set_ylabel("share of pairs in four bits")
    _legend(axes, 2)
    _plain(axes)
    return figure


def recall_by_false_matches(report: Report) -> Any:
    """Recall over every query of the run, by the false matches a query that one accepts."""
    curves = report["curves"]
    figure, axes = plt.subplots(figsize=(8.5, 4.2))
    for algorithm, line in curves["by radius"].items():
        label, colour = LINES[algorithm]
        false = np.maximum(np.array(line["false matches a query"]), 0.3 / curves["queries"])
        axes.plot(false, line["recall"], color=colour, lw=1.5, label=f"{label}, observed")
    hits = np.maximum(np.array(curves["expected false matches of the hits"]), LEAST)
    if len(hits):
        share = np.arange(1, len(hits) + 1) / curves["queries"]
        hits, share = np.append(hits, 10.0), np.append(share, share[-1])
        axes.step(hits, share, where="post", color=OURS, lw=2.2, label="hashmatch, as it expects")
    seen = 1 / curves["queries"]
    axes.axvspan(LEAST / 2, seen, color="#f4f4f4", zorder=0)
    axes.text(seen, 0.02, "fewer than one in this run  ", ha="right", fontsize=8, color="#777777")
    for status in ("MATCH or POSSIBLE", "MATCH"):
        names = status.split(" or ")
        false = sum(report["false matches"][f"false {name}"] for name in names) * seen
        found = np.average(
            [row[status] for row in report["edits"]],
            weights=[row["queries"] for row in report["edits"]],
        )
        filled = OURS if status == "MATCH" else "white"
        at, label = max(false, 0.3 * seen), f"hashmatch, {status}, observed"
        size = 6 if status == "MATCH" else 10
        axes.plot(at, found, "o", ms=size, color=OURS, mfc=filled, label=label)
    axes.set_xscale("log")
    axes.set_xlim(LEAST / 2, 10)
    axes.set_ylim(0, 1.01)
    axes.set_xlabel("false matches a query against this base")
    axes.set_ylabel("recall, all edits")
    _legend(axes, 3)
    _plain(axes)
    return figure
