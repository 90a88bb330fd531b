"""Which statements speak of the same file: a function of the set of statements, not of its order.

A statement's identity is the triple of digests that it states. Triples become media in stages,
strongest digest first. In each stage, all groups that hold the same value of that digest become
one group if no two of them contradict each other in any digest; if any two do, that value is
*ambiguous* and joins nothing. So

- a SHA-256 or SHA-1 joins what states it, unless statements disagree about the rest;
- an MD5 alone joins only where everything under it can be one file: two SHA-1 under one MD5
  stay two media, and a statement of that MD5 alone is a third;
- a statement with digests of two groups makes them one.

A group holds at most one value of each digest, hence at most seven different triples, and which
one a triple belongs to depends only on triples at most ``REACH`` shared digests away: that is
what lets ``placing`` keep the partition exact without reading the whole database.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable

Stated = tuple[bytes | None, bytes | None, bytes | None]
"""The digests of one statement: MD5, SHA-1, SHA-256."""
Token = tuple[int, bytes]
"""One digest: its place in ``Stated`` and its value."""

COLUMNS = ("md5", "sha1", "sha256")
NOTHING_STATED: Stated = (None, None, None)
REACH = 7
"""Shared digests between a triple and the farthest one that its group can depend on.

A group of stage SHA-256 depends on triples 1 away; one of stage SHA-1 on their SHA-1's triples
(2) and the groups of those (3); one of stage MD5 on the MD5's triples (4) and their groups (7).
"""


def tokens(stated: Stated) -> list[Token]:
    """The digests that are there."""
    md5, sha1, sha256 = stated
    found = [] if md5 is None else [(0, md5)]
    if sha1 is not None:
        found.append((1, sha1))
    if sha256 is not None:
        found.append((2, sha256))
    return found


def contradict(one: Stated, other: Stated) -> bool:
    """Whether both know a digest and give different values."""
    return any(a is not None and b is not None and a != b for a, b in zip(one, other, strict=True))


def union(members: Iterable[Stated]) -> Stated | None:
    """What the members state together, or None where two of them contradict each other."""
    known: list[bytes | None] = [None, None, None]
    for stated in members:
        for place, value in enumerate(stated):
            if value is None:
                continue
            if known[place] is not None and known[place] != value:
                return None
            known[place] = value
    return (known[0], known[1], known[2])


def exact_key(stated: Stated) -> bytes:
    """Key of a media that is found by all its digests together because each is ambiguous."""
    text = ",".join("" if value is None else value.hex() for value in stated)
    return hashlib.sha256(b"digests:" + text.encode("ascii")).digest()[:16]


def hash_set_key(hashes: Iterable[tuple[str, bytes]]) -> bytes:
    """Key of a media without digests: the set of its perceptual hashes (algorithm, value).

    A set and not any one hash: pictures of one colour share hashes and are not one file.
    """
    text = ",".join(f"{algorithm}={value.hex()}" for algorithm, value in sorted(set(hashes)))
    return hashlib.sha256(b"hashes:" + text.encode("ascii")).digest()[:16]


def partition(
    stated: Collection[Stated], ambiguous: Collection[Token] = ()
) -> list[tuple[Stated, frozenset[Stated]]]:
    """Group triples into media.

    Args:
        stated: the triples; each must have at least one digest.
        ambiguous: digests known to be ambiguous because of triples that are not in ``stated``.

    Returns:
        For each media its digests (the union) and the triples that belong to it.
    """
    groups = [(triple, frozenset((triple,))) for triple in set(stated)]
    for place in (2, 1, 0):
        groups = _join(groups, place, ambiguous)
    return groups


def _join(
    groups: list[tuple[Stated, frozenset[Stated]]], place: int, ambiguous: Collection[Token]
) -> list[tuple[Stated, frozenset[Stated]]]:
    joined = []
    by_value: dict[bytes, list[tuple[Stated, frozenset[Stated]]]] = defaultdict(list)
    for group in groups:
        value = group[0][place]
        if value is None or (place, value) in ambiguous:
            joined.append(group)
        else:
            by_value[value].append(group)
    for holders in by_value.values():
        digests = union(digests for digests, _ in holders)
        if digests is None:
            joined.extend(holders)
        else:
            joined.append((digests, frozenset().union(*(members for _, members in holders))))
    return joined
