"""Hashes to the files of one revision, by shard; memory is that of one shard."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from os import PathLike
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hashmatch.cluster.assignment import shard_of
from hashmatch.cluster.revision_files import (
    CURRENT,
    MAX_SHARDS,
    RevisionManifest,
    ShardFiles,
    commit,
    listed,
    revision_folder,
    revisions_in,
    shard_name,
    write_manifest,
)
from hashmatch.errors import IndexFileError, InputError
from hashmatch.index import HammingIndex
from hashmatch.index.arguments import at_least, ids_of, rows

Block = tuple[NDArray[np.int64], NDArray[np.uint8]]
_ROWS = 1 << 18
_LOCK = "LOCK"


def build_revision(
    folder: str | PathLike[str],
    blocks: Iterable[Block],
    n_shards: int,
    *,
    bits: int = 256,
    revision: int | None = None,
) -> int:
    """Write a revision. The first one in a folder counts at once, later ones once switched to.

    Rows are sorted into a file a shard first, then each shard is built and saved; files appear
    together, by one rename, or not at all.

    Args:
        folder: of the sharded index; every machine of the cluster has to see it under this path.
        blocks: ids, int64 (n,), and hashes, uint8 (n, bits // 8); no id twice.
        n_shards: 1 to 4096.
        bits: length of every hash.
        revision: its number; None is one more than the largest that is there.

    Returns:
        The number.

    Raises:
        InputError: wrong arguments or blocks, or an id that stands twice.
        IndexFileError: the revision is there already, or can't be written.
    """
    where = Path(folder)
    count = at_least(n_shards, 1, "n_shards")
    if count > MAX_SHARDS:
        raise InputError(f"n_shards: expected 1 to {MAX_SHARDS}, got {count}")
    length = HammingIndex(bits).bits  # refuses what is no length
    number = None if revision is None else at_least(revision, 0, "revision")
    with _writing(where):
        where.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _locked(where):
        if number is None:
            number = max(revisions_in(where), default=0) + 1
        part = where / f".revision-{number}.{os.urandom(8).hex()}.part"
        with _writing(where):
            part.mkdir(mode=0o700)
        try:
            _sort_rows(part, blocks, count, length // 8)
            shards = tuple(_saved(part, shard, length) for shard in range(count))
            write_manifest(part, RevisionManifest(number, length, shards))
            with _writing(where):
                _put_in_place(part, revision_folder(where, number))
        finally:
            shutil.rmtree(part, ignore_errors=True)
        if not (where / CURRENT).exists():
            commit(where, number)
    return number


def blocks_of(hashes: NDArray[np.uint8], ids: NDArray[np.int64] | None) -> Iterator[Block]:
    """An array of hashes as blocks; without ids they are numbered from 0 on.

    Raises:
        InputError: as many ids as hashes are expected.
    """
    numbers = np.arange(len(hashes), dtype=np.int64) if ids is None else ids_of(ids)
    if len(numbers) != len(hashes):
        raise InputError(f"ids: expected one id a hash ({len(hashes)}), got {len(numbers)}")
    for first in range(0, len(hashes), _ROWS):
        yield numbers[first : first + _ROWS], hashes[first : first + _ROWS]


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """One builder at a time; one that dies lets go, and what it left half-written goes."""
    with _writing(folder):
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
        descriptor = os.open(folder / _LOCK, flags, 0o600)
    try:
        with _writing(folder):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        for left in folder.glob(".revision-*.part"):
            shutil.rmtree(left, ignore_errors=True)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    """Around what touches files, and not around the caller's blocks, whose errors are theirs."""
    try:
        yield
    except OSError as error:
        raise IndexFileError(f"{folder}: can't be written: {error.strerror}") from error


def _row(n_bytes: int) -> np.dtype[np.void]:
    return np.dtype([("id", "<i8"), ("hash", "u1", (n_bytes,))])


def _sort_rows(part: Path, blocks: Iterable[Block], n_shards: int, n_bytes: int) -> None:
    for ids, hashes in blocks:
        numbers = ids_of(ids)
        checked = rows(hashes, n_bytes, "hashes", f"(n, {n_bytes})")
        if len(numbers) != len(checked):
            raise InputError(f"ids: expected one id a hash ({len(checked)}), got {len(numbers)}")
        packed = np.empty(len(numbers), _row(n_bytes))
        packed["id"], packed["hash"] = numbers, checked
        shards = shard_of(numbers, n_shards)
        order = np.argsort(shards, kind="stable")
        ends = np.searchsorted(shards[order], np.arange(n_shards + 1))
        for shard in range(n_shards):
            mine = order[ends[shard] : ends[shard + 1]]
            if len(mine):
                with _writing(part), _rows_file(part, shard).open("ab") as file:
                    file.write(packed[mine].tobytes())


def _saved(part: Path, shard: int, bits: int) -> ShardFiles:
    path = _rows_file(part, shard)
    index = HammingIndex(bits)
    if path.exists():
        with _writing(part):
            packed = np.fromfile(path, _row(bits // 8))
            path.unlink()
        # All at once: a shard is one segment.
        index.add(np.ascontiguousarray(packed["hash"]), np.ascontiguousarray(packed["id"]))
    place = part / shard_name(shard)
    index.save(place)
    return ShardFiles(len(index), listed(place))


def _rows_file(part: Path, shard: int) -> Path:
    return part / f"{shard_name(shard)}.rows"


def _put_in_place(part: Path, place: Path) -> None:
    if place.exists():
        raise IndexFileError(f"{place}: a revision is there already; numbers are used once")
    part.rename(place)
    for folder in (place, place.parent):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
