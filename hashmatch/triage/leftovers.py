"""What a run that was killed while it wrote its outputs left behind."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from pathlib import Path

from hashmatch.triage.case_output import CASE_UCO_NAME
from hashmatch.triage.vics_output import VICS_CASE_NAME

_RANDOM = r"\.[a-z0-9_]{8}\.part"
_STAGED = "|".join(re.escape(name) for name in ("report", VICS_CASE_NAME, CASE_UCO_NAME))
_HERE = re.compile(rf"\.({_STAGED}){_RANDOM}").fullmatch
_IN_LISTS = re.compile(rf"\..+{_RANDOM}").fullmatch


def remove_leftovers(folder: Path) -> None:
    """Remove outputs that never appeared; for whoever holds the folder's catalogue.

    Only names that staging gives are taken, and no link is followed. What can't be removed stays.
    """
    for place, is_left in ((folder, _HERE), (folder / "lists", _IN_LISTS)):
        if place.is_symlink() or not place.is_dir():
            continue
        with os.scandir(place) as entries:
            left = [entry for entry in entries if is_left(entry.name)]
        for entry in left:
            if entry.is_dir(follow_symlinks=False):
                shutil.rmtree(entry.path, ignore_errors=True)
            elif entry.is_file(follow_symlinks=False):
                with contextlib.suppress(OSError):
                    Path(entry.path).unlink()
