"""What a check tried, in order, and what it left out and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from hashmatch.hashing import ORIENTATIONS
from hashmatch.matching.base import Opened
from hashmatch.matching.coarse import views_of
from hashmatch.matching.policy import Level, MatchPolicy
from hashmatch.matching.question import Question, why_too_little
from hashmatch.matching.registration import Registration
from hashmatch.matching.result import CheckResult, MatchKind
from hashmatch.matching.search import Near
from hashmatch.matching.thresholds import PDQ
from hashmatch.matching.widening import plan_of, settled, usable_views, wide_radius


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a check.

    Attributes:
        name: "digests", "known sets", "plain hashes" (one for each algorithm), "wide radius",
            "registration"; of a video "digests", "frames of the video".
        done: whether the check did it.
        for_explanation: it did not, and the explanation did.
        said: in words, what was found or why it was not done.
        algorithm, radius, n_forms, n_entries, n_found: where it compares hashes: within how many
            bits (PhotoDNA: squared distance), how many forms of the query's, with how many entries,
            and how many entries were found.
    """

    name: str
    done: bool
    for_explanation: bool
    said: str
    algorithm: str | None = None
    radius: int | None = None
    n_forms: int | None = None
    n_entries: int | None = None
    n_found: int | None = None

    def to_dict(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(frozen=True, slots=True)
class PassTold:
    """Placements of some views; ``n_placements``: of all of them in all orientations."""

    kinds: tuple[str, ...]
    views: tuple[int, ...]
    orientations: tuple[str, ...]
    inside: bool
    n_placements: int

    def to_dict(self) -> dict[str, Any]:
        return {
            "kinds": list(self.kinds),
            "views": list(self.views),
            "orientations": list(self.orientations),
            "inside": self.inside,
            "n_placements": self.n_placements,
        }


@dataclass(frozen=True, slots=True)
class RegistrationTold:
    """How registration spent its comparisons.

    Attributes:
        for_explanation: the check itself did not register.
        passes: in the order in which the budget is spent; ``n_planned`` is their sum.
        n_placements: those that the budget allowed.
        max_comparisons: the budget.
        n_evaluations: placements that were tried in refining.
    """

    for_explanation: bool
    passes: tuple[PassTold, ...]
    radius: int
    made: Registration
    max_comparisons: int

    @property
    def n_planned(self) -> int:
        return sum(one.n_placements for one in self.passes)

    @property
    def n_evaluations(self) -> int:
        return sum(one.evaluations for one in self.made.found)

    def to_dict(self) -> dict[str, Any]:
        return {
            "for_explanation": self.for_explanation,
            "radius": self.radius,
            "n_planned": self.n_planned,
            "n_placements": self.made.n_placements,
            "n_comparisons": self.made.n_comparisons,
            "max_comparisons": self.max_comparisons,
            "n_candidates": self.made.n_candidates,
            "n_evaluations": self.n_evaluations,
            "gates": list(self.made.gates),
            "passes": [one.to_dict() for one in self.passes],
        }


def steps_of(
    result: CheckResult, question: Question, opened: Opened, explained: Near, why_not: str | None
) -> tuple[Step, ...]:
    """Every step in order.

    Args:
        explained: what was near with the steps that only the explanation took.
        why_not: why the check itself looked no farther than plain hashes; None where it did.
    """
    return (
        _digests(result, question),
        _known_sets(result, question),
        *_plain(result, question, opened),
        *_wide(result.policy, question, explained, why_not),
    )


def registration_told(
    policy: MatchPolicy, question: Question, made: Registration, for_explanation: bool
) -> RegistrationTold:
    plan, usable = plan_of(policy), usable_views(question, policy)
    passes = []
    for step in plan.passes:
        views = views_of(question.views, usable, step)
        n_placements = len(views) * len(step.orientations) * len(step.placements)
        names = tuple(ORIENTATIONS[k] for k in step.orientations)
        passes.append(PassTold(step.kinds, tuple(views), names, not step.continued, n_placements))
    return RegistrationTold(
        for_explanation, tuple(passes), plan.coarse_max_distance, made, policy.max_comparisons
    )


def why_not_wider(result: CheckResult, question: Question, opened: Opened) -> str | None:
    """Why a check looked no farther than plain hashes; None where it did."""
    policy, made = result.policy, result.fingerprint
    if opened.near.registration is not None:
        return None
    if not policy.level.registers:
        return f"not at level {policy.level.value}"
    if policy.algorithm != PDQ:
        return f"only for pdq, and the policy's algorithm is {policy.algorithm}"
    if not opened.widens:
        low = question.low.get(PDQ)
        why = low or (made.reason if made is not None else None)
        return why or "there is no picture to be placed"
    if settled(opened.near, question, policy):
        return "a plain hash is a match"
    return "the database may hold its digests"


def why_view_is_unused(policy: MatchPolicy, question: Question, number: int) -> str | None:
    """Why a view is not registered; None where it may be."""
    if number in usable_views(question, policy):
        return None
    hashes = question.views[number].hashes
    if not hashes:  # the whole, whose hash is the question's own
        return question.low.get(PDQ, "it says too little")
    return why_too_little(hashes[0], policy.thresholds(PDQ))


def _digests(result: CheckResult, question: Question) -> Step:
    asked = [name for name, _ in question.digests.items()]
    if not asked:
        return Step("digests", False, False, "the medium has none")
    found = sum(match.kind is MatchKind.DIGEST for match in result.matches)
    said = f"{', '.join(asked)}: {'known' if found else 'none is known'}"
    return Step("digests", True, False, said, n_found=found)


def _known_sets(result: CheckResult, question: Question) -> Step:
    if not question.digests:
        return Step("known sets", False, False, "the medium has no digests")
    names = result.known_sets
    return Step("known sets", True, False, f"in {', '.join(names) or 'none'}", n_found=len(names))


def _plain(result: CheckResult, question: Question, opened: Opened) -> Iterable[Step]:
    policy = result.policy
    if policy.level is Level.DIGEST:
        yield Step("plain hashes", False, False, "not at level digest")
        return
    if not question.values:
        reason = result.fingerprint.reason if result.fingerprint else None
        yield Step("plain hashes", False, False, reason or "no hash was computed")
        return
    for value in question.values:
        name = value.algorithm
        forms = question.variants.get(name, ())
        if not forms:
            yield Step("plain hashes", False, False, question.low[name], algorithm=name)
            continue
        if name not in opened.entries:
            yield Step("plain hashes", False, False, "no entry has one", algorithm=name)
            continue
        n_views, n_turned = len({form.view for form in forms}), len({form.name for form in forms})
        within = policy.thresholds(name).possible
        rows = opened.near.found[name]
        n_found = len(set(rows.ids[rows.distances <= within].tolist()))
        yield Step(
            "plain hashes",
            True,
            False,
            f"{n_views} view{'s' * (n_views != 1)} in {n_turned} "
            f"orientation{'s' * (n_turned != 1)}: {n_found} within {within}",
            algorithm=name,
            radius=within,
            n_forms=len(forms),
            n_entries=opened.near.n_entries[name],
            n_found=n_found,
        )


def _wide(
    policy: MatchPolicy, question: Question, explained: Near, why_not: str | None
) -> Iterable[Step]:
    made = explained.registration
    if made is None:
        for name in ("wide radius", "registration"):
            yield Step(name, False, False, why_not or "not done")
        return
    done, radius = why_not is None, wide_radius(policy)
    note = "" if done else f"; for the explanation only: {why_not}"
    n_entries, n_wide = explained.n_entries[PDQ], len(set(explained.found[PDQ].ids.tolist()))
    yield Step(
        "wide radius",
        done,
        not done,
        f"{n_wide} within {radius}{note}",
        algorithm=PDQ,
        radius=radius,
        n_forms=len(question.variants[PDQ]),
        n_entries=n_entries,
        n_found=n_wide,
    )
    coarse = plan_of(policy).coarse_max_distance
    yield Step(
        "registration",
        done,
        not done,
        f"{made.n_candidates} within {coarse}, which were refined{note}",
        algorithm=PDQ,
        radius=coarse,
        n_forms=made.n_placements,
        n_entries=n_entries,
        n_found=made.n_candidates,
    )
