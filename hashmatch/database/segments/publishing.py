"""Publishing: the store's newest revision becomes files, all of them or none.

New files are written beside the old ones, then the manifest is replaced, then the old files are
removed. However it ends, the manifest that is there names files that are there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter

import numpy as np
from sqlalchemy import Connection

from hashmatch.database.segments import files, narrow_rows
from hashmatch.database.segments.hash_folders import HashFolders
from hashmatch.database.segments.levels import (
    VECTORS_A_FILE,
    VectorLevels,
    first_to_read,
    kept_below,
    write_digests,
)
from hashmatch.database.segments.manifest import (
    MANIFEST,
    Ids,
    Level,
    Manifest,
    read_manifest,
    write_manifest,
)
from hashmatch.database.segments.opening import why_not
from hashmatch.database.segments.places import publishing
from hashmatch.errors import IndexFileError
from hashmatch.index.file_format import HEADER, open_sections

_WITHDRAWN_SHARE = 4
"""Where one entry in so many is withdrawn, everything is built anew."""


@dataclass(frozen=True, slots=True)
class Published:
    """What a publication did.

    Attributes:
        manifest: what stands there now.
        how: "unchanged", "extended", or "built": from nothing.
        reason: why what was there could not be extended; None where it was, or nothing was there.
        seconds: that it took.
    """

    manifest: Manifest
    how: str
    reason: str | None
    seconds: float


def publish(connection: Connection, folder: Path, *, whole: bool = False) -> Published:
    """Bring the folder to the revision that this read transaction sees.

    Args:
        connection: a read transaction.
        folder: made if it is not there. Another publisher is waited for.
        whole: build everything anew.

    Raises:
        IndexFileError: the folder can't be written; what was published before stands.
        DatabaseError: the database can't be read.
    """
    start = perf_counter()
    with publishing(folder):
        before, reason = (None, None) if whole else _extendable(folder, connection)
        database_id, revision = narrow_rows.identity_of(connection)
        if before is not None and before.revision >= revision:
            return Published(before, "unchanged", None, perf_counter() - start)
        now = narrow_rows.marks_now(connection)
        base = Manifest(
            database_id=database_id,
            revision=revision,
            stamp=narrow_rows.stamp_of(connection, revision),
            generation=_next_generation(folder, before),
            history_from=narrow_rows.history_of(connection),
            next_opinion_id=now.next_opinion_id,
            next_hash_id=now.next_hash_id,
        )
        manifest = None if before is None else _extended(connection, folder, before, base)
        how = "built" if manifest is None else "extended"
        manifest = manifest or _built(connection, folder, base)
        write_manifest(folder, manifest)
        files.forget_unlisted(folder, manifest)
    return Published(manifest, how, reason, perf_counter() - start)


def _extendable(folder: Path, connection: Connection) -> tuple[Manifest | None, str | None]:
    """What is there if all of it is sound and of this database; else why not."""
    if not (folder / MANIFEST).exists():
        return None, None
    try:
        manifest = read_manifest(folder)
        reason = why_not(manifest, connection)
        if reason is None and manifest.history_from != narrow_rows.history_of(connection):
            reason = "rows were purged since: what is left of them goes too"
        if reason is None:
            files.require(folder, manifest)
            for file in manifest.files:
                _verify(folder / file.name)
            return manifest, None
    except IndexFileError as error:
        reason = str(error)
    return None, reason


def _verify(path: Path) -> None:
    with path.open("rb") as file:
        kind = HEADER.unpack(file.read(HEADER.size))[4].rstrip(b"\0").decode("ascii", "replace")
    with open_sections(path, kind=kind) as sections:
        sections.verify()


def _next_generation(folder: Path, before: Manifest | None) -> int:
    """A number that no file in the folder has, whatever a killed publisher left there."""
    used = [0 if before is None else before.generation]
    for path in folder.iterdir():
        used += [int(part) for part in path.stem.split("-") if part.isdecimal() and len(part) < 18]
    return max(used) + 1


def _built(connection: Connection, folder: Path, base: Manifest) -> Manifest:
    digests = narrow_rows.stated_digests(connection, 0)
    levels = tuple(write_digests(digests, folder, base.generation, 0))
    vectors: dict[str, VectorLevels] = {}
    hashes = HashFolders(connection, folder, base.generation)
    for name, ids, values in narrow_rows.matchable_hashes(connection, 0):
        if name in narrow_rows.VECTORS:
            if name not in vectors:
                vectors[name] = VectorLevels(name, folder, base.generation, 0)
            vectors[name].add(ids, values)
        else:
            hashes.add(name, ids, values)
    for written in vectors.values():
        written.flush()
    folders, crowds = hashes.finish()
    return replace(
        base,
        digests=levels,
        vectors=tuple(level for written in vectors.values() for level in written.levels),
        hashes=folders,
        crowds=crowds,
    )


def _extended(
    connection: Connection, folder: Path, before: Manifest, base: Manifest
) -> Manifest | None:
    """What was there and what came since; None where it is better built anew."""
    new = narrow_rows.marks_after(connection, before.revision)
    gone_opinions = narrow_rows.withdrawn_opinions(
        connection, before.revision, before.next_opinion_id
    )
    gone_hashes = narrow_rows.withdrawn_hashes(connection, before.revision, before.next_hash_id)
    withdrawn = np.union1d(before.withdrawn_opinions, gone_opinions)
    stored = max((level.entries for level in before.digests), default=0)
    if len(withdrawn) * _WITHDRAWN_SHARE > max(stored, 1):
        return None
    first = first_to_read(
        before.digests,
        new.next_opinion_id,
        before.next_opinion_id,
        base.next_opinion_id - new.next_opinion_id,
    )
    digests = kept_below(before.digests, first)
    if base.next_opinion_id > first:
        blocks = narrow_rows.stated_digests(connection, first)
        digests += write_digests(blocks, folder, base.generation, first)
    vectors: list[Level] = []
    withdrawn_vectors = before.withdrawn_hashes
    first_vector = base.next_hash_id
    for name in sorted(narrow_rows.VECTORS):
        levels, first_vector = _more_vectors(connection, folder, before, base, name)
        vectors += levels
        gone = gone_hashes.get(name, np.empty(0, np.int64))
        withdrawn_vectors = np.union1d(withdrawn_vectors, gone)
    hashes = HashFolders(connection, folder, base.generation, before)
    hashes.remove(gone_hashes, first_new=new.next_hash_id, end=before.next_hash_id)
    for name, ids, values in narrow_rows.matchable_hashes(connection, new.next_hash_id):
        if name in narrow_rows.HAMMING:
            hashes.add(name, ids, values)
    folders, crowds = hashes.finish()
    return replace(
        base,
        digests=tuple(digests),
        vectors=tuple(vectors),
        hashes=folders,
        withdrawn_opinions=_below(withdrawn, first),
        withdrawn_hashes=_below(withdrawn_vectors, first_vector),
        crowds=crowds,
    )


def _more_vectors(
    connection: Connection, folder: Path, before: Manifest, base: Manifest, name: str
) -> tuple[list[Level], int]:
    """The levels of one algorithm, and the id from which on they hold nothing withdrawn."""
    new = narrow_rows.marks_after(connection, before.revision)
    levels = [level for level in before.vectors if level.name == name]
    first = first_to_read(
        levels,
        new.next_hash_id,
        before.next_hash_id,
        base.next_hash_id - new.next_hash_id,
        largest=VECTORS_A_FILE // 2,
    )
    written = VectorLevels(name, folder, base.generation, first)
    if base.next_hash_id > first:
        for _, ids, values in narrow_rows.matchable_hashes(connection, first, name):
            written.add(ids, values)
        written.flush()
    return [*kept_below(levels, first), *written.levels], first


def _below(ids: Ids, first: int) -> Ids:
    return np.asarray(ids[ids < first], dtype=np.int64)
