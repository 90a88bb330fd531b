"""What is asked of the database: digests, and each hash in the forms that are compared.

A hash that says too little is no part of it; ``low`` says which and why.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from hashmatch.fingerprinting import View
from hashmatch.hashing import ORIENTATIONS
from hashmatch.index import entropy, photodna_orientations
from hashmatch.matching.policy import MatchPolicy
from hashmatch.matching.thresholds import PDQ, PHOTODNA, Thresholds
from hashmatch.matching.variants import Variant, from_fingerprint, from_hash
from hashmatch.types import Digests, HashValue

_TURNED_ON_THE_HASH = ("pdq", "pdq-cpp")
"""What a mirror does to their coefficients is known (variants.py); other hashes are not turned."""


@dataclass(frozen=True, slots=True)
class Question:
    """One check.

    Attributes:
        values: the hashes that were asked for, compared or not.
        variants: by algorithm, the forms that are compared; none is empty.
        low: by algorithm, why its value says too little to be compared.
        gates: forms that are not compared, and why.
        of_medium: whether the hashes are all that was computed of a medium; not of bare values.
        views: what registration may use of the medium, the whole first; none below level standard,
            of bare values, and where the whole says too little.
    """

    digests: Digests
    values: tuple[HashValue, ...] = ()
    variants: Mapping[str, tuple[Variant, ...]] = field(default_factory=dict)
    low: Mapping[str, str] = field(default_factory=dict)
    gates: tuple[str, ...] = ()
    of_medium: bool = False
    views: tuple[View, ...] = ()


def question_of(
    policy: MatchPolicy,
    digests: Digests,
    values: Mapping[str, HashValue],
    turned: Mapping[str, tuple[HashValue, ...]],
    *,
    of_medium: bool = False,
    views: tuple[View, ...] = (),
) -> Question:
    """The question that these hashes are under a policy.

    Args:
        values: by algorithm; those that the policy does not compare are left out.
        turned: by algorithm, eight orientations made from pixels, where there are some.
        of_medium: as of ``Question``.
        views: of the medium's fingerprint.
    """
    variants: dict[str, tuple[Variant, ...]] = {}
    low: dict[str, str] = {}
    gates: list[str] = []
    asked = [name for name in policy.compared if name in values]
    for name in asked:
        value, radii = values[name], policy.thresholds(name)
        if name == PHOTODNA:
            forms = _photodna_variants(value, radii, policy.orientations)
            reason = None if forms else _entropy_reason(value, radii)
            wanted = len(ORIENTATIONS) if policy.orientations else 1
            if 0 < len(forms) < wanted:
                gates.append(
                    f"{name}: {wanted - len(forms)} of {wanted} orientations say too little"
                )
        else:
            forms = _variants(value, turned.get(name, ()), policy.orientations)
            reason = why_too_little(value, radii)
            if policy.orientations and reason is None and len(forms) == 1:
                gates.append(f"{name}: a bare hash is compared in its own orientation only")
        if reason is None:
            variants[name] = tuple(forms)
        else:
            low[name] = reason
    stated = tuple(values[name] for name in asked)
    used = views if policy.algorithm == PDQ and policy.level.registers else ()
    if used:
        variants, low = _with_trims(policy, used, variants, low)
    return Question(digests, stated, variants, low, tuple(gates), of_medium, used)


def _with_trims(
    policy: MatchPolicy,
    views: tuple[View, ...],
    variants: dict[str, tuple[Variant, ...]],
    low: dict[str, str],
) -> tuple[dict[str, tuple[Variant, ...]], dict[str, str]]:
    """PDQ's variants and those of what is within borders and bars.

    Where the whole picture says too little, as a small picture on a large page may, they stand alone.
    """
    radii = policy.thresholds(PDQ)
    forms = list(variants.get(PDQ, ()))
    for number, view in enumerate(views):
        if view.hashes and why_too_little(view.hashes[0], radii) is None:
            turned = view.hashes if policy.orientations else view.hashes[:1]
            forms += from_fingerprint(turned, number)
    if not forms:
        return variants, low
    kept = {name: why for name, why in low.items() if name != PDQ}
    return {PDQ: tuple(forms), **{n: v for n, v in variants.items() if n != PDQ}}, kept


def why_too_little(value: HashValue, radii: Thresholds) -> str | None:
    """Why a hash says too little to be matched; None where it does not."""
    if value.quality is not None and value.quality < (radii.min_quality or 0):
        return f"{value.algorithm} quality {value.quality} is below {radii.min_quality}"
    if value.weight in (0, value.bits):
        return f"{value.algorithm} hash has {value.weight} of {value.bits} bits set"
    return None


def _variants(value: HashValue, turned: tuple[HashValue, ...], orientations: bool) -> list[Variant]:
    if not orientations:
        return from_fingerprint((value,))
    if turned:
        return from_fingerprint(turned)
    if value.algorithm not in _TURNED_ON_THE_HASH:
        return from_fingerprint((value,))
    # The bits of both are the signs of the same coefficients.
    forms = from_hash(replace(value, algorithm="pdq"), orientations=True)
    return [replace(f, hash=replace(f.hash, algorithm=value.algorithm)) for f in forms]


def _photodna_variants(value: HashValue, radii: Thresholds, orientations: bool) -> list[Variant]:
    """The orientations that say enough, each judged by itself, as IPED does."""
    rows = np.frombuffer(value.value, dtype=np.uint8)[None]
    if orientations:
        rows = photodna_orientations(rows)[:, 0]
    shares = entropy(rows)
    least = (radii.min_quality or 0) / 100
    return [
        Variant(name, replace(value, value=row.tobytes()), exact=name == ORIENTATIONS[0])
        for name, row, share in zip(ORIENTATIONS, rows, shares.tolist(), strict=False)
        if share >= least
    ]


def _entropy_reason(value: HashValue, radii: Thresholds) -> str:
    share = entropy(np.frombuffer(value.value, dtype=np.uint8)[None])[0]
    return f"photodna entropy {share:.2f} is below {(radii.min_quality or 0) / 100:.2f}"
