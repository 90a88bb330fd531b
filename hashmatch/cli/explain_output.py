"""An explanation as a person reads it: the query, what was tried, the nearest entries, the cost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hashmatch.cli.check_output import print_result, says
from hashmatch.cli.output import console, shown
from hashmatch.matching import EntryTold, Explanation, PassTold, PlacedTold, RegistrationTold, Step


def print_explanation(name: str, made: Explanation) -> None:
    """The answer as ``check`` prints it, then what led to it."""
    print_result(name, made.result)
    out = console()
    for title, lines in (
        ("query", _query(made)),
        ("tried", _tried(made)),
        ("nearest entries", _entries(made)),
        ("cost", _cost(made)),
    ):
        out.print(title)
        for line in lines:
            out.print(f"  {shown(line)}")


def _query(made: Explanation) -> Iterator[str]:
    result = made.result
    query = result.fingerprint
    if query is not None:
        parts = [query.status.value, query.mime or "unknown type"]
        if query.size is not None:
            parts.append(f"{query.size:,} bytes")
        if query.width is not None:
            parts.append(f"{query.width} x {query.height} pixels")
        yield ", ".join(parts) + (f": {query.reason}" if query.reason else "")
    for digest, value in result.query_digests.items():
        yield f"{digest} {value}"
    for hashed in result.query:
        quality = "" if hashed.quality is None else f", quality {hashed.quality}"
        yield f"{hashed.algorithm} {hashed.hex}{quality}"
    for view in made.views:
        yield _view(view)


def _view(view: dict[str, Any]) -> str:
    left, top, right, bottom = view["box"]
    text = f"view {view['view']}: {_KINDS.get(view['kind'], view['kind'])}"
    text += f", from {left},{top} to {right},{bottom}"
    if view["quality"] is not None:
        text += f", quality {view['quality']}"
    text += f", {100 * view['flatness']:.0f} % of one tone"
    text += ", captioned" if view["captioned"] else ""
    return text + (f"; not used: {view['unused']}" if view["unused"] else "")


_KINDS = {
    "whole": "the whole",
    "border": "within a border",
    "bar": "within bars",
    "picture": "a picture within",
}


def _tried(made: Explanation) -> Iterator[str]:
    for number, step in enumerate(made.steps, start=1):
        yield f"{number}. {_step(step)}"
        if step.name == "registration" and made.registration is not None:
            for line in _registration(made.registration):
                yield f"   {line}"


def _step(step: Step) -> str:
    text = step.name + (f", {step.algorithm}" if step.algorithm else "")
    if not step.done and not step.for_explanation:
        return f"{text}: not done: {step.said}"
    if step.n_forms is not None:
        text += f" ({step.n_forms:,} forms against {step.n_entries or 0:,} entries)"
    return f"{text}: {step.said}"


def _registration(told: RegistrationTold) -> Iterator[str]:
    for one in told.passes:
        yield _pass(one)
    yield (
        f"{told.made.n_comparisons:,} of at most {told.max_comparisons:,} comparisons; "
        f"{told.n_evaluations:,} placements tried in refining"
    )
    yield from told.made.gates


def _pass(one: PassTold) -> str:
    kinds = " or ".join(_KINDS.get(kind, kind) for kind in one.kinds)
    if not one.views:
        return f"{kinds}: no such view"
    views = ", ".join(str(number) for number in one.views)
    what = "places within it" if one.inside else "placements"
    turned = len(one.orientations)
    orientations = f"{turned} orientations" if turned > 1 else one.orientations[0]
    return f"{kinds} (view {views}): {one.n_placements:,} {what}, {orientations}"


def _entries(made: Explanation) -> Iterator[str]:
    if not made.entries:
        yield "none was compared"
    for number, entry in enumerate(made.entries, start=1):
        yield f"{number}. {_head(entry)}"
        if entry.plain is not None:
            plain = entry.plain.one
            variant = made.question.variants[plain.algorithm][plain.number]
            where = f"view {variant.view}, {variant.name}"
            unit = "squared" if plain.algorithm == "photodna" else "bits"
            yield (
                f"   as it is: {plain.distance} {unit} ({where}): {entry.plain.reason}"
                f"{_aside(entry.plain.of_check)}"
            )
        if entry.registered is not None:
            yield from (f"   {line}" for line in _registered(entry.registered, made))
        else:
            yield f"   not registered: {entry.without_registration}"
        for stored in entry.hit.media.opinions:
            yield f"   {says(stored)}"


def _head(entry: EntryTold) -> str:
    if entry.in_answer and entry.status is not None:
        outcome = f"{entry.status.value} {entry.alert.value}"
    elif entry.status is not None:
        outcome = f"{entry.status.value}, but the answer names its medium by another match"
    else:
        outcome = "not accepted"
    stored = entry.hit.hash
    text = f"media {entry.hit.media.media_id}: {outcome}; {stored.algorithm} {stored.hex}"
    if stored.quality is not None:
        text += f", quality {stored.quality}"
    return text + f", stated by {entry.hit.source}"


def _registered(told: PlacedTold, made: Explanation) -> Iterator[str]:
    values = told.to_dict(made.question)
    added = values["added"]
    yield (
        f"registered: {values['before']} bits before, {values['distance']} after refining "
        f"(view {values['view']}; {values['described']})"
    )
    more = "" if added["trials"] is None else f", {added['trials']:.1f} for other trials"
    yield (
        f"  weighted {values['weighted']:.1f}, {added['hidden']:.1f} for "
        f"{100 * values['hidden']:.0f} % hidden, {added['concentrated']:.1f} for a concentrated "
        f"hash{more}: {told.reason}{_aside(told.of_check)}"
    )


def _aside(of_check: bool) -> str:
    return "" if of_check else " (looked at for the explanation only)"


def _cost(made: Explanation) -> Iterator[str]:
    for stage, ms in made.stages_ms.items():
        yield f"{ms:10.1f} ms  {stage}"
    yield f"{made.result.n_comparisons:,} comparisons by the check"
