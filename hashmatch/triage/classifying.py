"""From a catalogue, its groups, verdicts, decisions and earlier batches to classes."""

from __future__ import annotations

import os
from collections.abc import Sequence
from os import PathLike

import numpy as np

from hashmatch.clustering import components
from hashmatch.errors import InputError
from hashmatch.matching.policy import IGNORABLE
from hashmatch.report import TriageClass
from hashmatch.scan import Catalogue
from hashmatch.triage.classification import Classification, Sources
from hashmatch.triage.classify_groups import Classes, GroupRules, Why
from hashmatch.triage.classify_table import NOWHERE, ContentTable, Ids, ItemTable
from hashmatch.triage.classify_verdicts import CODES, NO_CLASS, Verdicts
from hashmatch.triage.decision import Decision
from hashmatch.triage.decisions import Decisions
from hashmatch.triage.earlier import UNSEEN, EarlierSeen, seen_earlier
from hashmatch.triage.groups import CopyGroups
from hashmatch.types import Label

_KNOWN_END = CODES[TriageClass.OTHER]
"""Classes up to this code are known."""


def classify(
    catalogue: Catalogue,
    groups: CopyGroups,
    *,
    key: str | None = None,
    decisions: Decisions | None = None,
    earlier: Sequence[Catalogue] = (),
    max_distance: int | None = None,
    orientations: bool = True,
    threads: int = 1,
    folder: str | PathLike[str] | None = None,
) -> Classification:
    """Give every file a class; docs/triage.md has the rules.

    Nothing that comes of it depends on the order in which files were met, on numbers of rows or on
    threads. The catalogue must not be written to while the result is used.

    Args:
        catalogue: after a scan.
        groups: of its contents.
        key: of the judge whose verdicts count; None: no database was asked.
        decisions: of examiners.
        earlier: catalogues of earlier batches, in the order of their precedence.
        max_distance: within how many bits a picture is a near copy of one of an earlier batch,
            inclusive; None: that of the groups.
        orientations: find mirrored and turned copies in earlier batches too.
        folder: where verdicts are kept meanwhile; None: the catalogue's.

    Returns:
        The result, to be closed.

    Raises:
        InputError: the groups are not of this catalogue.
        CatalogueError: a catalogue can't be read, or a verdict in it is none.
    """
    radius = groups.max_distance if max_distance is None else max_distance
    if radius < 0:
        raise InputError(f"max_distance: expected 0 or more, got {radius}")
    table = ContentTable.read(catalogue.contents())
    items = ItemTable.read(catalogue.items(), table)
    told = () if key is None else catalogue.verdicts(key)
    where = catalogue.path.parent if folder is None else os.fspath(folder)
    verdicts = Verdicts(table, told, where)
    try:
        seen = seen_earlier(
            table,
            catalogue,
            tuple(earlier),
            max_distance=radius,
            orientations=orientations,
            threads=threads,
        )
        decided = _decided(table, decisions)
        classes = _alone(table, verdicts, decided, seen)
        bound = _bound(table, decisions)
        _grouped(classes, table, items, groups, decided, bound)
        sources = Sources(
            catalogue=catalogue,
            groups=groups,
            table=table,
            items=items,
            verdicts=verdicts,
            decided=decided,
            seen=seen,
            judged=key is not None,
        )
        return Classification(sources, classes)
    except BaseException:
        verdicts.close()
        raise


def _decided(table: ContentTable, decisions: Decisions | None) -> dict[int, Decision]:
    """By place, the decision that gives a content its label."""
    if decisions is None:
        return {}
    placed = ((table.place_of(sha), decision) for sha, decision in decisions.categories.items())
    return {place: decision for place, decision in placed if place != NOWHERE}


def _bound(table: ContentTable, decisions: Decisions | None) -> Ids:
    """Contents that decisions call the same have the same number; int64 (n,), ``NOWHERE``."""
    if decisions is None or not decisions.bonds.same:
        return np.full(len(table), NOWHERE, np.int64)
    placed = [[table.place_of(one) for one in pair] for pair in decisions.bonds.same]
    pairs = np.array([pair for pair in placed if NOWHERE not in pair], np.int64).reshape(-1, 2)
    found = np.full(len(table), NOWHERE, np.int64)
    roots = components(len(table), [(pairs[:, 0], pairs[:, 1])])
    found[pairs] = roots[pairs]
    return found


def _alone(
    table: ContentTable, verdicts: Verdicts, decided: dict[int, Decision], seen: EarlierSeen
) -> Classes:
    """What each content is without its groups: the weakest reason first, the strongest last."""
    classes = Classes.of(len(table))
    codes, whys = classes.codes, classes.whys
    codes[table.done] = CODES[TriageClass.UNKNOWN]
    codes[table.failed] = CODES[TriageClass.UNEXAMINED]
    whys[table.low] = Why.LOW
    whys[verdicts.harmless & table.done] = Why.HARMLESS

    had = seen.batches != UNSEEN
    codes[had], whys[had] = CODES[TriageClass.EARLIER], Why.EARLIER

    known = verdicts.classes <= _KNOWN_END
    doubtful = (verdicts.classes != NO_CLASS) & ~known  # possible, or ignorable
    codes[doubtful], whys[doubtful] = verdicts.classes[doubtful], Why.NOTHING
    for place, decision in decided.items():
        harmless = decision.label in IGNORABLE
        triage = TriageClass.IGNORABLE if harmless else TriageClass.DECIDED
        codes[place], whys[place] = CODES[triage], Why.DECIDED
    codes[known], whys[known] = verdicts.classes[known], Why.NOTHING
    classes.gravity[:] = verdicts.gravity
    return classes


def _grouped(
    classes: Classes,
    table: ContentTable,
    items: ItemTable,
    groups: CopyGroups,
    decided: dict[int, Decision],
    bound: Ids,
) -> None:
    n_items = items.counts(len(table))
    grave = np.zeros(len(table), np.bool_)
    grave[[place for place, one in decided.items() if one.label not in _NOT_GRAVE]] = True
    classes.settles[:] = n_items - 1
    rules = GroupRules(
        classes, n_items, grave, bound, linkage=groups.linkage, max_distance=groups.max_distance
    )
    for number, group in enumerate(groups, start=1):
        rules.apply(number, group, table.places(group.members))
    # The rest are groups of the same bytes, in the order of their SHA-256.
    exact = np.flatnonzero((n_items > 1) & (classes.groups == 0) & (classes.codes != NO_CLASS))
    classes.groups[exact] = len(groups) + 1 + np.arange(len(exact))


_NOT_GRAVE = IGNORABLE | {Label.UNCATEGORIZED, Label.COMPARISON}
