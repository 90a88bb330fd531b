"""Revisions of a sharded index as files, and which of them counts: docs/cluster.md has the layout.

The folder is seen by all machines. A revision's files never change; ``CURRENT.hmx``, which names
the revision that counts, is replaced as a whole, and that is the moment of a switch.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

from hashmatch.cluster.assignment import ASSIGNMENT
from hashmatch.errors import IndexCorruptError, IndexFileError, IndexVersionError
from hashmatch.index import HammingIndex
from hashmatch.index.file_format import Meta, SectionFile, open_sections
from hashmatch.index.hamming_manifest import MANIFEST as INDEX_MANIFEST
from hashmatch.index.section_writer import SectionWriter

CURRENT = "CURRENT.hmx"
MANIFEST = "REVISION.hmx"
LAYOUT = 1
MAX_SHARDS = 4096
_CURRENT_KIND = "sharded-current"
_KIND = "sharded-revision"
_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,80}\.hmx")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Listed:
    """One file of a shard."""

    name: str
    n_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class ShardFiles:
    """What belongs to one shard."""

    entries: int
    files: tuple[Listed, ...]

    @property
    def n_bytes(self) -> int:
        return sum(file.n_bytes for file in self.files)


@dataclass(frozen=True, slots=True)
class RevisionManifest:
    """What one revision holds.

    Attributes:
        revision: its number.
        bits: length of every hash.
        shards: by number.
    """

    revision: int
    bits: int
    shards: tuple[ShardFiles, ...]

    @property
    def entries(self) -> int:
        return sum(shard.entries for shard in self.shards)


def revision_folder(folder: Path, revision: int) -> Path:
    return folder / f"revision-{revision}"


def shard_name(shard: int) -> str:
    return f"shard-{shard}"


def revisions_in(folder: Path) -> tuple[int, ...]:
    """Numbers of the revisions that are there, ascending, whichever of them counts."""
    found = (re.fullmatch(r"revision-(\d{1,18})", path.name) for path in folder.glob("revision-*"))
    return tuple(sorted(int(match[1]) for match in found if match))


def listed(folder: Path) -> tuple[Listed, ...]:
    """The files of a shard that was saved there, with their digests."""
    return tuple(
        Listed(path.name, path.stat().st_size, _sha256(path))
        for path in sorted(folder.glob("*.hmx"))
    )


def write_manifest(folder: Path, manifest: RevisionManifest) -> None:
    """Raises IndexFileError where it can't be written."""
    content = {
        "revision": manifest.revision,
        "bits": manifest.bits,
        "assignment": ASSIGNMENT,
        "shards": [
            [shard.entries, [[file.name, file.n_bytes, file.sha256] for file in shard.files]]
            for shard in manifest.shards
        ],
    }
    _write(folder / MANIFEST, _KIND, {"layout": LAYOUT, "content": json.dumps(content)})


def read_manifest(folder: Path, revision: int) -> RevisionManifest:
    """The manifest of one revision.

    Args:
        folder: of the sharded index.

    Raises:
        IndexFileError: there is no such revision.
        IndexVersionError: written by a newer hashmatch.
        IndexCorruptError: it is not what its format says.
    """
    with _opened(revision_folder(folder, revision) / MANIFEST, _KIND) as file:
        try:
            manifest = _parsed(json.loads(str(file.meta.get("content"))))
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise IndexCorruptError(f"{file.path}: not what its format says: {error}") from error
        if manifest.revision != revision:
            raise IndexCorruptError(
                f"{file.path}: expected revision {revision}, got {manifest.revision}"
            )
        return manifest


def committed(folder: Path) -> int:
    """The revision that counts.

    Raises:
        IndexFileError and its children: as ``read_manifest``.
    """
    with _opened(folder / CURRENT, _CURRENT_KIND) as file:
        revision = file.meta.get("revision")
        if not isinstance(revision, int) or revision < 0:
            raise IndexCorruptError(f"{file.path}: expected a revision, got {revision!r}")
        return revision


def commit(folder: Path, revision: int) -> None:
    """Let this revision count from now on. Raises IndexFileError where that can't be written."""
    _write(folder / CURRENT, _CURRENT_KIND, {"layout": LAYOUT, "revision": revision})


def open_shard(folder: Path, revision: int, shard: int, *, verify: bool = False) -> HammingIndex:
    """One shard of a revision, mapped.

    Sizes are compared with the revision's manifest, and the SHA-256 of the shard's own manifest,
    which names the checksum of every segment: files of another revision are not mistaken for these.

    Args:
        verify: read and check everything now instead of before the first answer.

    Raises:
        IndexFileError and its children: as ``read_manifest`` and ``HammingIndex.open``.
    """
    manifest = read_manifest(folder, revision)
    if not 0 <= shard < len(manifest.shards):
        raise IndexFileError(
            f"{folder}: revision {revision} has {len(manifest.shards)} shards, not shard {shard}"
        )
    place = revision_folder(folder, revision) / shard_name(shard)
    for file in manifest.shards[shard].files:
        path = place / file.name
        _check(path, "bytes", file.n_bytes, _size(path))
        if file.name == INDEX_MANIFEST:
            _check(path, "SHA-256", file.sha256, _sha256(path))
    index = HammingIndex.open(place, verify=verify)
    _check(place, "hashes", manifest.shards[shard].entries, len(index))
    return index


def verify_files(folder: str | PathLike[str], revision: int) -> None:
    """Compare every file of a revision with its size and SHA-256.

    Raises:
        IndexFileError and its children: with the first file that is missing or another one.
    """
    where = Path(folder)
    for number, shard in enumerate(read_manifest(where, revision).shards):
        for file in shard.files:
            path = revision_folder(where, revision) / shard_name(number) / file.name
            _check(path, "bytes", file.n_bytes, _size(path))
            _check(path, "SHA-256", file.sha256, _sha256(path))


def remove_revision(folder: str | PathLike[str], revision: int) -> None:
    """Delete the files of a revision that does not count; who has them mapped goes on with them.

    Raises:
        IndexFileError: no such revision, or the one that counts, or it can't be deleted.
    """
    where = Path(folder)
    if revision == committed(where):
        raise IndexFileError(f"{where}: revision {revision} is the one that counts")
    place = revision_folder(where, revision)
    gone = where / f".{place.name}.{os.urandom(8).hex()}.part"  # nobody finds half of it
    try:
        place.rename(gone)
        shutil.rmtree(gone)
    except OSError as error:
        raise IndexFileError(f"{place}: can't be deleted: {error.strerror}") from error


def _parsed(content: Any) -> RevisionManifest:
    if content["assignment"] != ASSIGNMENT:
        raise ValueError(f"ids are assigned by {content['assignment']!r}, not {ASSIGNMENT}")
    shards = tuple(_shard(entries, files) for entries, files in content["shards"])
    if not 1 <= len(shards) <= MAX_SHARDS:
        raise ValueError(f"{len(shards)} shards")
    return RevisionManifest(_number(content["revision"]), _number(content["bits"]), shards)


def _shard(entries: Any, files: Sequence[Any]) -> ShardFiles:
    made = []
    for name, n_bytes, sha256 in files:
        if not _FILE.fullmatch(name) or not _SHA256.fullmatch(sha256):
            raise ValueError(f"no file or no SHA-256: {name!r}")
        made.append(Listed(name, _number(n_bytes), sha256))
    if INDEX_MANIFEST not in {file.name for file in made}:
        raise ValueError(f"a shard without {INDEX_MANIFEST}")
    return ShardFiles(_number(entries), tuple(made))


def _number(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(f"expected a number, got {value!r}")
    return value


def _write(path: Path, kind: str, meta: Meta) -> None:
    with SectionWriter(path, kind=kind, meta=meta):
        pass


def _opened(path: Path, kind: str) -> SectionFile:
    file = open_sections(path, kind=kind)
    file.ensure_verified()
    if file.meta.get("layout") != LAYOUT:
        raise IndexVersionError(f"{path}: expected layout {LAYOUT}, got {file.meta.get('layout')}")
    return file


def _check(path: Path, what: str, expected: int | str, found: int | str) -> None:
    if expected != found:
        raise IndexCorruptError(f"{path}: expected {expected} as {what}, got {found}")


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError as error:
        raise IndexFileError(f"{path}: can't be read: {error.strerror}") from error


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise IndexFileError(f"{path}: can't be read: {error.strerror}") from error
