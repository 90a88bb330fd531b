"""What is true of a made exhibit: of each file what it is a copy of, and which pairs are copies."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from itertools import combinations
from pathlib import Path

UPRIGHT = frozenset({"original", "exact", "link", "near"})
"""Roles of files that show a picture whole and upright."""

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class TruthFile:
    """One file, link, or other name of the exhibit.

    Attributes:
        path: relative to the exhibit, bytes that are no UTF-8 as surrogate escapes.
        family: files with the same one are copies of each other; empty of what shows nothing.
        role: "original", "exact", "link" (another name of the same file), "near", "turned",
            "cropped", "framed"; of videos also "excerpt"; of what shows nothing what it is.
        words: what was done to it.
        scene: families with the same one look alike and are no copies: shots of a burst, steps of
            a chain, pages of a template.
        step: place within its scene.
        label: what the hash list or the list of known files says of the family's original.
        outcome: what the ledger has to say: "done", "low information", "rejected" or "failed";
            empty where more than one is right.
    """

    path: str
    family: str
    role: str
    words: str = ""
    scene: str = ""
    step: int = 0
    label: str = ""
    outcome: str = "done"


def write_truth(path: Path, files: Iterable[TruthFile]) -> None:
    """A line of JSON for each, by path."""
    with path.open("w", encoding="utf-8") as out:
        for file in sorted(files, key=lambda one: one.path.encode("utf-8", "surrogateescape")):
            out.write(json.dumps(asdict(file)) + "\n")


def read_truth(path: Path) -> Iterator[TruthFile]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield TruthFile(**json.loads(line))


def copies(files: Iterable[TruthFile]) -> dict[str, list[TruthFile]]:
    """By family; those with two files or more."""
    found: dict[str, list[TruthFile]] = defaultdict(list)
    for file in files:
        if file.family:
            found[file.family].append(file)
    return {family: members for family, members in found.items() if len(members) > 1}


def pair_of(a: str, b: str) -> Pair:
    return (a, b) if a < b else (b, a)


def kind_of(a: TruthFile, b: TruthFile) -> str:
    """The hardest of what lies between two copies: "exact", "near", or a role that is not upright.

    Two turned copies, for instance, are a pair of the kind "turned"; of clips "clip turned".
    """
    kind = "clip " if a.family.startswith("clip") else ""
    roles = {a.role, b.role}
    for role in ("excerpt", "framed", "cropped", "turned"):
        if role in roles:
            return kind + role
    return kind + ("near" if "near" in roles else "exact")


def true_pairs(files: Iterable[TruthFile]) -> dict[Pair, str]:
    """Every two copies, with the kind of pair they are. Of one picture, exact pairs included."""
    return {
        pair_of(a.path, b.path): kind_of(a, b)
        for members in copies(files).values()
        for a, b in combinations(members, 2)
    }


@dataclass
class PairCounts:
    """What groups say beside the truth.

    Attributes:
        found, missed: pairs of copies by their kind.
        false: pairs within a group that are no copies, of different scenes.
        alike: pairs within a group that are no copies, of one scene, by the scene's kind: shots of
            a burst, pages of a template.
        neighbours: steps of a chain that follow each other, in one group: too near to tell.
    """

    found: dict[str, int]
    missed: dict[str, int]
    false: list[Pair]
    alike: dict[str, int]
    neighbours: int

    def recall(self, kind: str) -> float:
        found = self.found.get(kind, 0)
        every = found + self.missed.get(kind, 0)
        return found / every if every else 1.0

    @property
    def precision(self) -> float:
        """Neighbours of a chain are counted on neither side."""
        right = sum(self.found.values())
        wrong = len(self.false) + sum(self.alike.values())
        return right / (right + wrong) if right + wrong else 1.0


def counted(files: Iterable[TruthFile], pairs: Iterable[Pair]) -> PairCounts:
    """Compares pairs of paths, each sorted as ``pair_of`` does."""
    every = {file.path: file for file in files}
    truth = true_pairs(every.values())
    said = set(pairs)
    found: dict[str, int] = defaultdict(int)
    missed: dict[str, int] = defaultdict(int)
    for pair, kind in truth.items():
        (found if pair in said else missed)[kind] += 1
    false: list[Pair] = []
    alike: dict[str, int] = defaultdict(int)
    neighbours = 0
    for pair in sorted(said - truth.keys()):
        a, b = every[pair[0]], every[pair[1]]
        if not a.scene or a.scene != b.scene:
            false.append(pair)
        elif a.scene.startswith("chain") and abs(a.step - b.step) == 1:
            neighbours += 1
        else:
            alike[a.scene.partition("-")[0]] += 1
    return PairCounts(dict(found), dict(missed), false, dict(alike), neighbours)
