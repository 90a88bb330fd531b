"""Groups of pictures: near hashes, shots of bursts apart, decisions respected."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from os import PathLike

import numpy as np
from numpy.typing import NDArray

from hashmatch.clustering import Distances, Faces, face_groups
from hashmatch.report import GroupKind
from hashmatch.scan import Catalogue
from hashmatch.triage.bonds import Bonds, PlacedBonds, joined, place, renamed
from hashmatch.triage.bursts import shots_of
from hashmatch.triage.facts import Facts
from hashmatch.triage.groups import UNMEASURED, CopyGroup
from hashmatch.triage.representative import ranked, why

Ids = NDArray[np.int64]
Step = Callable[[str], None]

MIN_PART_QUALITY = 50
"""PDQ quality below which what is within borders says too little."""
EXACT_DIAMETER = 10_000
"""Members up to which a group's diameter is measured pair by pair, some seconds' work."""


@dataclass(slots=True, eq=False)
class PictureSet:
    """All pictures that can be compared, in the order of their SHA-256, and their groups so far.

    Attributes:
        numbers: int64 (n,), of contents.
        faces: what is compared of each.
        distances: among them.
        within: int64 (k, 2), width and height of each part of ``faces``.
        names: int64 (n,), the smallest row of each row's group.
        shots: int64 (n,), the burst of a picture, named by a row of it; -1: of none.
        bonds: decisions among them.
        led: bool (n,), in a group that was joined to another one by registration.
        near_names: ``names`` before groups were joined by registration; None: they were not.
        notes: what a reader has to know.
    """

    numbers: Ids
    faces: Faces
    distances: Distances
    within: Ids
    names: Ids
    shots: Ids
    bonds: PlacedBonds
    led: NDArray[np.bool_]
    near_names: Ids | None = None
    notes: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.numbers)


def read_pictures(catalogue: Catalogue, bonds: Bonds, *, orientations: bool) -> PictureSet:
    """The pictures of a catalogue, each in no group.

    Raises:
        CatalogueError: orientations were not computed, or the catalogue can't be read.
    """
    made = catalogue.picture_hashes(dihedral=orientations)
    hashes = made.hashes if made.dihedral is None else made.dihedral
    trims = catalogue.trim_hashes()
    owners = _rows_of(made.numbers, trims.numbers)
    kept = np.flatnonzero((owners >= 0) & (trims.qualities >= MIN_PART_QUALITY))
    parts = trims.hashes[kept] if orientations else trims.hashes[kept, 0]
    faces = Faces.of(hashes, parts, owners[kept])
    digests = [row.tobytes() for row in made.sha256] if bonds.same or bonds.apart else []
    n = len(made)
    return PictureSet(
        numbers=made.numbers,
        faces=faces,
        distances=Distances(faces),
        within=trims.boxes[kept, 2:] - trims.boxes[kept, :2],
        names=np.arange(n),
        shots=np.full(n, -1),
        bonds=place(bonds, digests),
        led=np.zeros(n, np.bool_),
    )


def group_near(
    pictures: PictureSet,
    max_distance: int,
    linkage: str,
    *,
    folder: str | PathLike[str],
    threads: int,
    step: Step,
) -> None:
    """Put near pictures into groups.

    Raises:
        InputError: as of ``face_groups``.
    """
    made = face_groups(
        pictures.faces,
        max_distance,
        linkage,
        apart=pictures.bonds.apart,
        folder=folder,
        threads=threads,
        step=step,
    )
    pictures.names = renamed(made.groups)
    if made.n_crowded:
        pictures.notes.append(
            f"{made.n_crowded} pictures are near so many others that they were grouped before "
            f"these, around one of them: no two of a group are farther apart than the radius, but "
            f"there may be more groups of them than need be"
        )


def split_bursts(pictures: PictureSet, facts: Facts, rows: Ids) -> None:
    """Keep shots of one moment apart.

    Args:
        facts: of ``rows``, which are all pictures that are in groups, ascending.
    """
    moments = dict(zip(rows.tolist(), facts.captured, strict=True))
    n_bursts, n_single = 0, 0
    for group in groups_of(pictures.names):
        captured = [moments[row] for row in group.tolist()]
        if len(set(captured) - {None}) < 2:
            continue
        shots = shots_of(group, captured, pictures.distances.nearest)
        if len(shots) < 2:
            continue
        n_bursts += 1
        for shot in shots:
            pictures.names[shot] = shot[0]
            pictures.shots[shot] = group[0]
            n_single += len(shot) == 1
    if n_bursts:
        pictures.notes.append(
            f"{n_bursts} bursts: near pictures with moments of capture of their own are kept "
            f"apart; {n_single} of their shots have no copy"
        )


def join_bound(pictures: PictureSet) -> None:
    """Bring together what was decided to be the same."""
    bonds = pictures.bonds
    if len(bonds.same):
        pictures.names, n_moved = joined(pictures.names, bonds)
        pictures.notes.append(
            f"{len(bonds.same)} decisions join pictures, however far apart they are"
        )
        if n_moved:
            pictures.notes.append(
                f"{n_moved} pictures left their copies by such a decision, as others of the two "
                f"groups were to be kept apart"
            )
    if bonds.n_contradicting:
        pictures.notes.append(
            f"{bonds.n_contradicting} decisions to keep two pictures apart are overruled: other "
            f"decisions join them"
        )


def groups_of(names: Ids) -> Iterator[Ids]:
    """Rows of each group of two or more, ascending; groups in the order of their first rows."""
    rows, cuts = sorted_groups(names)
    for begin, end in zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True):
        yield rows[begin:end]


def sorted_groups(names: Ids) -> tuple[Ids, Ids]:
    """Rows in groups of two or more beside each other, and where groups begin and end."""
    counts = np.bincount(names, minlength=len(names))
    rows = np.flatnonzero(counts[names] > 1)
    rows = rows[np.argsort(names[rows], kind="stable")]
    ends = np.cumsum(counts[counts > 1])
    return rows, np.concatenate([[0], ends]).astype(np.int64)


def grouped_rows(pictures: PictureSet) -> Ids:
    """Rows of all pictures that are in a group, or will be by a decision, ascending."""
    rows, _ = sorted_groups(pictures.names)
    return np.union1d(rows, pictures.bonds.same.reshape(-1))


def without_borders(facts: Facts, rows: Ids, pictures: PictureSet) -> None:
    """Let a picture with borders count as large as the smallest that may be within them.

    Where they end is estimated: a tenth less, so that it comes after the same picture without them.
    """
    owners = pictures.faces.owners
    order = np.lexsort((np.arange(len(owners)), -pictures.within.prod(axis=1)))
    framed = order[np.isin(owners[order], rows)]
    at = np.searchsorted(rows, owners[framed])
    facts.areas[at] = pictures.within[framed].prod(axis=1) * 9 // 10  # the last one stays
    facts.bordered[at] = True


def picture_groups(
    pictures: PictureSet, facts: Facts, of: Ids, max_distance: int
) -> list[CopyGroup]:
    """The groups as they are told, by their representatives' SHA-256.

    Args:
        facts, of: of all rows that are in groups, ascending.
        max_distance: groups with a larger diameter are told as chains.
    """
    rows, cuts = sorted_groups(pictures.names)
    if not len(rows):
        return []
    group_of = np.repeat(np.arange(len(cuts) - 1), np.diff(cuts))
    own = np.searchsorted(of, rows)
    order = ranked(group_of, own, facts, pictures.led[rows])
    firsts, seconds = own[order[cuts[:-1]]], own[order[cuts[:-1] + 1]]
    heads, led = of[firsts], pictures.led[of[seconds]]
    bits, turns = pictures.distances.between(heads[group_of], rows)
    by_registration = np.zeros(len(rows), np.bool_)
    if pictures.near_names is not None:
        by_registration = pictures.near_names[rows] != pictures.near_names[heads[group_of]]
    # The representative before all others, those that are near by no bits after them.
    told = np.lexsort((rows, bits, by_registration, rows != heads[group_of], group_of))
    rows, bits, turns = rows[told], bits[told], turns[told]
    by_registration = by_registration[told]
    diameters = pictures.distances.diameters(rows, cuts, EXACT_DIAMETER)
    bits[by_registration], turns[by_registration] = UNMEASURED, 0
    diameters[group_of[by_registration]] = UNMEASURED
    n_chains = int((diameters > max_distance).sum())
    if n_chains:
        pictures.notes.append(
            f"{n_chains} groups are chains, by their linkage or by decisions: some of their "
            f"members are more than {max_distance} bits apart"
        )
    n_bounded = int((np.diff(cuts) > EXACT_DIAMETER).sum())
    if n_bounded:
        pictures.notes.append(
            f"{n_bounded} groups have more than {EXACT_DIAMETER} members: their diameter is the "
            f"largest distance from a few of them, so it may be larger"
        )
    numbers, shots, shares = pictures.numbers[rows], pictures.shots[heads], _full(rows)
    begins, ends = cuts[:-1].tolist(), cuts[1:].tolist()
    return [
        CopyGroup(
            kind=GroupKind.NEAR,
            members=numbers[begins[at] : ends[at]],
            distances=bits[begins[at] : ends[at]],
            orientations=turns[begins[at] : ends[at]],
            shares=shares[begins[at] : ends[at]],
            why=why(facts, int(firsts[at]), int(seconds[at]), led=bool(led[at])),
            diameter=int(diameters[at]),
            shot=int(shots[at]) + 1,  # by the burst's row until all groups are numbered
        )
        for at in np.argsort(heads).tolist()
    ]


def _full(rows: Ids) -> Ids:
    return np.full(len(rows), 100)


def _rows_of(numbers: Ids, asked: Ids) -> Ids:
    """Where each number is among all; -1: nowhere."""
    rows = np.full(int(max(numbers.max(initial=0), asked.max(initial=0))) + 1, -1)
    rows[numbers] = np.arange(len(numbers))
    found: Ids = rows[asked]
    return found
