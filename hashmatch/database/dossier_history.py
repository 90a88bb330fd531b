"""What happened to one medium: told from the lives of its statements and the rows it had."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection

from hashmatch.database.dossier import Event, OpinionRecord, SourceSpan
from hashmatch.database.rows import digests_of, flag, label_of
from hashmatch.store import run, select_in
from hashmatch.types import Label

_LIVES = """
SELECT opinion.id, media_id, first_revision, withdrawn_revision, label, baseline
FROM wanted CROSS JOIN opinion WHERE opinion.id = wanted.k0"""
_PLACES = """
SELECT opinion_id, media_id, until_revision
FROM wanted CROSS JOIN opinion_history WHERE opinion_id = wanted.k0"""
_ROWS = """
SELECT from_revision, md5, sha1, sha256 FROM media_history WHERE media_id = ?
UNION ALL SELECT since_revision, md5, sha1, sha256 FROM media
    WHERE id = ? AND retired_revision IS NULL"""
_OTHERS = """
SELECT media.id, first_revision, retired_revision FROM wanted CROSS JOIN media
WHERE media.id = wanted.k0"""
_TIMES = """
SELECT revision, at FROM wanted CROSS JOIN revision_log WHERE revision = wanted.k0"""
_BASELINES = {True: "yes", False: "no", None: None}


@dataclass(slots=True)
class _Life:
    """One statement: its media in turn, each with the revisions from which and until which."""

    label: Label
    baseline: bool | None
    stays: list[tuple[int, int, int | None]] = field(default_factory=list)


def events(
    connection: Connection, media_id: int, same: Collection[int], opinion_ids: Collection[int]
) -> tuple[Event, ...]:
    """What happened, by revision.

    Args:
        same: the media, and those that were the same file before.
        opinion_ids: all statements that ever belonged to one of these.
    """
    lives = _lives(connection, opinion_ids)
    found = [*_moves(connection, same, lives), *_digests(connection, media_id)]
    found += _consolidated(same, lives)
    keys = [(revision,) for revision in sorted({event.revision for event in found})]
    times = {int(revision): str(at) for revision, at in select_in(connection, _TIMES, keys)}
    timed = {
        Event(e.revision, times.get(e.revision), e.what, e.before, e.after, e.media_id)
        for e in found
    }
    return tuple(sorted(timed, key=lambda e: (e.revision, e.what, e.media_id or 0, e.after or "")))


def spans(records: Iterable[OpinionRecord]) -> tuple[SourceSpan, ...]:
    """The latest time without a gap of each source, those that go on first."""
    by_source: dict[str, list[OpinionRecord]] = defaultdict(list)
    for record in records:
        by_source[record.stored.source].append(record)
    found = [_span(name, stated) for name, stated in by_source.items()]
    return tuple(sorted(found, key=lambda span: (span.until_revision is not None, span.source)))


def _span(source: str, records: list[OpinionRecord]) -> SourceSpan:
    records.sort(key=lambda record: record.stored.first_revision)
    since, last = records[0], records[0]
    for record in records[1:]:
        end = last.withdrawn_revision
        if end is not None and record.stored.first_revision > end:
            since, last = record, record  # nothing was said between
        elif end is not None and (
            record.withdrawn_revision is None or record.withdrawn_revision > end
        ):
            last = record
    return SourceSpan(
        source=source,
        since_revision=since.stored.first_revision,
        since=since.stored.imported_at.isoformat(),
        until_revision=last.withdrawn_revision,
        until=last.withdrawn_at,
    )


def _lives(connection: Connection, opinion_ids: Collection[int]) -> list[_Life]:
    keys = [(opinion_id,) for opinion_id in sorted(opinion_ids)]
    former: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for opinion_id, media_id, until in select_in(connection, _PLACES, keys):
        former[opinion_id].append((int(until), int(media_id)))
    lives = []
    for opinion_id, media_id, came, went, label, baseline in select_in(connection, _LIVES, keys):
        life = _Life(label_of(label), flag(baseline))
        since = int(came)
        for until, place in sorted(former.get(opinion_id, ())):
            life.stays.append((place, since, until))
            since = until
        if went is None or went > since:
            life.stays.append((int(media_id), since, went))
        lives.append(life)
    return lives


def _moves(
    connection: Connection, same: Collection[int], lives: Iterable[_Life]
) -> Iterator[Event]:
    moved = {
        (here, there, int(revision))
        for life in lives
        for (here, _, revision), (there, *_) in zip(life.stays, life.stays[1:], strict=False)
        if revision is not None and (here in same) != (there in same)
    }
    keys = [(media_id,) for media_id in sorted({end for pair in moved for end in pair[:2]})]
    known = {row[0]: (row[1], row[2]) for row in select_in(connection, _OTHERS, keys)}
    for here, there, revision in moved:
        coming = there in same
        merged = known.get(here, (0, None))[1] == revision
        separated = known.get(there, (0, None))[0] == revision
        if merged:
            what = "merged" if coming else "merged into"
        elif separated:
            what = "separated from" if coming else "separated"
        else:
            what = "statements from" if coming else "statements to"
        yield Event(revision, None, what, media_id=here if coming else there)


def _digests(connection: Connection, media_id: int) -> Iterator[Event]:
    before = None
    for revision, *digests in sorted(
        run(connection, _ROWS, (media_id, media_id)), key=lambda row: int(row[0])
    ):
        after = ", ".join(f"{name} {text}" for name, text in digests_of(digests).items()) or None
        if after != before:
            yield Event(int(revision), None, "digests", before, after)
        before = after


def _consolidated(same: Collection[int], lives: Iterable[_Life]) -> Iterator[Event]:
    """Changes of label and Baseline, as ``MediaView`` consolidates them."""
    turns: dict[int, list[tuple[int, _Life]]] = defaultdict(list)
    for life in lives:
        for place, since, until in life.stays:
            if place in same:
                turns[since].append((1, life))
                if until is not None:
                    turns[until].append((-1, life))
    labels: Counter[Label] = Counter()
    baselines: Counter[bool | None] = Counter()
    was: dict[str, str | None] = {"label": None, "baseline": None}
    for revision in sorted(turns):
        for step, life in turns[revision]:
            labels[life.label] += step
            baselines[life.baseline] += step
        for what, now in (("label", _label(labels)), ("baseline", _baseline(baselines))):
            if now != was[what]:
                yield Event(revision, None, what, was[what], now)
            was[what] = now


def _label(counts: Mapping[Label, int]) -> str | None:
    stated = [label for label, count in counts.items() if count]
    return max(stated, key=lambda label: label.severity).value if stated else None


def _baseline(counts: Mapping[bool | None, int]) -> str | None:
    return _BASELINES[True if counts.get(True) else False if counts.get(False) else None]
