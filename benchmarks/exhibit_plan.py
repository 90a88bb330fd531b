"""Which pictures an exhibit has and how many files each takes; decided before any of it is made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

LABELS = ("BASELINE", "NATIONAL", "OTHER", "IGNORABLE")
_LABEL_SHARES = (0.012, 0.015, 0.010, 0.030)

# Of all sets of files, by what they are.
_KINDS = ("single", "copies", "burst", "chain", "template", "broken", "other")
_KIND_SHARES = (0.730, 0.205, 0.004, 0.001, 0.002, 0.028, 0.030)


@dataclass(frozen=True, slots=True)
class Family:
    """A set of files that is made by one process from one seed.

    Attributes:
        number: from 0; with the exhibit's seed all that it is made of.
        kind: "single" picture, "copies" of one, shots of a "burst", steps of a "chain", pages of a
            "template", "broken" file, "other" file.
        exact, near, turned, cropped, framed: files beside the original, of "copies".
        steps: of a burst, chain or template.
        label: what is known of the original; empty for most.
        missing: the original is on a list and not in the exhibit.
        plain: its files have ordinary names and no other ones.
    """

    number: int
    kind: str
    exact: int = 0
    near: int = 0
    turned: int = 0
    cropped: int = 0
    framed: int = 0
    steps: int = 0
    label: str = ""
    missing: bool = False
    plain: bool = False

    @property
    def files(self) -> int:
        if self.kind in ("burst", "chain", "template"):
            return self.steps
        edited = self.exact + self.near + self.turned + self.cropped + self.framed
        return edited + (0 if self.missing else 1)


def families(pictures: int, seed: int, *, plain: bool = False) -> Iterator[Family]:
    """So many that they have exactly ``pictures`` files together.

    Args:
        plain: nothing but sound pictures with ordinary names, no hard links: for programs that
            stop at other files or leave them out.
    """
    left, number = pictures, 0
    while left:
        family = replace(_family(number, seed), plain=plain)
        unsound = plain and family.kind in ("broken", "other")
        if family.files > left or unsound:
            family = Family(number, "single", plain=plain)
        yield family
        left -= family.files
        number += 1


def _family(number: int, seed: int) -> Family:
    rng = np.random.default_rng((seed, 1, number))
    kind = str(rng.choice(_KINDS, p=_KIND_SHARES))
    drawn = rng.random()
    label = ""
    for name, share in zip(LABELS, _LABEL_SHARES, strict=True):
        if drawn < share:
            label = name
            break
        drawn -= share
    if kind == "copies":
        return _copies(number, rng, label)
    if kind == "single":
        return Family(number, kind, label=label)
    steps = {"burst": (4, 13), "chain": (10, 17), "template": (6, 21)}
    if kind in steps:
        return Family(number, kind, steps=int(rng.integers(*steps[kind])))
    return Family(number, kind)


def _copies(number: int, rng: np.random.Generator, label: str) -> Family:
    while True:
        family = Family(
            number,
            "copies",
            exact=int(rng.choice(4, p=(0.45, 0.35, 0.12, 0.08))),
            near=int(rng.choice(5, p=(0.35, 0.3, 0.2, 0.1, 0.05))),
            turned=int(rng.choice(3, p=(0.82, 0.15, 0.03))),
            cropped=int(rng.choice(3, p=(0.85, 0.12, 0.03))),
            framed=int(rng.random() < 0.1),
            label=label,
            missing=bool(label) and label != "IGNORABLE" and rng.random() < 0.4,
        )
        if family.files > 1:
            return family
