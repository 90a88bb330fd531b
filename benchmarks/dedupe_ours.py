"""hashmatch on one folder, as ``dedupe_peer.py`` runs the others: scan, groups, pairs to a file.

``python -m benchmarks.dedupe_ours FOLDER PAIRS --decode fast --isolate``
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

from hashmatch.scan import Catalogue, Recipe, scan_into
from hashmatch.triage import CopyGroups, group_copies

CORES = 2


def path_pairs(catalogue: Catalogue, groups: CopyGroups, folder: str) -> Iterator[tuple[str, str]]:
    """Every two files that are in one group or have the same bytes."""
    names: dict[int, list[str]] = defaultdict(list)
    for item in catalogue.items():
        if item.content is not None:
            names[item.content.number].append(os.path.relpath(item.name, folder))
    for group in groups:
        yield from combinations(
            [name for number in group.members.tolist() for name in names.pop(number)], 2
        )
    for same in names.values():
        yield from combinations(same, 2)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder")
    parser.add_argument("pairs", type=Path)
    parser.add_argument("--decode", choices=["exact", "fast"], default="exact")
    parser.add_argument("--isolate", action="store_true")
    parser.add_argument("--threshold", type=int, default=20)
    chosen = parser.parse_args()
    folder = os.path.realpath(chosen.folder)
    recipe = Recipe(decode=chosen.decode, isolate=chosen.isolate)
    seconds = {}
    with tempfile.TemporaryDirectory() as out:
        start = time.perf_counter()
        with Catalogue.open(out, create=True) as catalogue:
            scan_into(catalogue, [folder], recipe=recipe, workers=CORES)
            seconds["scan"] = time.perf_counter() - start
            start = time.perf_counter()
            groups = group_copies(
                catalogue, max_distance=chosen.threshold, folder=out, threads=CORES
            )
            seconds["groups"] = time.perf_counter() - start
            with chosen.pairs.open("w", encoding="ascii") as lines:
                for pair in path_pairs(catalogue, groups, folder):
                    lines.write(json.dumps(sorted(pair)) + "\n")
    print(json.dumps(seconds))


if __name__ == "__main__":
    main()
