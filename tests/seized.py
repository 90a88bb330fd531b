"""A small exhibit of every kind of file, and a database that knows some of it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from known_media import digests_of, record
from pictures import encoded, photograph, png
from PIL import Image

from hashmatch.database import open_database
from hashmatch.fingerprinting import hash_image

BASELINE, NATIONAL, COPIED, ALONE, IGNORABLE = range(201, 206)
"""Seeds of its photographs."""

ODD = (
    b"\xe4.png",
    b"line\nbreak.png",
    b"-rf.png",
    b"$(x) `y`.png",
    b"a\"'<b>.png",
    b"n" * 251 + b".png",
)


@dataclass(frozen=True)
class Seized:
    """Where it lies, and the class of each file that has one, by its path below ``root``."""

    root: Path
    database: Path
    classes: Mapping[str, str]
    n_items: int


def shot(seed: int) -> Any:
    return photograph(seed, 120, 160)


def seize(folder: Path, *, odd: bool = True) -> Seized:
    """Write it."""
    root = folder / "exhibit"
    (root / "phone" / "DCIM").mkdir(parents=True)
    (root / "disk").mkdir()
    made: dict[str, tuple[bytes, str]] = {
        "phone/DCIM/known.png": (png(shot(BASELINE)), "baseline"),
        "phone/known_near.jpg": (encoded(shot(BASELINE), "JPEG", quality=70), "baseline"),
        "disk/mirrored.png": (png(np.fliplr(shot(NATIONAL))), "national"),
        "disk/a.png": (png(shot(COPIED)), "unknown"),
        "disk/b_same.png": (png(shot(COPIED)), "duplicate"),
        "disk/c_near.jpg": (encoded(shot(COPIED), "JPEG", quality=60), "duplicate"),
        "disk/d_turned.png": (png(np.rot90(shot(COPIED))), "duplicate"),
        "disk/alone.jpg": (encoded(shot(ALONE), "JPEG", quality=90), "unknown"),
        "disk/icon.png": (png(shot(IGNORABLE)), "ignorable"),
        "disk/cut.png": (png(shot(206))[:40], "unexamined"),
    }
    for path, (data, _) in made.items():
        (root / path).write_bytes(data)
    (root / "disk" / "empty.jpg").touch()
    (root / "disk" / "letter.txt").write_text("dear all", encoding="utf-8")
    Image.new("L", (100, 100)).save(root / "disk" / "black.png")
    os.link(root / "disk" / "alone.jpg", root / "disk" / "linked.jpg")
    (root / "link").symlink_to("/etc/passwd")
    os.mkfifo(root / "pipe")
    classes = {path: triage for path, (_, triage) in made.items()}
    classes |= {"disk/linked.jpg": "duplicate"}
    n_items = len(made) + 6
    if odd:
        for number, name in enumerate(ODD):
            place = os.fsencode(root) + b"/" + name
            Path(os.fsdecode(place)).write_bytes(png(shot(220 + number)))
            classes[os.fsdecode(name)] = "unknown"
        n_items += len(ODD)
    return Seized(root, know(folder, made), classes, n_items)


def know(folder: Path, made: Mapping[str, tuple[bytes, str]]) -> Path:
    """The database: one medium of Baseline, one national, a set of known files."""
    path = folder / "national.db"
    known = made["phone/DCIM/known.png"][0]
    national = png(shot(NATIONAL))
    with open_database(path, create=True) as db:
        db.import_records(
            [
                record("1", digests_of(known), hash_image(known).hashes["pdq"], baseline=True),
                record("2", digests_of(national), hash_image(national).hashes["pdq"]),
            ],
            source="List",
        )
        listed = folder / "known.md5"
        md5 = digests_of(made["disk/icon.png"][0]).md5
        listed.write_text(f"{md5}  icon.png\n", encoding="utf-8")
        db.add_known_set("icons", [listed])
    return path


def rows_of(file: Path) -> list[dict[str, Any]]:
    """The rows of a table of a report."""
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def outputs_of(folder: Path) -> dict[str, bytes]:
    """Everything that a run leaves for people and tools; the catalogue's rows have run numbers."""
    files = (p for p in sorted(folder.rglob("*")) if p.is_file() and "catalogue.db" not in p.name)
    return {str(p.relative_to(folder)): p.read_bytes() for p in files}
