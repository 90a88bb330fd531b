"""The database's face for known sets: lists of harmless files, by which a file can be ignored."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import Connection

from hashmatch.database.acting import AUDIT_LOG, current_actor
from hashmatch.database.known_sets import (
    KnownSet,
    MadeSet,
    files_as_text,
    known_folder,
    make_set,
    open_known,
    registered,
    sha256_of,
)
from hashmatch.database.list_file import ListFile
from hashmatch.database.opened import OpenedStore
from hashmatch.database.segments.places import publishing
from hashmatch.database.views import ILLEGAL
from hashmatch.errors import DatabaseError, IndexCorruptError, IndexFileError, InputError
from hashmatch.store import encode_text, insert_rows, next_id, raise_revision, run, schema, stream
from hashmatch.types import DIGEST_BYTES

_BLOCK = 4096
_GRAVE = f"""
SELECT media_id, stated_md5, stated_sha1, stated_sha256 FROM opinion
WHERE withdrawn_revision IS NULL
    AND (label IN ({", ".join(repr(label.value) for label in sorted(ILLEGAL))}) OR baseline)
ORDER BY id"""  # noqa: S608 - made of constants here

Given = str | PathLike[str]


class Known(OpenedStore):
    """Known sets; part of ``Database``."""

    def known_sets(self) -> list[KnownSet]:
        """What is registered, by name."""
        with self._store.reading() as connection:
            return registered(connection)

    def add_known_set(
        self,
        name: str,
        paths: Sequence[Given],
        *,
        format: str = "auto",
        replace: bool = False,
        actor: str | None = None,
    ) -> KnownSet:
        """Make a set of the digests of known, harmless files, and register it.

        A file that is in it is answered KNOWN_IGNORABLE, unless an opinion says otherwise.

        Args:
            name: of the set.
            paths: lists of any format that ``hashmatch.exchange.digest_blocks`` reads.
            format: as for ``open_reader``.
            replace: take the place of the set of this name, if there is one.
            actor: for the audit log; by default the operating system's account.

        Raises:
            InputError: an empty name, one that is taken, no list, or one without digests.
            ExchangeError: a list can't be read.
            IndexFileError: the files beside the database can't be written.
        """
        if not isinstance(name, str) or not name.strip():
            raise InputError(f"name: expected a name, got {name!r}")
        lists = _measured(paths)
        with self._known_folder() as (folder, taken):
            if name in taken and not replace:
                raise InputError(f"name: expected a new one, there is a known set {name!r}")
            mark = os.urandom(8).hex()
            names = {digest: f"{mark}-{digest}.hmx" for digest in DIGEST_BYTES}
            try:
                made = make_set(lists, folder, names, format=format)
                with self._store.writing() as connection:
                    added = _register(connection, folder, name, lists, made, current_actor(actor))
            except BaseException:
                for file in names.values():
                    with suppress(OSError):
                        (folder / file).unlink(missing_ok=True)
                raise
        return added

    def remove_known_set(self, name: str, *, actor: str | None = None) -> KnownSet:
        """Forget a known set; its files are deleted.

        Raises:
            InputError: there is none of that name.
        """
        with self._known_folder(), self._store.writing() as connection:
            removed = _named(registered(connection), name)
            run(connection, "DELETE FROM known_set WHERE id = ?", (removed.set_id,))
            _log(connection, current_actor(actor), "known_remove", removed.to_dict())
        return removed

    def restore_known_set(
        self, name: str, paths: Sequence[Given], *, format: str = "auto"
    ) -> KnownSet:
        """Make the files of a registered set again, from the lists that it was made from.

        For files that were lost or damaged, and for each further machine that uses a database on a
        server: nothing is registered anew.

        Raises:
            InputError: there is no set of that name.
            IndexCorruptError: the lists make other files than those that are registered.
        """
        wanted = _named(self.known_sets(), name)
        lists = _measured(paths)
        with self._known_folder() as (folder, _):
            mark = os.urandom(8).hex()
            names = {digest: f"{mark}-{digest}.hmx" for digest in DIGEST_BYTES}
            try:
                made = make_set(lists, folder, names, format=format)
                found = {digest: file.sha256 for digest, file in made.files.items()}
                if found != {digest: file.sha256 for digest, file in wanted.files.items()}:
                    raise IndexCorruptError(
                        f"known set {name!r}: expected the lists that it was made from, these "
                        "make other files"
                    )
                for digest, file in made.files.items():
                    (folder / file.name).replace(folder / wanted.files[digest].name)
            finally:
                for left in names.values():
                    (folder / left).unlink(missing_ok=True)
        return wanted

    def check_known_sets(self) -> dict[str, str | None]:
        """What is wrong with the files of each known set, None where nothing is: reads them all."""
        with self._store.reading() as connection:
            folder, known = known_folder(self._store, connection), registered(connection)
        return {one.name: _problem(folder, one) for one in known}

    @contextmanager
    def _known_folder(self) -> Iterator[tuple[Path, set[str]]]:
        """The folder, for one process at a time, and the names of the sets.

        At the end, files that no set has are deleted: of sets that were removed or replaced, and
        what a killed process left. Who has one mapped goes on with it.
        """
        if self._store.read_only:
            raise DatabaseError(f"{self._store.where}: opened read-only, nothing can be written")
        with self._store.reading() as connection:
            folder = known_folder(self._store, connection)
        with publishing(folder):
            yield folder, {one.name for one in self.known_sets()}
            kept = {file.name for one in self.known_sets() for file in one.files.values()}
            for path in folder.iterdir():
                if path.name.endswith((".hmx", ".part")) and path.name not in kept:
                    path.unlink(missing_ok=True)


def _measured(paths: Sequence[Given]) -> list[ListFile]:
    if isinstance(paths, (str, PathLike)) or not paths:
        raise InputError(f"paths: expected one list or more, got {paths!r}")
    return [ListFile.measure(path) for path in paths]


def _named(known: Sequence[KnownSet], name: str) -> KnownSet:
    for one in known:
        if one.name == name:
            return one
    raise InputError(f"name: expected a known set, got {name!r}")


def _register(
    connection: Connection,
    folder: Path,
    name: str,
    lists: Sequence[ListFile],
    made: MadeSet,
    actor: str,
) -> KnownSet:
    for one in registered(connection):
        if one.name == name:
            run(connection, "DELETE FROM known_set WHERE id = ?", (one.set_id,))
    sums = [one.sha256 for one in lists]
    added = KnownSet(
        set_id=next_id(connection, schema.known_set),
        name=name,
        list_name=", ".join(one.name for one in lists),
        records=made.records,
        actor=actor,
        added_at=datetime.now(UTC).isoformat(timespec="microseconds"),
        overlap=0,
        files=made.files,
        refused=dict(made.refused),
    )
    added = replace(added, overlap=_overlap(connection, folder, added))
    row = (
        added.set_id,
        encode_text(name),
        encode_text(added.list_name),
        sums[0] if len(sums) == 1 else hashlib.sha256(b"".join(sums)).digest(),
        added.records,
        encode_text(actor),
        added.added_at,
        added.overlap,
        files_as_text(made.files, made.refused),
    )
    insert_rows(connection, schema.known_set, [row])
    details = {
        **added.to_dict(),
        "lists": [one.to_dict() for one in lists],
        "files": {digest: file.sha256 for digest, file in made.files.items()},
    }
    _log(connection, actor, "known_add", details)
    return added


def _log(connection: Connection, actor: str, action: str, details: dict[str, Any]) -> None:
    """An answer depends on known sets: a change of them is a revision."""
    revision = raise_revision(
        connection,
        action="known",
        first_opinion_id=next_id(connection, schema.opinion),
        first_hash_id=next_id(connection, schema.hash_value),
    )
    AUDIT_LOG.append(connection, actor=actor, action=action, revision=revision, details=details)


def _overlap(connection: Connection, folder: Path, known: KnownSet) -> int:
    """Media that an active opinion calls illegal and that the set has too."""
    sets = {digest: open_known(folder, file) for digest, file in known.files.items()}
    found: set[int] = set()
    for rows in stream(connection, _GRAVE, block=_BLOCK):
        for place, (digest, width) in enumerate(DIGEST_BYTES.items(), start=1):
            stated = [(row[0], row[place]) for row in rows if row[place] is not None]
            if not stated or digest not in sets:
                continue
            packed = np.frombuffer(b"".join([value for _, value in stated]), dtype=np.uint8)
            hits = sets[digest].contains(packed.reshape(len(stated), width))
            found.update(stated[int(hit)][0] for hit in np.flatnonzero(hits))
    return len(found)


def _problem(folder: Path, known: KnownSet) -> str | None:
    for file in known.files.values():
        try:
            open_known(folder, file).close()
            if sha256_of(folder / file.name) != file.sha256:
                return f"{folder / file.name}: expected SHA-256 {file.sha256}, got another"
        except IndexFileError as error:
            return str(error)
    return None
