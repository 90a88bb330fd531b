"""What examiners decided: kept for good, respected by later runs, merged from several of them."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from os import PathLike
from pathlib import Path

from hashmatch.errors import CatalogueError, InputError
from hashmatch.triage.bonds import Bonds
from hashmatch.triage.decision import MOST_TEXT, Decision, DecisionKind
from hashmatch.triage.decision_file import FILE_NAME, DecisionFile
from hashmatch.triage.decision_state import DecisionState
from hashmatch.types import Label

_TICK = timedelta(microseconds=1)
_CLOCKS_DIFFER = timedelta(hours=1)
"""How far a colleague's clock may be ahead."""


@dataclass(frozen=True, slots=True)
class MergedDecisions:
    """What a merge did: decisions that were added, and those that were there already."""

    added: int
    there: int


class Decisions:
    """The decisions of one output folder. Open it with ``Decisions.open``.

    All answers are of when the file was read last: by ``open``, ``read`` or an addition.
    """

    def __init__(self, file: DecisionFile, clock: Callable[[], datetime]) -> None:
        self._file = file
        self._clock = clock
        self._state: DecisionState | None = None
        file.read()

    @classmethod
    def open(
        cls,
        folder: str | PathLike[str],
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> Decisions:
        """The decisions in a folder, which need not be there yet.

        Args:
            folder: of the outputs.
            clock: tells the time of additions.

        Raises:
            CatalogueCorruptError: a line other than a torn last one is no decision.
            CatalogueError: the file can't be read.
        """
        return cls(DecisionFile(Path(os.fspath(folder)) / FILE_NAME), clock)

    @property
    def path(self) -> Path:
        return self._file.path

    def __iter__(self) -> Iterator[Decision]:
        """Every decision in the order of the file, withdrawn and outdated ones too."""
        return iter(tuple(self._file.decisions))

    def __len__(self) -> int:
        return len(self._file.decisions)

    def read(self) -> None:
        """Read what others appended."""
        self._file.read()
        self._state = None

    @property
    def state(self) -> DecisionState:
        """What holds now."""
        if self._state is None:
            self._state = DecisionState.of(self._file.decisions)
        return self._state

    @property
    def categories(self) -> Mapping[str, Decision]:
        """For each content, by its SHA-256 in hex, the decision that gives it its label."""
        return self.state.categories

    @property
    def bonds(self) -> Bonds:
        """Which contents are copies and which are none, without a contradiction, for grouping."""
        return self.state.bonds

    def add_same(
        self, contents: Iterable[str], *, examiner: str, note: str = "", paths: Paths = None
    ) -> Decision:
        """Two or more contents are copies of each other.

        Args:
            contents: SHA-256 in hex.
            examiner: who decides.
            paths: for each content, where it lies now; for people.

        Raises:
            InputError: too few contents, no digest, no examiner.
            CatalogueError: the file can't be written.
        """
        return self._add(DecisionKind.SAME, contents, examiner, note, paths)

    def add_not_same(
        self, contents: Iterable[str], *, examiner: str, note: str = "", paths: Paths = None
    ) -> Decision:
        """Two contents are no copies of each other; else as ``add_same``."""
        return self._add(DecisionKind.NOT_SAME, contents, examiner, note, paths)

    def add_category(
        self,
        label: Label,
        contents: Iterable[str],
        *,
        examiner: str,
        note: str = "",
        paths: Paths = None,
        group: bool = False,
    ) -> Decision:
        """Contents have a label; else as ``add_same``.

        Args:
            group: it is said of a whole group, and ``contents`` are all that it covers now. What
                joins the group later is not covered: nobody has seen it.
        """
        return self._add(
            DecisionKind.CATEGORY, contents, examiner, note, paths, label=Label(label), group=group
        )

    def withdraw(self, number: int, *, examiner: str, note: str = "") -> Decision:
        """An earlier decision holds no more; what it had replaced holds again.

        Raises:
            InputError: there is no decision of that number, or no examiner.
            CatalogueError: the file can't be written.
        """
        self.read()
        if not 1 <= number <= len(self):
            raise InputError(f"number: expected one of 1 to {len(self)}, got {number}")
        withdrawn = self._file.decisions[number - 1]
        return self._add(DecisionKind.WITHDRAW, (), examiner, note, None, withdraws=withdrawn.id)

    def merge(self, path: str | PathLike[str]) -> MergedDecisions:
        """Take over another examiner's file. Times and names stay; numbers are those of this file.

        To merge both ways gives both the same state, and to merge again adds nothing.

        Raises:
            InputError: it has a decision of the future: a clock is wrong.
            CatalogueError: there is no such file, or it is damaged (see its subclass).
        """
        other = Path(os.fspath(path))
        if not other.exists():
            raise CatalogueError(f"{other}: there is no such file of decisions")
        theirs = DecisionFile(other).read()
        latest = self._clock() + _CLOCKS_DIFFER
        for decision in theirs:
            if decision.at > latest:
                raise InputError(f"{other}: decision {decision.number} is of {decision.at}")
        counts = MergedDecisions(0, 0)

        def missing(there: Sequence[Decision]) -> list[Decision]:
            nonlocal counts
            known = {decision.id for decision in there}
            new = {d.id: d for d in theirs if d.id not in known}
            counts = MergedDecisions(len(new), len(theirs) - len(new))
            return [
                dataclasses.replace(decision, number=number)
                for number, decision in enumerate(new.values(), start=len(there) + 1)
            ]

        self._file.append(missing)
        self._state = None
        return counts

    def _add(
        self,
        kind: DecisionKind,
        contents: Iterable[str],
        examiner: str,
        note: str,
        paths: Paths,
        *,
        label: Label | None = None,
        group: bool = False,
        withdraws: str | None = None,
    ) -> Decision:
        named = dict.fromkeys(sha256.lower() for sha256 in contents)
        known = dict(paths or {})
        ordered = tuple(sorted(named))
        shown = tuple(known.get(sha256, "")[:MOST_TEXT] for sha256 in ordered) if known else ()
        added: list[Decision] = []

        def make(there: Sequence[Decision]) -> list[Decision]:
            # A clock that was set back must not make a new decision the older one.
            at = max([self._clock().astimezone(UTC), *(d.at + _TICK for d in there)])
            added[:] = [
                Decision(
                    number=len(there) + 1,
                    kind=kind,
                    at=at,
                    examiner=examiner,
                    contents=ordered,
                    paths=shown,
                    label=label,
                    group=group,
                    withdraws=withdraws,
                    note=note,
                )
            ]
            return added

        self._file.append(make)
        self._state = None
        return added[0]


Paths = Mapping[str, str] | None
"""Path by SHA-256 in hex."""
