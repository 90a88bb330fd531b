"""The stored statements near some digests: all that their media can depend on.

Hostile lists put a million SHA-1 under one MD5, or chain statements without end. Neither is
followed: more than four triples that share a digest contradict each other, so five decide that
it is ambiguous, and nothing farther than twice ``identity.REACH`` matters.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from sqlalchemy import Connection

from hashmatch.database.identity import COLUMNS, REACH, Stated, Token, exact_key, tokens, union
from hashmatch.store import is_postgres, select_in

MAX_HOLDERS = 5
"""Media or triples of one digest that are looked at: five of them always contradict."""
_HORIZON = 2 * REACH

# Each spelled so that its planner stops at the first few media of a digest.
_LIVE_MEDIA = """
SELECT wanted.k0, media.id, media.md5, media.sha1, media.sha256
FROM wanted CROSS JOIN media
WHERE media.id IN (
    SELECT near.id FROM media AS near
    WHERE near.{column} = wanted.k0 AND near.retired_revision IS NULL
    ORDER BY near.id LIMIT ?
)"""
_LIVE_MEDIA_OF_EACH = """
SELECT wanted.k0, near.id, near.md5, near.sha1, near.sha256
FROM wanted CROSS JOIN LATERAL (
    SELECT media.id, media.md5, media.sha1, media.sha256 FROM media
    WHERE media.{column} = wanted.k0 AND media.retired_revision IS NULL
    ORDER BY media.id LIMIT ?
) AS near"""

_EXACT_MEDIA = """
SELECT media.exact_key, media.id
FROM wanted CROSS JOIN media
WHERE media.exact_key = wanted.k0 AND media.retired_revision IS NULL"""

_ACTIVE_TRIPLES = """
SELECT DISTINCT opinion.media_id, stated_md5, stated_sha1, stated_sha256
FROM wanted CROSS JOIN opinion
WHERE opinion.media_id = wanted.k0 AND opinion.withdrawn_revision IS NULL"""


@dataclass(slots=True)
class Neighbourhood:
    """Triples around the seeds.

    Attributes:
        depth: shared digests between a triple and the nearest seed; seeds have 0.
        media: where the stored ones among them belong now.
        ambiguous: digests whose holders contradict each other directly. Whatever changes
            elsewhere, they join nothing, so the search does not pass through them.
    """

    depth: dict[Stated, int]
    media: dict[Stated, int] = field(default_factory=dict)
    ambiguous: set[Token] = field(default_factory=set)


def live_media(
    connection: Connection, wanted: Iterable[Token]
) -> Iterator[tuple[Token, int, Stated]]:
    """Up to ``MAX_HOLDERS`` live media of each digest: (digest, media id, its digests)."""
    by_place: dict[int, list[bytes]] = defaultdict(list)
    for place, value in wanted:
        by_place[place].append(value)
    statement = _LIVE_MEDIA_OF_EACH if is_postgres(connection) else _LIVE_MEDIA
    for place, values in by_place.items():
        sql = statement.format(column=COLUMNS[place])
        keys = [(value,) for value in sorted(values)]
        for value, media_id, *digests in select_in(connection, sql, keys, (MAX_HOLDERS,)):
            yield (place, value), media_id, (digests[0], digests[1], digests[2])


def exact_media(connection: Connection, keys: Iterable[bytes]) -> dict[bytes, int]:
    """The live media of each ``exact_key`` that has one."""
    wanted = [(key,) for key in sorted(keys)]
    return dict(select_in(connection, _EXACT_MEDIA, wanted))


def active_triples(
    connection: Connection, media_ids: Iterable[int]
) -> Iterator[tuple[int, Stated]]:
    """The different triples that active statements of these media state."""
    keys = [(media_id,) for media_id in sorted(media_ids)]
    for media_id, md5, sha1, sha256 in select_in(connection, _ACTIVE_TRIPLES, keys):
        yield media_id, (md5, sha1, sha256)


def explore(connection: Connection, seeds: Iterable[Stated]) -> Neighbourhood:
    """Read what the media of the seeds, and of all that the seeds change, depend on.

    Call it while the database lacks the seeds: before statements are added, after they are
    withdrawn. Then no digest that mattered before or matters after counts as ambiguous.
    """
    near = Neighbourhood(depth=dict.fromkeys(seeds, 0))
    seen_tokens: set[Token] = set()
    triples_of: dict[int, list[Stated]] = {}
    frontier = list(near.depth)
    for depth in range(1, _HORIZON + 1):
        fresh = {token for stated in frontier for token in tokens(stated)} - seen_tokens
        if not fresh:
            break
        seen_tokens |= fresh
        holders: dict[Token, list[int]] = defaultdict(list)
        for token, media_id, _ in live_media(connection, fresh):
            holders[token].append(media_id)
        followed = [token for token in holders if len(holders[token]) < MAX_HOLDERS]
        near.ambiguous.update(token for token in holders if len(holders[token]) >= MAX_HOLDERS)
        unread = {media_id for token in followed for media_id in holders[token]} - set(triples_of)
        for media_id in unread:
            triples_of[media_id] = []
        for media_id, stated in active_triples(connection, unread):
            triples_of[media_id].append(stated)
        frontier = []
        for token in followed:
            place, value = token
            bucket = [
                (stated, media_id)
                for media_id in holders[token]
                for stated in triples_of[media_id]
                if stated[place] == value
            ]
            if union(stated for stated, _ in bucket) is None:
                near.ambiguous.add(token)
                continue
            for stated, media_id in bucket:
                near.media[stated] = media_id
                if stated not in near.depth:
                    near.depth[stated] = depth
                    frontier.append(stated)
    _find_lone_seeds(connection, near)
    return near


def _find_lone_seeds(connection: Connection, near: Neighbourhood) -> None:
    """Seeds that are stored already but have ambiguous digests only: found by their exact key."""
    lone = {
        exact_key(seed): seed
        for seed, depth in near.depth.items()
        if depth == 0 and seed not in near.media and near.ambiguous.issuperset(tokens(seed))
    }
    for key, media_id in exact_media(connection, lone).items():
        near.media[lone[key]] = media_id
