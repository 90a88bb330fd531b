"""What an exhibit has beside files: links, also out of it, a pipe, a folder that can't be read."""

from __future__ import annotations

import os
from pathlib import Path

from benchmarks.exhibit_truth import TruthFile

OUTSIDE = "outside"
"""Folder beside the exhibit; what lies there is none of it."""


def special_files(folder: Path, root: Path) -> list[TruthFile]:
    """Made; what is true of each."""
    places = root / "links"
    places.mkdir()
    secret = folder / OUTSIDE / "secret.jpg"
    secret.write_bytes(b"outside of the exhibit\n")
    (places / "out").symlink_to(Path("../..") / OUTSIDE)
    (places / "out.jpg").symlink_to(Path("../..") / OUTSIDE / secret.name)
    (places / "round").symlink_to("..")
    (places / "nowhere.jpg").symlink_to("gone.jpg")
    os.mkfifo(places / "pipe.jpg")
    made = [_skipped(name) for name in ("out", "out.jpg", "round", "nowhere.jpg", "pipe.jpg")]
    if os.geteuid() != 0:  # to root nothing is closed
        closed = root / "closed"
        closed.mkdir()
        closed.chmod(0)
        made.append(TruthFile("closed", "", "folder", "can't be listed", outcome="failed"))
    return made


def _skipped(name: str) -> TruthFile:
    role = "pipe" if name.startswith("pipe") else "symlink"
    return TruthFile(f"links/{name}", "", role, outcome="rejected")
