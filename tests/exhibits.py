"""Small exhibits: folders of synthetic pictures, copies, links and what else lies around."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
from pictures import png
from PIL import Image

from hashmatch.scan import Catalogue, Recipe

IN_PROCESS = Recipe(isolate=False)
"""Without worker processes, which take their time to start."""


def tile(seed: int) -> bytes:
    """A PNG file of 80 x 80 pixels with structure; other bytes for each seed."""
    rng = np.random.default_rng(seed)
    coarse = Image.fromarray(rng.integers(0, 255, (10, 10, 3), dtype=np.uint8))
    return png(coarse.resize((80, 80), Image.Resampling.BICUBIC))


def fill(root: Path, n: int, *, seed: int = 0) -> Path:
    """``n`` pictures in folders of 50, every tenth one a copy of the one before it."""
    for number in range(n):
        folder = root / f"folder-{number // 50}"
        folder.mkdir(parents=True, exist_ok=True)
        content = tile(seed + number - (number % 10 == 9))
        (folder / f"{number:04}.png").write_bytes(content)
    return root


def exported(catalogue: Catalogue) -> str:
    """All of it that must not depend on how it came to be."""
    return "\n".join(catalogue.export_lines())


def paths_of(root: Path) -> list[Path]:
    """Everything of a tree, itself first; to list it is to access its folders."""
    return [root, *sorted(root.rglob("*"))]


def states_of(paths: list[Path]) -> dict[str, tuple[int, ...]]:
    """Everything that a scan might change of them, times of access included; accesses nothing."""
    found: dict[str, tuple[int, ...]] = {}
    for path in paths:
        status = path.lstat()
        found[str(path)] = (
            status.st_mode,
            status.st_uid,
            status.st_nlink,
            status.st_size,
            status.st_mtime_ns,
            status.st_ctime_ns,
            status.st_atime_ns,
        )
    return found


def digests_of(root: Path) -> dict[str, str]:
    """SHA-256 of every regular file below a folder."""
    return {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file() and not path.is_symlink()
    }
