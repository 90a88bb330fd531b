"""Finds the files under the given roots. Never follows a link out of them, never opens a file."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Found:
    """One item under the roots.

    Attributes:
        path: as the root was given, joined with the names below it.
        skipped: why it is no file to look at ("symbolic link", "not a regular file"); None for a
            file.
        failed: why it could not be looked at ("Permission denied"); None where it could.
        errno: the system's number of that error.
    """

    path: str
    skipped: str | None = None
    failed: str | None = None
    errno: int | None = field(default=None, compare=False)


def walk(roots: Iterable[str]) -> Iterator[Found]:
    """Every item under the roots, each folder in the order of its names' bytes.

    A root may be a file, also through a link: it was named. Below a root, links are skipped,
    whatever they point to, and told.
    """
    for root in roots:
        if _is_folder(root):
            yield from _folder(root)
        else:
            yield Found(root)


def _is_folder(root: str) -> bool:
    try:
        return Path(root).is_dir()
    except OSError:
        return False  # named all the same: whoever opens it gets the reason


def _folder(root: str) -> Iterator[Found]:
    # A stack of our own: a hostile tree may be deeper than Python's recursion limit.
    pending = [root]
    while pending:
        folder = pending.pop()
        try:
            with os.scandir(folder) as entries:
                ordered = sorted(entries, key=lambda entry: os.fsencode(entry.name))
        except OSError as error:
            yield Found(folder, failed=error.strerror or type(error).__name__, errno=error.errno)
            continue
        below = []
        for entry in ordered:
            try:
                is_folder = entry.is_dir(follow_symlinks=False)
                skipped = _why_skipped(entry)
            except OSError as error:
                yield Found(
                    entry.path, failed=error.strerror or type(error).__name__, errno=error.errno
                )
                continue
            if is_folder:
                below.append(entry.path)
            else:
                yield Found(entry.path, skipped=skipped)
        pending.extend(reversed(below))


def _why_skipped(entry: os.DirEntry[str]) -> str | None:
    if entry.is_symlink():
        return "symbolic link"
    return None if entry.is_file(follow_symlinks=False) else "not a regular file"
