"""Media at two revisions: which are there, what they are called, where their statements went."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from hashmatch.database.changes import Change, ChangeKind
from hashmatch.database.past import PLACE_THEN, PastView
from hashmatch.database.rows import flag, label_of
from hashmatch.store import select_in
from hashmatch.types import Digests, Label

_SAID = """
SELECT opinion.id, source_id, label, baseline FROM wanted CROSS JOIN opinion
WHERE opinion.id = wanted.k0"""
_PLACE = f"""
SELECT opinion.id, {PLACE_THEN} FROM wanted CROSS JOIN opinion
WHERE opinion.id = wanted.k0 AND opinion.first_revision <= ?
    AND (opinion.withdrawn_revision IS NULL OR opinion.withdrawn_revision > ?)"""  # noqa: S608 - made of constants here


@dataclass(slots=True)
class _State:
    """A media at one revision, consolidated as ``MediaView`` does."""

    label: Label
    baseline: bool | None

    def add(self, label: Label, baseline: bool | None) -> None:
        if label.severity > self.label.severity:
            self.label = label
        if baseline is True or self.baseline is None:
            self.baseline = baseline


def changed_media(
    earlier: PastView, later: PastView, ids: Collection[int], *, source_id: int | None
) -> Iterator[Change]:
    """The differences of these media.

    Args:
        earlier, later: views of the two revisions in one transaction.
        ids: of some hundreds of media; each is told of in one call only.
        source_id: media as this source alone shows them.
    """
    before, after = earlier.places(ids), later.places(ids)
    said = _said(later, before.keys() | after.keys(), source_id)
    moved_out = _moves(later, before, after, said)
    moved_in = {(origin, media_id) for media_id, origin in _moves(earlier, after, before, said)}
    ends = {end for pair in (*moved_out, *moved_in) for end in pair}.difference(ids)
    was = _states(before, said)
    now = _states(after, said)
    was_there = was.keys() | _live(earlier, ends, source_id)
    is_there = now.keys() | _live(later, ends, source_id)
    digests = {**earlier.digests(was), **later.digests(now)}
    for media_id in sorted(was.keys() | now.keys()):
        of = digests[media_id]
        went = sorted(to for origin, to in moved_out if origin == media_id)
        came = sorted(origin for origin, to in moved_in if to == media_id)
        for to in went:
            kind = _move(media_id in is_there, to in was_there)
            if kind is not ChangeKind.SEPARATED:
                yield Change(kind, media_id, of, other_media_id=to)
        for origin in came:
            if _move(origin in is_there, media_id in was_there) is ChangeKind.SEPARATED:
                yield Change(ChangeKind.SEPARATED, media_id, of, other_media_id=origin)
        yield from _own_changes(media_id, of, was.get(media_id), now.get(media_id), went, came)


def _own_changes(
    media_id: int,
    digests: Digests,
    was: _State | None,
    now: _State | None,
    went: list[int],
    came: list[int],
) -> Iterator[Change]:
    if was is None:
        if not came:
            yield Change(ChangeKind.APPEARED, media_id, digests)
    elif now is None:
        if not went:
            yield Change(ChangeKind.VANISHED, media_id, digests)
    else:
        if was.label is not now.label:
            yield Change(ChangeKind.LABEL, media_id, digests, before=was.label, after=now.label)
        if was.baseline is not now.baseline:
            yield Change(
                ChangeKind.BASELINE, media_id, digests, before=was.baseline, after=now.baseline
            )


def _move(origin_is_there: bool, target_was_there: bool) -> ChangeKind:
    if origin_is_there:
        return ChangeKind.REGROUPED if target_was_there else ChangeKind.SEPARATED
    return ChangeKind.MERGED if target_was_there else ChangeKind.REPLACED


def _said(
    view: PastView, opinion_ids: Collection[int], source_id: int | None
) -> dict[int, tuple[Label, bool | None]]:
    keys = [(opinion_id,) for opinion_id in sorted(opinion_ids)]
    return {
        opinion_id: (label_of(label), flag(baseline))
        for opinion_id, source, label, baseline in select_in(view.connection, _SAID, keys)
        if source_id is None or source == source_id
    }


def _moves(
    target: PastView,
    here: Mapping[int, int],
    there: Mapping[int, int],
    said: Collection[int],
) -> set[tuple[int, int]]:
    """(media, media at the target's revision) of statements that are active at both."""
    known = {opinion_id: there[opinion_id] for opinion_id in here if opinion_id in there}
    elsewhere = [(opinion_id,) for opinion_id in sorted(here.keys() - there.keys())]
    then = (target.revision,) * 3
    known.update((row[0], row[1]) for row in select_in(target.connection, _PLACE, elsewhere, then))
    return {
        (here[opinion_id], place)
        for opinion_id, place in known.items()
        if place != here[opinion_id] and opinion_id in said
    }


def _states(
    places: Mapping[int, int], said: Mapping[int, tuple[Label, bool | None]]
) -> dict[int, _State]:
    states: dict[int, _State] = {}
    for opinion_id, media_id in places.items():
        stated = said.get(opinion_id)
        if stated is None:
            continue
        if media_id in states:
            states[media_id].add(*stated)
        else:
            states[media_id] = _State(*stated)
    return states


def _live(view: PastView, ids: Iterable[int], source_id: int | None) -> set[int]:
    places = view.places(list(ids))
    said = _said(view, places.keys(), source_id)
    return {media_id for opinion_id, media_id in places.items() if opinion_id in said}
