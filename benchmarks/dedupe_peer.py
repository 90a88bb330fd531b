"""One peer on one folder, in its own Python: pairs to a file, seconds to standard output.

Nothing of hashmatch is imported: ``PEERS_PYTHON dedupe_peer.py TOOL FOLDER PAIRS --threshold N``.
Pairs are lines of JSON, two paths relative to the folder.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Iterable, Iterator
from importlib import import_module
from itertools import combinations
from pathlib import Path
from types import ModuleType
from typing import Any

CORES = 2
Pairs = Iterable[tuple[str, str]]


def imagededup(folder: str, threshold: float, method: str) -> Iterator[tuple[str, Pairs]]:
    _without_networks()
    hasher = import_module("imagededup.methods").PHash(verbose=False)
    encodings = hasher.encode_images(folder, recursive=True, num_enc_workers=CORES)
    yield "hashes", ()
    found = hasher.find_duplicates(
        encoding_map=encodings,
        max_distance_threshold=int(threshold),
        search_method=method,
        num_dist_workers=CORES,
    )
    yield "search", ((name, other) for name, others in found.items() for other in others)


def _without_networks() -> None:
    """Its neural part needs PyTorch and is imported with the rest; hashing does without."""
    models = ModuleType("imagededup.utils.models")
    models.CustomModel, models.DEFAULT_MODEL_NAME = object, ""  # type: ignore[attr-defined]
    cnn = ModuleType("imagededup.methods.cnn")
    cnn.CNN = object  # type: ignore[attr-defined]
    sys.modules.update({models.__name__: models, cnn.__name__: cnn})


def czkawka(folder: str, threshold: float, method: str) -> Iterator[tuple[str, Pairs]]:
    finder = import_module("czkawka").ImageSimilarity()
    finder.set_directories([folder])
    finder.set_similarity(int(threshold))
    groups = finder.find_similar()
    yield (
        "all",
        (pair for group in groups for pair in combinations(_relative(folder, group), 2)),
    )


def perception(folder: str, threshold: float, method: str) -> Iterator[tuple[str, Pairs]]:
    hasher = import_module("perception.hashers").PHash(hash_size=int(method))
    found = import_module("perception.tools").deduplicate(_files(folder), [(hasher, threshold)])
    named = (_relative(folder, pair) for pair in found)
    yield "all", ((first, second) for first, second in named)


TOOLS: dict[str, Any] = {
    "imagededup": imagededup,
    "czkawka": czkawka,
    "perception": perception,
}


def _files(folder: str) -> list[str]:
    return sorted(str(path) for path in Path(folder).rglob("*") if path.is_file())


def _relative(folder: str, paths: Iterable[Any]) -> list[str]:
    return [os.path.relpath(path, folder) for path in paths]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tool", choices=sorted(TOOLS))
    parser.add_argument("folder")
    parser.add_argument("pairs", type=Path)
    parser.add_argument("--threshold", type=float, required=True)
    parser.add_argument("--method", default="")
    chosen = parser.parse_args()
    folder = os.path.realpath(chosen.folder)
    seconds = {}
    start = time.perf_counter()
    with chosen.pairs.open("w", encoding="ascii") as out:
        for part, pairs in TOOLS[chosen.tool](folder, chosen.threshold, chosen.method):
            seconds[part] = time.perf_counter() - start
            start = time.perf_counter()
            for pair in {tuple(sorted(pair)) for pair in pairs}:
                out.write(json.dumps(pair) + "\n")
    print(json.dumps(seconds))


if __name__ == "__main__":
    main()
