"""The national database as plain Python: what sources say now, what was said at each revision.

Slow and obvious; read off docs/database.md, with no thought of tables.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

Triple = tuple[int | None, int | None, int | None]
"""Numbers of the synthetic MD5, SHA-1 and SHA-256 that a record states."""
Said = tuple[str, str, Triple, str]
"""Source, record key, digests, label: one statement."""
Media = frozenset[Said]
"""All that is said of one file."""


def grouped(said: Iterable[Said]) -> frozenset[Media]:
    """Which statements are about one file."""
    groups: set[Media] = set()
    by_triple: dict[Triple, set[Said]] = {}
    for one in said:
        by_triple.setdefault(one[2], set()).add(one)
    groups = {frozenset(same) for same in by_triple.values()}
    for place in (2, 1, 0):  # SHA-256, SHA-1, MD5
        values = {one[2][place] for group in groups for one in group} - {None}
        for value in values:
            holders = {g for g in groups if any(one[2][place] == value for one in g)}
            together = frozenset(one for group in holders for one in group)
            if all(len({one[2][k] for one in together} - {None}) <= 1 for k in range(3)):
                groups = (groups - holders) | {together}
    return frozenset(groups)


@dataclass
class NationalModel:
    """What is said, and what was said at each revision."""

    active: set[Said] = field(default_factory=set)
    revisions: list[frozenset[Said]] = field(default_factory=lambda: [frozenset()])

    @property
    def revision(self) -> int:
        return len(self.revisions) - 1

    def at(self, revision: int) -> frozenset[Media]:
        """The media of one revision."""
        return grouped(self.revisions[revision])

    def take(
        self,
        source: str,
        listed: Iterable[tuple[str, Triple, str]],
        *,
        deleted: Iterable[str] = (),
        complete: bool = False,
    ) -> None:
        """A list: what its keys said before is replaced, what a complete one lacks is gone."""
        new = {(source, *entry) for entry in listed}
        named = {entry[1] for entry in new} | set(deleted)
        gone = {
            one
            for one in self.active
            if one[0] == source and one not in new and (complete or one[1] in named)
        }
        self._become((self.active - gone) | new)

    def withdraw(self, source: str, key: str) -> None:
        self._become({one for one in self.active if one[:2] != (source, key)})

    def _become(self, said: set[Said]) -> None:
        if said != self.active:
            self.active = said
            self.revisions.append(frozenset(said))
