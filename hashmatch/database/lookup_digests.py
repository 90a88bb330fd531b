"""Digests of the database, from the published segments and kept up with its revision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hashmatch.database.following import FollowingLookup
from hashmatch.database.opened import OpenedStore
from hashmatch.database.reading import SnapshotView
from hashmatch.database.segments import narrow_rows
from hashmatch.database.segments.manifest import Manifest
from hashmatch.database.segments.opening import is_worth_opening, open_if_usable
from hashmatch.database.segments.places import folder_of
from hashmatch.index import DigestSet
from hashmatch.types import DIGEST_BYTES, Digests

_RECENT = 1 << 16
"""Digests that are kept one by one before they become a set."""


@dataclass(frozen=True, slots=True)
class DigestsAt:
    """A set that no active opinion's digest is missing from, at ``revision``.

    Digests of opinions withdrawn since they were read may still be in it: a miss is proof, a hit is
    a question to the store.

    Attributes:
        revision: of the database; -1 where nothing was read yet.
        levels: sets by name of the digest.
        recent: the newest digests by name.
    """

    revision: int
    levels: Mapping[str, tuple[DigestSet, ...]]
    recent: Mapping[str, set[bytes]]

    def may_hold(self, digests: Digests) -> bool:
        """False: no active opinion states any of them."""
        for name, value in digests.items():
            raw = bytes.fromhex(value)
            if raw in self.recent[name]:
                return True
            levels = self.levels[name]
            if levels:
                row = np.frombuffer(raw, dtype=np.uint8).reshape(1, -1)
                if any(level.contains(row)[0] for level in levels):
                    return True
        return False

    def may_hold_many(self, name: str, digests: NDArray[np.uint8]) -> NDArray[np.bool_]:
        """The same for many digests of one name, uint8 (n, width): bool (n,)."""
        found = np.zeros(len(digests), dtype=np.bool_)
        for level in self.levels[name]:
            found |= level.contains(digests)
        recent = self.recent[name]
        if recent:
            found |= np.fromiter(
                (row.tobytes() in recent for row in digests), np.bool_, count=len(digests)
            )
        return found


def _nothing() -> DigestsAt:
    """Before anything was read."""
    return DigestsAt(-1, dict.fromkeys(DIGEST_BYTES, ()), {name: set() for name in DIGEST_BYTES})


class DigestLookup(FollowingLookup[DigestsAt]):
    """MD5, SHA-1 and SHA-256 that active opinions state.

    The first ``catch_up`` maps the published segments and reads what came since, or, where there
    are none that can be used, reads all of it. Usable from several threads.
    """

    def __init__(self, db: OpenedStore) -> None:
        super().__init__(db, _nothing())

    @property
    def revision(self) -> int:
        """The database revision that is held; -1 before the first ``catch_up``."""
        return self._state.revision

    def _followed(self, view: SnapshotView) -> DigestsAt:
        connection, before = view.connection, self._state
        folder = folder_of(self._db.store, connection)
        if before.revision < 0 or is_worth_opening(folder, connection, before.revision):
            before = open_if_usable(folder, connection, _take) or _nothing()
        first = 0
        if before.revision >= 0:
            first = narrow_rows.marks_after(connection, before.revision).next_opinion_id
        new: dict[str, list[NDArray[np.uint8]]] = {name: [] for name in DIGEST_BYTES}
        for block in narrow_rows.stated_digests(connection, first):
            for name, (_, digests) in block.items():
                new[name].append(digests)
        levels, recent = dict(before.levels), dict(before.recent)
        for name, blocks in new.items():
            if not blocks:
                continue
            recent[name], level = _joined(recent[name], blocks, DIGEST_BYTES[name])
            if level is not None:
                levels[name] = (*levels[name], level)
        return DigestsAt(view.revision, levels, recent)


def _joined(
    recent: set[bytes], blocks: list[NDArray[np.uint8]], width: int
) -> tuple[set[bytes], DigestSet | None]:
    """The recent digests with new ones; where they become many, a set of their own."""
    count = sum(map(len, blocks))
    if len(recent) + count <= _RECENT:
        # In place: who asks meanwhile may see more than the revision has, never less.
        recent.update(row.tobytes() for block in blocks for row in block)
        return recent, None
    old = np.frombuffer(b"".join(recent), dtype=np.uint8).reshape(-1, width)
    return set(), DigestSet.from_arrays(np.concatenate([old, *blocks]))


def _take(folder: Path, manifest: Manifest) -> DigestsAt:
    levels: dict[str, tuple[DigestSet, ...]] = dict.fromkeys(DIGEST_BYTES, ())
    for level in manifest.digests:
        opened = DigestSet.open(folder / level.file.name)
        opened.contains(np.empty((0, opened.width), dtype=np.uint8))  # checks all of the file
        levels[level.name] = (*levels[level.name], opened)
    return DigestsAt(manifest.revision, levels, {name: set() for name in DIGEST_BYTES})
