"""From all decisions to what holds: later ones win, withdrawn ones do not count."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from hashmatch.triage.bonds import Bonds
from hashmatch.triage.decision import Decision, DecisionKind


@dataclass(frozen=True, slots=True)
class DecisionState:
    """What holds.

    Attributes:
        categories: by SHA-256 in hex, the decision that gives a content its label.
        bonds: of grouping; they do not contradict each other.
        withdrawn: ids of decisions that were withdrawn.
        outdated: ids of decisions of which a later one left nothing.
    """

    categories: Mapping[str, Decision]
    bonds: Bonds
    withdrawn: frozenset[str]
    outdated: frozenset[str]

    @classmethod
    def of(cls, decisions: Iterable[Decision]) -> DecisionState:
        """The state; the order of the decisions makes no difference."""
        withdrawn: set[str] = set()
        outdated: set[str] = set()
        categories: dict[str, Decision] = {}
        bonds = _Bonds()
        for decision in sorted(decisions, key=lambda one: one.order, reverse=True):
            if decision.id in withdrawn:
                continue
            if decision.kind is DecisionKind.WITHDRAW:
                withdrawn.add(decision.withdraws or "")
                continue
            if decision.kind is DecisionKind.CATEGORY:
                counts = False
                for sha256 in decision.contents:
                    counts |= categories.setdefault(sha256, decision) is decision
            elif decision.kind is DecisionKind.SAME:
                counts = bonds.join(decision.contents)
            else:
                counts = bonds.part(*decision.contents)
            if not counts:
                outdated.add(decision.id)
        return cls(categories, bonds.made(), frozenset(withdrawn), frozenset(outdated))

    def counts(self, decision: Decision) -> bool:
        """Whether some of a decision holds."""
        return decision.id not in self.withdrawn and decision.id not in self.outdated


class _Bonds:
    """Takes the latest first; what contradicts one that it has is left out."""

    def __init__(self) -> None:
        self._parent: dict[str, str] = {}
        self._apart: dict[str, set[str]] = {}
        """Between roots, both ways."""
        self._same: list[tuple[str, str]] = []
        self._pairs: list[tuple[str, str]] = []

    def join(self, contents: tuple[str, ...]) -> bool:
        """Bind each to the first one before it that it may be bound to; False: to none."""
        firsts: list[str] = []
        bound = False
        for content in contents:
            for first in firsts:
                if self._unite(first, content):
                    self._same.append((first, content))
                    bound = True
                    break
            else:
                firsts.append(content)
        return bound

    def part(self, first: str, second: str) -> bool:
        """Keep two apart; False: a later decision binds them."""
        one, other = self._root(first), self._root(second)
        if one == other:
            return False
        self._apart.setdefault(one, set()).add(other)
        self._apart.setdefault(other, set()).add(one)
        self._pairs.append((first, second))
        return True

    def made(self) -> Bonds:
        return Bonds(same=tuple(sorted(self._same)), apart=tuple(sorted(self._pairs)))

    def _root(self, content: str) -> str:
        root = content
        while (above := self._parent.get(root, root)) != root:
            root = above
        while (above := self._parent.get(content, content)) != root:
            self._parent[content] = root
            content = above
        return root

    def _unite(self, first: str, second: str) -> bool:
        one, other = sorted((self._root(first), self._root(second)))
        if one == other:
            return True
        if other in self._apart.get(one, ()):
            return False
        self._parent[other] = one
        for apart in self._apart.pop(other, set()):
            self._apart[apart].discard(other)
            self._apart[apart].add(one)
            self._apart.setdefault(one, set()).add(apart)
        return True
