"""Known sets as files: digests of harmless files, a file of its own for each kind of digest."""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from hashmatch.database.list_file import ListFile
from hashmatch.database.segments.files import size_and_checksum
from hashmatch.database.segments.places import in_cache
from hashmatch.errors import ExchangeError, IndexCorruptError, IndexFileError, InputError
from hashmatch.exchange import digest_blocks
from hashmatch.index import DigestSet, DigestSetBuilder
from hashmatch.store import Store, decode_text, read_meta, run
from hashmatch.types import DIGEST_BYTES

_SORTING_BYTES = 128 << 20
_ROWS = "SELECT id, name, list_name, records, actor, added_at, overlap, files FROM known_set"


@dataclass(frozen=True, slots=True)
class KnownFile:
    """One file of a set.

    Attributes:
        name: in the folder of known sets.
        entries: digests in it.
        n_bytes, checksum: by which another file in its place is seen at once.
        sha256: of the whole file, hex.
    """

    name: str
    entries: int
    n_bytes: int
    checksum: str
    sha256: str


@dataclass(frozen=True, slots=True)
class KnownSet:
    """A known set as it is registered.

    Attributes:
        list_name: files that it was made from, without folders.
        records: rows of the lists.
        overlap: media that are illegal to a list of the database, when it was added.
        files: by name of the digest.
        refused: rows without a digest of that kind, and why.
    """

    set_id: int
    name: str
    list_name: str
    records: int
    actor: str
    added_at: str
    overlap: int
    files: dict[str, KnownFile]
    refused: dict[str, int] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "lists": self.list_name,
            "records": self.records,
            "digests": {name: file.entries for name, file in self.files.items()},
            "refused": self.refused,
            "overlap": self.overlap,
            "actor": self.actor,
            "added_at": self.added_at,
        }


def known_folder(store: Store, connection: Connection) -> Path:
    """Where the files of known sets lie.

    They are public lists: they lie beside an encrypted database too.
    """
    if store.path is not None:
        return store.path.with_name(store.path.name + ".known")
    folder = in_cache(read_meta(connection, "database_id"))
    return folder.with_name(folder.name + ".known")


def registered(connection: Connection) -> list[KnownSet]:
    """All known sets, by name."""
    return sorted((_known_set(row) for row in run(connection, _ROWS)), key=lambda one: one.name)


def _known_set(row: Sequence[Any]) -> KnownSet:
    number, name, list_name, records, actor, added_at, overlap, files = row
    content = json.loads(files)
    return KnownSet(
        set_id=int(number),
        name=decode_text(name),
        list_name=decode_text(list_name),
        records=records,
        actor=decode_text(actor),
        added_at=added_at,
        overlap=overlap,
        files={digest: KnownFile(**one) for digest, one in content["files"].items()},
        refused=content["refused"],
    )


def files_as_text(files: dict[str, KnownFile], refused: Counter[str]) -> str:
    """What column ``files`` holds."""
    return json.dumps(
        {
            "files": {
                digest: {name: getattr(one, name) for name in KnownFile.__slots__}
                for digest, one in files.items()
            },
            "refused": dict(sorted(refused.items())),
        },
        sort_keys=True,
    )


@dataclass(frozen=True, slots=True)
class MadeSet:
    """What was made of lists, not registered yet."""

    files: dict[str, KnownFile]
    records: int
    refused: Counter[str]


def make_set(
    lists: Sequence[ListFile], folder: Path, names: dict[str, str], *, format: str
) -> MadeSet:
    """Write a file for each kind of digest that the lists have.

    Args:
        names: of the files, by name of the digest.

    Raises:
        ExchangeError: a list can't be read, or was changed meanwhile.
        InputError: no list has any digest, or the format is none.
        IndexFileError: a file can't be written.
    """
    files: dict[str, KnownFile] = {}
    refused: Counter[str] = Counter()
    records, absent = 0, None
    for digest, width in DIGEST_BYTES.items():
        path, entries, seen = folder / names[digest], 0, 0
        with DigestSetBuilder(path, width=width, memory_bytes=_SORTING_BYTES) as builder:
            for one in lists:
                try:
                    opened = digest_blocks(one.path, digest, format=format)
                except InputError as error:  # a table without such a column
                    absent = error
                    continue
                with opened as blocks:
                    for block in blocks:
                        builder.add(block)
                seen += blocks.seen
                entries += blocks.given
                for reason, count in blocks.refused.items():
                    refused[f"{digest}: {reason}"] += count
        records = max(records, seen)
        if entries:
            files[digest] = described(path)
        else:
            path.unlink(missing_ok=True)
    for one in lists:
        one.require_unchanged()
    if not files:
        raise absent or ExchangeError(
            f"{', '.join(str(one.path) for one in lists)}: expected digests, got none in "
            f"{records} records"
        )
    return MadeSet(files, records, refused)


def described(path: Path) -> KnownFile:
    """What is registered of a file.

    Raises:
        IndexFileError: it can't be read, or is no digest set.
    """
    size, checksum = size_and_checksum(path)
    with DigestSet.open(path) as opened:
        entries = len(opened)
    return KnownFile(path.name, entries, size, checksum, sha256_of(path))


def sha256_of(path: Path) -> str:
    """Raises IndexFileError where it can't be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise IndexFileError(f"{path}: can't be read: {error.strerror}") from error


def open_known(folder: Path, file: KnownFile) -> DigestSet:
    """Map one file of a set and check all of it.

    Raises:
        IndexFileError, IndexCorruptError: it is missing, another one, or damaged.
    """
    if os.path.basename(file.name) != file.name:  # noqa: PTH119 - a name, not a path
        raise IndexCorruptError(f"expected the name of a file, got {file.name!r}")
    path = folder / file.name
    if size_and_checksum(path) != (file.n_bytes, file.checksum):
        raise IndexCorruptError(f"{path}: it is not the file that was registered")
    opened = DigestSet.open(path)
    opened.verify()
    return opened
