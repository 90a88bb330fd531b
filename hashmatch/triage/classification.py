"""Every file with its class: as counts, as a stream, in the order of importance, in groups."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from hashmatch.closing import Closing
from hashmatch.errors import CatalogueError
from hashmatch.matching import CheckStatus
from hashmatch.report import (
    ClassCount,
    FileEntry,
    Group,
    MatchEntry,
    Review,
    TriageClass,
)
from hashmatch.scan import CatalogueItem
from hashmatch.triage.classed import ClassedFile
from hashmatch.triage.classify_groups import Classes
from hashmatch.triage.classify_sources import Sources
from hashmatch.triage.classify_table import NOWHERE
from hashmatch.triage.classify_verdicts import (
    CLASSES,
    CODES,
    NO_CLASS,
    best_possible,
)
from hashmatch.triage.classify_words import Words
from hashmatch.triage.file_entries import file_entry
from hashmatch.triage.group_members import copy_group, exact_group
from hashmatch.triage.review_order import ReviewOrder, review_order
from hashmatch.types import Label

_NAMES_KEPT = 4096
_TO_LOOK_AT = tuple(CODES[triage] for triage in CLASSES if triage.to_look_at)


class Classification(Closing):
    """Classes of all files of a catalogue; ``classify`` makes it.

    Iterators may be started again, and several may go at once. Of a content to be looked at, the
    first file in the order of paths stands for the others, which are duplicates.
    """

    def __init__(self, sources: Sources, classes: Classes) -> None:
        self.sources = sources
        self.classes = classes
        n = len(sources.table)
        self._n_items = sources.items.counts(n)
        # A content without a class counts where it, or what is in it, could not be read.
        failed = sources.items.failed
        broken = sources.items.first(n, failed)
        self._n_broken = sources.items.counts(n, failed)
        self._first = sources.items.first(n)
        self._standing = np.where(classes.codes == NO_CLASS, broken, self._first)
        self._name = lru_cache(maxsize=_NAMES_KEPT)(self._name_of)
        self._words = Words(sources.table, classes, sources.decided, sources.seen, self._name)

    def close(self) -> None:
        """Let the file of verdicts go; the catalogue stays open."""
        self.sources.verdicts.close()

    @cached_property
    def counts(self) -> tuple[ClassCount, ...]:
        """Files and bytes of each class that has some, in the order of the classes."""
        items = self.sources.items
        codes = self._codes_of_items()
        found = []
        for code, triage in enumerate(CLASSES):
            rows = codes == code
            files = int(np.count_nonzero(rows))
            if files:
                found.append(ClassCount(triage, files, int(items.sizes[rows].sum())))
        return tuple(found)

    @property
    def n_to_look_at(self) -> int:
        """Files that a person has to look at."""
        return sum(count.files for count in self.counts if count.triage.to_look_at)

    @property
    def saved(self) -> int:
        """Files with a class that nobody has to look at."""
        return sum(count.files for count in self.counts if not count.triage.to_look_at)

    @cached_property
    def order(self) -> ReviewOrder:
        """Contents in the order of importance."""
        sources = self.sources
        return review_order(
            sources.table, sources.items, sources.verdicts, self.classes, self._first
        )

    def files(self) -> Iterator[ClassedFile]:
        """Every file that is of some class, in the order of the bytes of root, path and member."""
        for ordinal, place, item in self._items():
            if place == NOWHERE:
                if item.outcome == "failed":
                    yield ClassedFile(item, TriageClass.UNEXAMINED, _trouble(item))
                continue
            made = self._classed(item, place, is_standing=ordinal == self._standing[place])
            if made is not None:
                yield made

    def review(self) -> Iterator[Review]:
        """What a person has to look at, the most important first."""
        order = self.order
        for place in order.possible:
            yield self._review(int(place), self._words.of(int(place)) or self._how(int(place)))
        for place in order.unknown:
            yield self._review(int(place), self._words.of_unknown(int(place), order))
        yield from self._unexamined(locked=True)
        yield from self._unexamined(locked=False)
        for place in order.low:
            yield self._review(int(place), self._words.of(int(place)))

    def matches(self) -> Iterator[MatchEntry]:
        """Every file with every known medium that it is or looks like; the gravest class first."""
        verdicts = self.sources.verdicts
        places = np.flatnonzero(verdicts.has_matches)
        for place in places[np.lexsort((self._first[places], self.classes.codes[places]))]:
            verdict = verdicts.of(int(place))
            for entry in self.entries(int(place)):
                for match in () if verdict is None else verdict.matches:
                    yield replace(match, file=entry)

    def groups(self) -> Iterator[Group]:
        """Groups of copies in the order of their numbers: near ones, videos, the same bytes."""
        copies = self.sources.groups
        for group in copies:
            yield copy_group(self, copies, group)
        for place in np.flatnonzero(self.classes.groups > len(copies)):
            yield exact_group(self, int(place))

    def n_files(self, place: int) -> int:
        """Items of a content."""
        return int(self._n_items[place])

    def entries(self, place: int) -> list[FileEntry]:
        """The items of a content as a report tells them, in their order."""
        items = self.sources.catalogue.items_of(int(self.sources.table.numbers[place]))
        standing = 0
        if self.classes.codes[place] == NO_CLASS:
            standing = next((at for at, item in enumerate(items) if item.outcome == "failed"), -1)
        label = self._label(place)
        return [
            file_entry(item, self._class_of(item, place, at == standing) or _UNCLASSED, label)
            for at, item in enumerate(items)
        ]

    def _items(self) -> Iterator[tuple[int, int, CatalogueItem]]:
        """Every item with its number in their order, and the place of its content."""
        table, places = self.sources.table, self.sources.items.places
        for ordinal, item in enumerate(self.sources.catalogue.items()):
            place = int(places[ordinal]) if ordinal < len(places) else NOWHERE - 1
            number = NOWHERE if item.content is None else item.content.number
            if place < NOWHERE or number != (NOWHERE if place < 0 else table.numbers[place]):
                raise CatalogueError("the catalogue was written to while its files were classed")
            yield ordinal, place, item

    def _classed(self, item: CatalogueItem, place: int, *, is_standing: bool) -> ClassedFile | None:
        triage = self._class_of(item, place, is_standing)
        if triage is None:
            return None
        return ClassedFile(
            item=item,
            triage=triage,
            why=self._why(item, place, triage),
            verdict=self.sources.verdicts.of(place),
            decided=self._label(place),
            group=int(self.classes.groups[place]) or None,
        )

    def _class_of(self, item: CatalogueItem, place: int, is_standing: bool) -> TriageClass | None:
        code = int(self.classes.codes[place])
        if code == NO_CLASS:
            if item.outcome != "failed":
                return None
            code = CODES[TriageClass.UNEXAMINED]
        if code in _TO_LOOK_AT and not is_standing:
            return TriageClass.DUPLICATE
        return CLASSES[code]

    def _codes_of_items(self) -> NDArray[np.uint8]:
        """For each item the code of its class, as ``_class_of`` says."""
        items = self.sources.items
        codes = np.full(len(items), NO_CLASS, np.uint8)
        owned = items.places >= 0
        codes[owned] = self.classes.codes[items.places[owned]]
        codes[(codes == NO_CLASS) & items.failed] = CODES[TriageClass.UNEXAMINED]
        standing = np.zeros(len(items), np.bool_)
        standing[self._standing[self._standing != NOWHERE]] = True
        copies = owned & np.isin(codes, _TO_LOOK_AT) & ~standing
        codes[copies] = CODES[TriageClass.DUPLICATE]
        return codes

    def _why(self, item: CatalogueItem, place: int, triage: TriageClass) -> str:
        if triage is TriageClass.UNEXAMINED:
            return _trouble(item)
        if triage is TriageClass.DUPLICATE and self.classes.codes[place] != CODES[triage]:
            return "the same bytes"
        return self._words.of(place) or self._how(place)

    def _how(self, place: int) -> str:
        """In what way it is, or may be, what the database knows."""
        code = int(self.classes.codes[place])
        verdict = self.sources.verdicts.of(place)
        if verdict is None or code > CODES[TriageClass.POSSIBLE]:
            return ""
        if code == CODES[TriageClass.POSSIBLE]:
            match = best_possible(verdict)
            return f"may be {match.alert}: {match.how}"
        return next(m.how for m in verdict.matches if m.status is CheckStatus.MATCH)

    def _label(self, place: int) -> Label | None:
        decision = self.sources.decided.get(place)
        return None if decision is None else decision.label

    def _review(self, place: int, why: str) -> Review:
        group = int(self.classes.groups[place]) or None
        copies = int(self.classes.settles[place])
        return Review(self.entries(place)[0], why, copies, group)

    def _unexamined(self, *, locked: bool) -> Iterator[Review]:
        items = self.sources.items
        codes = self._codes_of_items()
        wanted = (codes == CODES[TriageClass.UNEXAMINED]) & (items.locked == locked)
        if not wanted.any():
            return
        for ordinal, place, item in self._items():
            if not wanted[ordinal]:
                continue
            label = None if place == NOWHERE else self._label(place)
            copies = 0 if place == NOWHERE else self._n_unexamined(place) - 1
            group = None if place == NOWHERE else int(self.classes.groups[place]) or None
            entry = file_entry(item, TriageClass.UNEXAMINED, label)
            yield Review(entry, _trouble(item), copies, group)

    def _n_unexamined(self, place: int) -> int:
        unclassed = self.classes.codes[place] == NO_CLASS
        return int((self._n_broken if unclassed else self._n_items)[place])

    def _name_of(self, place: int) -> str:
        return self.sources.catalogue.items_of(int(self.sources.table.numbers[place]))[0].name


_UNCLASSED = TriageClass.UNKNOWN
"""Told of a file that is of no class, in a group of such as are of one."""


def _trouble(item: CatalogueItem) -> str:
    return item.status + (f": {item.reason}" if item.reason else "")
