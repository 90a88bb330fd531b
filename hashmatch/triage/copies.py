"""A catalogue to groups of copies."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from os import PathLike

import numpy as np

from hashmatch.errors import InputError
from hashmatch.scan import Catalogue
from hashmatch.triage.bonds import NO_BONDS, Bonds
from hashmatch.triage.facts import read_facts
from hashmatch.triage.footage import read_footage
from hashmatch.triage.groups import CopyGroup, CopyGroups
from hashmatch.triage.joining import join_registered
from hashmatch.triage.pictures import (
    group_near,
    grouped_rows,
    join_bound,
    picture_groups,
    read_pictures,
    split_bursts,
    without_borders,
)
from hashmatch.triage.registered import FingerprintOf
from hashmatch.triage.videos import video_groups


def group_copies(
    catalogue: Catalogue,
    *,
    max_distance: int = 20,
    linkage: str = "complete",
    orientations: bool = True,
    registration: bool = False,
    fingerprint_of: FingerprintOf | None = None,
    bonds: Bonds | None = None,
    folder: str | PathLike[str],
    threads: int = 1,
    progress: Callable[[str], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> CopyGroups:
    """Put contents that are copies of each other into groups.

    Args:
        catalogue: of a scan; pictures that say too little are in no group.
        max_distance: inclusive radius in bits.
        linkage: "complete", "medoid" or "single", see ``hashmatch.clustering.Linkage``.
        orientations: mirrored and turned copies too; the scan has to have computed them.
        registration: cropped and framed copies too, as a checker at its standard level finds them:
            each picture that is alone, and the representative of each group, is asked. Some
            milliseconds each, and what ``fingerprint_of`` takes.
        fingerprint_of: fingerprint with views of a content, by its number; for ``registration``.
        bonds: what was decided about pairs.
        folder: where pairs are kept meanwhile, in files without a name.
        threads: of the search; nothing depends on them.
        progress: called with what is done next.
        stop: asked between steps of some seconds; True ends it as Ctrl-C does.

    Returns:
        The groups, the same whatever the order in which the catalogue was filled.

    Raises:
        InputError: a wrong radius or linkage, or registration without ``fingerprint_of``.
        CatalogueError: the catalogue can't be read, or orientations were not computed.
        KeyboardInterrupt: ``stop`` said so.
    """

    def step(doing: str) -> None:
        if progress is not None:
            progress(doing)
        if stop is not None and stop():
            raise KeyboardInterrupt

    if registration and fingerprint_of is None:
        raise InputError("registration: expected fingerprint_of with it")
    bonds = bonds or NO_BONDS
    step("hashes of the catalogue")
    pictures = read_pictures(catalogue, bonds, orientations=orientations)
    group_near(pictures, max_distance, linkage, folder=folder, threads=threads, step=step)
    step("frames of videos")
    footage = read_footage(catalogue)
    step("files of the groups")
    rows = np.arange(len(pictures)) if registration else grouped_rows(pictures)
    facts = read_facts(catalogue, np.concatenate([pictures.numbers[rows], footage.numbers]))
    of_pictures, of_videos = facts.part(0, len(rows)), facts.part(len(rows), len(facts.sizes))
    without_borders(of_pictures, rows, pictures)
    step("representatives")
    split_bursts(pictures, of_pictures, rows)
    if fingerprint_of is not None and registration:
        join_registered(pictures, of_pictures, fingerprint_of, threads=threads, step=step)
    join_bound(pictures)
    made = picture_groups(pictures, of_pictures, rows, max_distance)
    step("footage of videos")
    videos, notes = video_groups(catalogue, footage, of_videos, bonds, threads=threads)
    notes = [*pictures.notes, *notes]
    return CopyGroups(numbered([*made, *videos]), str(linkage), max_distance, tuple(notes))


def numbered(groups: list[CopyGroup]) -> tuple[CopyGroup, ...]:
    """Bursts numbered from 1 in the order in which they are met."""
    numbers: dict[int, int] = {0: 0}
    return tuple(
        group
        if group.shot == 0
        else dataclasses.replace(group, shot=numbers.setdefault(group.shot, len(numbers)))
        for group in groups
    )
