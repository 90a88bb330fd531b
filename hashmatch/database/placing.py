"""Giving statements their media, and keeping the stored partition equal to ``identity``'s.

Most statements are easy: no stored media shares a digest with them, or exactly one does and
nothing contradicts. The rest goes through ``resolve``, which reads a neighbourhood, groups it
anew, and merges and splits media. Media ids are stable: a group keeps the lowest id that its
members had, and the better identified group keeps the id in a split.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from hashmatch.database.identity import (
    COLUMNS,
    NOTHING_STATED,
    REACH,
    Stated,
    Token,
    exact_key,
    partition,
    tokens,
    union,
)
from hashmatch.database.neighbourhood import Neighbourhood, exact_media, explore, live_media
from hashmatch.store import insert_rows, next_id, run_many
from hashmatch.store.schema import media as media_table

Group = tuple[Stated, frozenset[Stated]]

_NEW_MEDIA = ("id", *COLUMNS, "exact_key", "first_revision", "since_revision")
_KEEP_MEDIA = """
INSERT INTO media_history
    (media_id, from_revision, until_revision, md5, sha1, sha256, exact_key)
SELECT id, since_revision, ?, md5, sha1, sha256, exact_key FROM media
WHERE id = ? AND since_revision < ? AND retired_revision IS NULL"""
_MOVED = """media_id = ? AND withdrawn_revision IS NULL
    AND stated_md5 IS ? AND stated_sha1 IS ? AND stated_sha256 IS ?"""
_MOVE = f"UPDATE opinion SET media_id = ? WHERE {_MOVED}"  # noqa: S608 - made of constants here
# An opinion that one revision moves twice was where the first move found it.
_KEEP_PLACE = f"""
WITH now(revision) AS (SELECT ?)
INSERT INTO opinion_history (opinion_id, media_id, until_revision)
SELECT opinion.id, media_id, now.revision FROM now CROSS JOIN opinion
WHERE {_MOVED} AND first_revision < now.revision AND NOT EXISTS (
    SELECT 1 FROM opinion_history AS kept
    WHERE kept.opinion_id = opinion.id AND kept.until_revision = now.revision)"""  # noqa: S608 - made of constants here


@dataclass(frozen=True, slots=True)
class Placement:
    """Media ids of added triples, and how many of these media nobody had stated before."""

    media: dict[Stated, int]
    created: int


class MediaPlacer:
    """Places the statements of one write transaction."""

    def __init__(self, connection: Connection, *, revision: int) -> None:
        self._connection = connection
        self._revision = revision
        self._next_id = next_id(connection, media_table)

    def place_new(self, statements: Sequence[tuple[Stated, bytes | None]]) -> int:
        """Media for statements that share no digest, and no hash set, with any other one.

        Args:
            statements: the digests of each, and its ``hash_set_key`` where it has none.

        Returns:
            The first one's media id; the others follow in order.
        """
        first = self._next_id
        self._next_id += len(statements)
        self._insert_media(
            (stated, key, media_id) for media_id, (stated, key) in enumerate(statements, first)
        )
        return first

    def place_hash_sets(self, keys: Collection[bytes]) -> tuple[dict[bytes, int], int]:
        """Media of records without digests, by ``hash_set_key``; and how many are new."""
        found = exact_media(self._connection, keys)
        new = {key: self._new_id() for key in sorted(set(keys) - set(found))}
        self._insert_media([(NOTHING_STATED, key, media_id) for key, media_id in new.items()])
        return {**found, **new}, len(new)

    def place_easy(self, added: Collection[Stated]) -> tuple[Placement, list[Stated]]:
        """Place the triples that can't merge or split anything.

        A triple is easy if no other one of ``added`` shares a digest or a media with it, at most
        one live media has any of its digests, and the two do not contradict.

        Returns:
            The placement of the easy ones, and the others. Store the statements of the easy
            ones before the others are resolved: that reads what is stored.
        """
        owner: dict[Token, Stated] = {}
        shared: set[Token] = set()
        for stated in added:
            for token in tokens(stated):
                if owner.setdefault(token, stated) is not stated:
                    shared.add(token)
        digests: dict[int, Stated] = {}
        found: dict[Stated, set[int]] = defaultdict(set)
        for token, media_id, known in live_media(self._connection, owner):
            digests[media_id] = known
            found[owner[token]].add(media_id)
        claims = Counter(media_id for media_ids in found.values() for media_id in media_ids)

        new: dict[Stated, int] = {}
        joined: dict[Stated, int] = {}
        extended: list[tuple[Stated, int]] = []
        hard: list[Stated] = []
        for stated in added:
            if shared and not shared.isdisjoint(tokens(stated)):
                hard.append(stated)
                continue
            media_ids = found.get(stated)
            if media_ids is None:
                new[stated] = self._new_id()
                continue
            media_id = min(media_ids)
            together = union((digests[media_id], stated))
            if len(media_ids) > 1 or claims[media_id] > 1 or together is None:
                hard.append(stated)
                continue
            joined[stated] = media_id
            if together != digests[media_id]:
                extended.append((together, media_id))
        self._insert_media([(stated, None, media_id) for stated, media_id in new.items()])
        self._update_media([(digests, None, media_id) for digests, media_id in extended])
        return Placement({**new, **joined}, created=len(new)), hard

    def resolve(
        self, *, added: Collection[Stated] = (), removed: Collection[Stated] = ()
    ) -> Placement:
        """Group everything anew that the change can affect.

        Args:
            added: triples whose statements are about to be stored.
            removed: triples that no active statement has any more.
        """
        if not added and not removed:
            return Placement({}, created=0)
        near = explore(self._connection, {*added, *removed})
        present = {*near.media, *added}
        # Beyond REACH nothing changes, and what is there may look different from this far away.
        groups = [
            group
            for group in partition(present, near.ambiguous)
            if any(near.depth[stated] <= REACH for stated in group[1])
        ]
        groups.sort(key=_group_order)
        ids, new = self._choose_ids(groups, near)
        lone = _lone_triples(present, near)
        rows = [
            (digests, exact_key(digests) if digests in lone else None, media_id)
            for (digests, _), media_id in zip(groups, ids, strict=True)
        ]
        self._insert_media([row for row in rows if row[2] in new])
        self._update_media([row for row in rows if row[2] not in new])
        placed = {
            stated: media_id
            for (_, members), media_id in zip(groups, ids, strict=True)
            for stated in members
        }
        self._move(near, placed)
        self._retire_vacated(near, placed)
        created = sum(1 for _, members in groups if not members & near.media.keys())
        return Placement({stated: placed[stated] for stated in added}, created)

    def retire(self, media_ids: Iterable[int]) -> None:
        """Mark media that no active statement belongs to any more."""
        ids = list(media_ids)
        self._keep_history(ids)
        run_many(
            self._connection,
            "UPDATE media SET retired_revision = ?, since_revision = ? WHERE id = ?",
            [(self._revision, self._revision, media_id) for media_id in ids],
        )

    def _choose_ids(self, groups: list[Group], near: Neighbourhood) -> tuple[list[int], set[int]]:
        taken: set[int] = set()
        new: set[int] = set()
        ids = []
        for _, members in groups:
            had = {near.media[stated] for stated in members if stated in near.media}
            media_id = min(had - taken, default=None)
            if media_id is None:
                media_id = self._new_id()
                new.add(media_id)
            taken.add(media_id)
            ids.append(media_id)
        return ids, new

    def _move(self, near: Neighbourhood, placed: dict[Stated, int]) -> None:
        moves: list[tuple[Any, ...]] = [
            (placed[stated], media_id, *stated)
            for stated, media_id in near.media.items()
            if stated in placed and placed[stated] != media_id
        ]
        run_many(self._connection, _KEEP_PLACE, [(self._revision, *move[1:]) for move in moves])
        run_many(self._connection, _MOVE, moves)

    def _retire_vacated(self, near: Neighbourhood, placed: dict[Stated, int]) -> None:
        successors: dict[int, int] = {}
        for stated, media_id in near.media.items():
            if stated in placed:
                successor = placed[stated]
                successors[media_id] = min(successors.get(media_id, successor), successor)
        kept = set(placed.values())
        vacated = [
            (successor, media_id)
            for media_id, successor in successors.items()
            if media_id not in kept
        ]
        if vacated:
            run_many(self._connection, "UPDATE media SET merged_into = ? WHERE id = ?", vacated)
            self.retire(media_id for _, media_id in vacated)

    def _new_id(self) -> int:
        self._next_id += 1
        return self._next_id - 1

    def _insert_media(self, rows: Iterable[tuple[Stated, bytes | None, int]]) -> None:
        insert_rows(
            self._connection,
            media_table,
            [
                (media_id, *digests, key, self._revision, self._revision)
                for digests, key, media_id in rows
            ],
            _NEW_MEDIA,
        )

    def _update_media(self, rows: Iterable[tuple[Stated, bytes | None, int]]) -> None:
        values = [(*digests, key, self._revision, media_id) for digests, key, media_id in rows]
        self._keep_history([row[-1] for row in values])
        run_many(
            self._connection,
            "UPDATE media SET md5 = ?, sha1 = ?, sha256 = ?, exact_key = ?, since_revision = ? "
            "WHERE id = ?",
            values,
        )

    def _keep_history(self, media_ids: Iterable[int]) -> None:
        """Note what rows were until this revision, once: what it is between is nobody's answer."""
        rows = [(self._revision, media_id, self._revision) for media_id in media_ids]
        run_many(self._connection, _KEEP_MEDIA, rows)


def _sort_key(stated: Stated) -> tuple[bytes, bytes, bytes]:
    return (stated[0] or b"", stated[1] or b"", stated[2] or b"")


def _group_order(group: Group) -> tuple[bool, bool, bool, tuple[bytes, bytes, bytes]]:
    """Best identified first."""
    md5, sha1, sha256 = group[0]
    return (sha256 is None, sha1 is None, md5 is None, _sort_key(group[0]))


def _lone_triples(present: Collection[Stated], near: Neighbourhood) -> set[Stated]:
    """Triples whose every digest is ambiguous by direct contradiction."""
    holders: dict[Token, list[Stated]] = defaultdict(list)
    for stated in present:
        for token in tokens(stated):
            holders[token].append(stated)
    ambiguous = near.ambiguous | {
        token for token, members in holders.items() if union(members) is None
    }
    return {stated for stated in present if ambiguous.issuperset(tokens(stated))}
