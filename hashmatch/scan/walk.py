"""Finds the files under the given roots. Never follows a link out of them, never opens a file."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Found:
    """One item under the roots.

    Attributes:
        path: as the root was given, joined with the names below it.
        skipped: why it is no file to look at ("symbolic link", "not a regular file"); None for a
            file.
        failed: why it could not be looked at ("Permission denied"); None where it could.
    """

    path: str
    skipped: str | None = None
    failed: str | None = None


def walk(roots: Iterable[str]) -> Iterator[Found]:
    """Every item under the roots, each folder in the order of its names' bytes.

    A root may be a file, also through a link: it was named. Below a root, links are skipped,
    whatever they point to, and told.
    """
    for root in roots:
        if Path(root).is_dir():
            yield from _folder(root)
        else:
            yield Found(root)


def _folder(root: str) -> Iterator[Found]:
    # A stack of our own: a hostile tree may be deeper than Python's recursion limit.
    pending = [root]
    while pending:
        folder = pending.pop()
        try:
            with os.scandir(folder) as entries:
                ordered = sorted(entries, key=lambda entry: os.fsencode(entry.name))
        except OSError as error:
            yield Found(folder, failed=error.strerror or type(error).__name__)
            continue
        below = []
        for entry in ordered:
            if entry.is_symlink():
                yield Found(entry.path, skipped="symbolic link")
            elif entry.is_dir(follow_symlinks=False):
                below.append(entry.path)
            elif entry.is_file(follow_symlinks=False):
                yield Found(entry.path)
            else:
                yield Found(entry.path, skipped="not a regular file")
        pending.extend(reversed(below))
