"""The manifest: which files hold which revision of which database. Replaced as a whole."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hashmatch.errors import IndexCorruptError, IndexVersionError
from hashmatch.index.file_format import SectionFile, open_sections
from hashmatch.index.section_writer import SectionWriter

MANIFEST = "MANIFEST.hmx"
KIND = "lookup-manifest"
LAYOUT = 1
Ids = NDArray[np.int64]
_NAME = re.compile(r"[a-z0-9][A-Za-z0-9-]{0,80}(/[A-Za-z0-9][A-Za-z0-9-]{0,80}\.hmx|\.hmx)")


@dataclass(frozen=True, slots=True)
class Listed:
    """One file: its place below the folder, its size, and the checksum in its header."""

    name: str
    n_bytes: int
    checksum: str


@dataclass(frozen=True, slots=True)
class Level:
    """Rows of a table from ``first_id`` on, up to where the next level begins.

    Attributes:
        name: "md5", "sha1", "sha256"; or an algorithm that is compared as a vector.
        entries: values in the file, those withdrawn since included.
    """

    name: str
    first_id: int
    entries: int
    file: Listed


@dataclass(frozen=True, slots=True)
class Folder:
    """A ``HammingIndex`` of one algorithm: its folder and all files in it."""

    name: str
    folder: str
    entries: int
    files: tuple[Listed, ...]


@dataclass(frozen=True, slots=True)
class Crowd:
    """Hashes of one algorithm with many neighbours; see ``crowded``.

    Attributes:
        limit: a hash with neighbours in more other media than this is not matched.
        floor: a hash that is not listed here has at most so many neighbours.
        ids: of the listed hashes, ascending.
        counts: of other media that each has a neighbour in.
    """

    limit: int
    floor: int
    ids: Ids
    counts: Ids

    @property
    def excluded(self) -> Ids:
        """Ids of the hashes that are not matched, ascending."""
        return self.ids[self.counts > self.limit]

    @property
    def excluded_counts(self) -> Ids:
        return self.counts[self.counts > self.limit]


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a folder of segments holds.

    Attributes:
        database_id: of the database that it was made from.
        revision: that it holds.
        stamp: what the database's log says of that revision: a restored backup that went on
            differently has another one.
        generation: number of the publication.
        history_from: of the database; a purge moves it.
        next_opinion_id, next_hash_id: rows with smaller ids are in, if they were active.
        digests, vectors: by name, then by id.
        hashes: Hamming indexes.
        withdrawn_opinions, withdrawn_hashes: ids that stand in levels but no longer count,
            ascending.
        crowds: by algorithm.
    """

    database_id: str
    revision: int
    stamp: str
    generation: int
    history_from: int
    next_opinion_id: int
    next_hash_id: int
    digests: tuple[Level, ...] = ()
    vectors: tuple[Level, ...] = ()
    hashes: tuple[Folder, ...] = ()
    withdrawn_opinions: Ids = field(default_factory=lambda: np.empty(0, np.int64))
    withdrawn_hashes: Ids = field(default_factory=lambda: np.empty(0, np.int64))
    crowds: Mapping[str, Crowd] = field(default_factory=dict)

    @property
    def files(self) -> tuple[Listed, ...]:
        """Every file that belongs to it."""
        levels = tuple(level.file for level in (*self.digests, *self.vectors))
        return levels + tuple(file for one in self.hashes for file in one.files)

    def folder_of(self, algorithm: str) -> Folder | None:
        return next((one for one in self.hashes if one.name == algorithm), None)


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Put it in place of the one before.

    Raises:
        IndexFileError: it can't be written.
    """
    content = {
        **{
            name: getattr(manifest, name)
            for name in (
                "database_id",
                "revision",
                "stamp",
                "generation",
                "history_from",
                "next_opinion_id",
                "next_hash_id",
            )
        },
        "digests": [_level(one) for one in manifest.digests],
        "vectors": [_level(one) for one in manifest.vectors],
        "hashes": [
            [one.name, one.folder, one.entries, [_listed(file) for file in one.files]]
            for one in manifest.hashes
        ],
        "crowds": [[name, one.limit, one.floor] for name, one in manifest.crowds.items()],
    }
    meta: dict[str, int | str] = {"layout": LAYOUT, "content": json.dumps(content)}
    with SectionWriter(folder / MANIFEST, kind=KIND, meta=meta) as writer:
        writer.write("withdrawn.opinions", manifest.withdrawn_opinions)
        writer.write("withdrawn.hashes", manifest.withdrawn_hashes)
        for place, crowd in enumerate(manifest.crowds.values()):
            writer.write(f"crowd.{place}.ids", crowd.ids)
            writer.write(f"crowd.{place}.counts", crowd.counts)


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a folder as it stands now, checked.

    Raises:
        IndexFileError: there is none. IndexVersionError: a newer one. IndexCorruptError: it is
            not what the format says.
    """
    with open_sections(folder / MANIFEST, kind=KIND) as file:
        file.ensure_verified()
        layout = file.meta.get("layout")
        if layout != LAYOUT:
            raise IndexVersionError(f"{file.path}: expected layout {LAYOUT}, got {layout!r}")
        try:
            return _parsed(file, json.loads(str(file.meta.get("content"))))
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise IndexCorruptError(
                f"{file.path}: the manifest is not what its format says: {error}"
            ) from error


def _parsed(file: SectionFile, content: Any) -> Manifest:
    crowds = {}
    for place, (name, limit, floor) in enumerate(content["crowds"]):
        ids, counts = _ids(file, f"crowd.{place}.ids"), _ids(file, f"crowd.{place}.counts")
        if len(ids) != len(counts):
            raise ValueError(f"crowd of {name}: {len(ids)} ids and {len(counts)} counts")
        crowds[_text(name)] = Crowd(_number(limit), _number(floor), ids, counts)
    return Manifest(
        database_id=_text(content["database_id"]),
        revision=_number(content["revision"]),
        stamp=_text(content["stamp"]),
        generation=_number(content["generation"]),
        history_from=_number(content["history_from"]),
        next_opinion_id=_number(content["next_opinion_id"]),
        next_hash_id=_number(content["next_hash_id"]),
        digests=tuple(_read_level(one) for one in content["digests"]),
        vectors=tuple(_read_level(one) for one in content["vectors"]),
        hashes=tuple(
            Folder(
                _text(name),
                _folder_name(folder),
                _number(entries),
                tuple(_read_listed(one) for one in files),
            )
            for name, folder, entries, files in content["hashes"]
        ),
        withdrawn_opinions=_ids(file, "withdrawn.opinions"),
        withdrawn_hashes=_ids(file, "withdrawn.hashes"),
        crowds=crowds,
    )


def _level(level: Level) -> list[Any]:
    return [level.name, level.first_id, level.entries, _listed(level.file)]


def _listed(file: Listed) -> list[Any]:
    return [file.name, file.n_bytes, file.checksum]


def _read_level(value: Any) -> Level:
    name, first_id, entries, file = value
    return Level(_text(name), _number(first_id), _number(entries), _read_listed(file))


def _read_listed(value: Any) -> Listed:
    name, n_bytes, checksum = value
    if not _NAME.fullmatch(_text(name)):
        raise ValueError(f"expected the name of a file in this folder, got {name!r}")
    return Listed(name, _number(n_bytes), _text(checksum))


def _folder_name(value: Any) -> str:
    if not _NAME.fullmatch(f"{_text(value)}.hmx"):
        raise ValueError(f"expected the name of a folder in this folder, got {value!r}")
    return str(value)


def _ids(file: SectionFile, name: str) -> Ids:
    array = file[name]
    if array.dtype != np.int64 or array.ndim != 1:
        raise ValueError(f"{name}: expected int64 (n,), got {array.dtype} {array.shape}")
    return np.array(array)


def _number(value: Any) -> int:
    if type(value) is not int or not 0 <= value < 2**63:
        raise ValueError(f"expected a number from 0 up, got {value!r}")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"expected text, got {value!r}")
    return value
