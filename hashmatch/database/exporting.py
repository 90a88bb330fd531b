"""Exporting: one record for each media, consolidated, in the writer's order, streamed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from hashmatch.database.new_since import NewSince
from hashmatch.database.reading import SnapshotView
from hashmatch.database.views import MediaView, StoredOpinion, merge_extra
from hashmatch.errors import InputError, InputTypeError
from hashmatch.facts import WORDS, Facts
from hashmatch.types import Digests, HashRecord, HashValue, Label, Opinion

SOURCE_FIELD = "PrecategorizationSource"
"""Name in ``HashRecord.extra`` under which the names of the sources go out, as JSON text."""
_BLOCK = 1_000


@dataclass(frozen=True, slots=True)
class ExportFilter:
    """Which media an export takes; an empty filter takes all.

    Raises:
        InputError: ``labels`` has a word that is no label.

    Attributes:
        sources: only what these sources say: media, hashes and the consolidated opinion.
        labels: only media whose consolidated label is one of these.
        baseline: only media whose consolidated Baseline is this.
        not_in: no media that one of these sources has an active opinion on.
        only_new_since: only media that ``sources`` (or anybody, without them) had no active opinion
            on at this revision.
    """

    sources: frozenset[str] | None = None
    labels: frozenset[Label] | None = None
    baseline: bool | None = None
    not_in: frozenset[str] = frozenset()
    only_new_since: int | None = None

    def __post_init__(self) -> None:
        for name in ("sources", "labels", "not_in"):
            # The letters of a single text would pass for names.
            if isinstance(getattr(self, name), str):
                raise InputTypeError(f"{name}: expected a set of names, got a str")
        try:
            labels = None if self.labels is None else frozenset(map(Label, self.labels))
        except ValueError as error:
            raise InputError(f"labels: expected some of {[*Label]}, got {error}") from error
        object.__setattr__(self, "labels", labels)

    def to_dict(self) -> dict[str, object]:
        """JSON-ready, for the audit log."""
        return {
            "sources": None if self.sources is None else sorted(self.sources),
            "labels": None if self.labels is None else sorted(self.labels),
            "baseline": self.baseline,
            "not_in": sorted(self.not_in),
            "only_new_since": self.only_new_since,
        }


def consolidated_records(view: SnapshotView, where: ExportFilter) -> Iterator[HashRecord]:
    """One record for each selected media, in the order of ``exchange.sort_key``.

    ``record_key`` is the first known digest as "md5:<hex>", or "hashes:<key>" where there is
    none, so that the same content gives the same file from any database.

    Raises:
        InputError: ``where.only_new_since`` is no revision that the view can be compared with.
    """
    since = where.only_new_since
    new_since = None if since is None else NewSince(view, since, where.sources)
    position = 0
    for block in view.live_media(block=_BLOCK):
        chosen = {}
        for media_id, media in view.media(block).items():
            selected = _select(media, where)
            if selected is not None:
                chosen[media_id] = selected
        if new_since is not None:
            new = new_since.of(chosen)
            chosen = {media_id: media for media_id, media in chosen.items() if media_id in new}
        hashes = view.hashes_of(chosen)
        for media_id in block:
            selected = chosen.get(media_id)
            if selected is None:
                continue
            position += 1
            stated = [
                value
                for source, value in hashes.get(media_id, ())
                if where.sources is None or source in where.sources
            ]
            yield _record(selected, stated, position)


def _select(media: MediaView, where: ExportFilter) -> MediaView | None:
    """The media as the filter's sources see it, or None where it is not selected.

    Whether it is new is not asked here.
    """
    if not where.not_in.isdisjoint(media.sources):
        return None
    if where.sources is not None:
        opinions = tuple(s for s in media.opinions if s.source in where.sources)
        media = replace(media, opinions=opinions)
    if not media.opinions:
        return None
    if where.labels is not None and media.label not in where.labels:
        return None
    if where.baseline is not None and media.baseline is not where.baseline:
        return None
    return media


def _record(media: MediaView, hashes: Sequence[HashValue], position: int) -> HashRecord:
    extra = dict(merge_extra(media.opinions))
    extra[SOURCE_FIELD] = json.dumps(", ".join(media.sources))
    return HashRecord(
        record_key=_record_key(media.digests, media.exact_key),
        position=position,
        digests=media.digests,
        opinion=consolidate(media.opinions),
        kind=media.kind,
        mime=media.mime,
        size=media.size,
        hashes=_distinct(hashes),
        extra=extra,
    )


def consolidate(opinions: Sequence[StoredOpinion]) -> Opinion:
    """One opinion for several, most severe first.

    Category and label are those of the first. Baseline is yes if anyone says so. What the first
    does not state is taken from the next one that does, each flag and each fact for itself. Series
    and tags are united.
    """
    first = opinions[0].opinion
    if len(opinions) == 1 and not _repeats(first.series) and not _repeats(first.tags):
        return first
    baselines = {stored.opinion.baseline for stored in opinions}
    stated = [stored.opinion for stored in opinions]
    filled = _first_stated(stated, (*Opinion.FLAGS, "submissions", "updated_raw"))
    facts = _first_stated([opinion.facts for opinion in stated], WORDS)
    return replace(
        first,
        baseline=True if True in baselines else False if False in baselines else None,
        series=_united(stored.opinion.series for stored in opinions),
        tags=_united(stored.opinion.tags for stored in opinions),
        facts=Facts(**facts),
        **filled,
    )


def _first_stated(given: Sequence[object], names: Iterable[str]) -> dict[str, Any]:
    """Of each attribute, the first value that is not None."""
    values = {name: [getattr(one, name) for one in given] for name in names}
    return {
        name: next((value for value in found if value is not None), None)
        for name, found in values.items()
    }


def _repeats(texts: Sequence[str]) -> bool:
    return len(texts) > 1 and len(set(texts)) < len(texts)


def _united(lists: Iterator[tuple[str, ...]]) -> tuple[str, ...]:
    """Every text once, in the order of first appearance."""
    return tuple(dict.fromkeys(text for texts in lists for text in texts))


def _distinct(hashes: Sequence[HashValue]) -> tuple[HashValue, ...]:
    """Each value once at each frame and time, with the best quality that is known for it.

    In the order of the video, where they are of one.
    """
    if len(hashes) < 2:
        return tuple(hashes)
    best: dict[tuple[str, int, float, bytes], HashValue] = {}
    for value in hashes:
        frame = -1 if value.frame is None else value.frame
        time_s = -1.0 if value.time_s is None else value.time_s
        key = (value.algorithm, frame, time_s, value.value)
        known = best.get(key)
        if known is None or _rank(value.quality) > _rank(known.quality):
            best[key] = value
    return tuple(best[key] for key in sorted(best))


def _rank(quality: int | None) -> int:
    return -1 if quality is None else quality


def _record_key(digests: Digests, exact_key: str | None) -> str:
    for name, value in digests.items():
        return f"{name}:{value}"
    return f"hashes:{exact_key}"
