"""The page of one medium, line by line; the caller escapes what names contain."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hashmatch.database import (
    Dossier,
    Event,
    OpinionRecord,
    SourceSpan,
    StatedHash,
    StatedSighting,
)
from hashmatch.types import Opinion

_BASELINES = {True: "yes", False: "no", None: "unknown"}
_WORDS = {
    "merged": "media {} became part of it",
    "merged into": "became part of media {}",
    "separated": "media {}, which was part of it, became a media of its own",
    "separated from": "became a media of its own, it was part of media {}",
    "statements from": "statements of media {} came to it",
    "statements to": "statements of it went to media {}",
}


def page(found: Dossier) -> Iterator[str]:
    """Everything on one medium."""
    yield from _head(found)
    yield ""
    yield "Who has it:"
    yield from (f"  {_span(span)}" for span in found.sources)
    active = sum(record.active for record in found.opinions)
    yield f"Statements: {active} active, {len(found.opinions) - active} withdrawn"
    for record in found.opinions:
        yield from _opinion(record)
    yield f"Perceptual hashes: {len(found.hashes)}"
    yield from (f"  {_hash(row)}" for row in found.hashes)
    yield f"Sightings in cases: {len(found.sightings)}"
    yield from (f"  {_sighting(row)}" for row in found.sightings)
    yield "History:"
    yield from (f"  {_event(event)}" for event in found.history)


def _head(found: Dossier) -> Iterator[str]:
    media = found.media
    yield f"Media {media.media_id} at revision {found.revision}"
    for name, value in media.digests.items():
        yield f"  {name:<8} {value}"
    if media.exact_key is not None:
        yield f"  hashes   {media.exact_key} (no digest is known)"
    if found.merged_into is not None:
        yield f"  is part of media {found.merged_into} now"
    elif not found.live:
        yield "  nobody says anything of it now"
    if found.former_ids:
        yield f"  with what was media {', '.join(map(str, found.former_ids))}"
    if media.label is not None:
        conflict = "; SOURCES DISAGREE" if media.conflict else ""
        yield f"  {media.label.value}, INTERPOL Baseline {_BASELINES[media.baseline]}{conflict}"
        facts = [media.kind.value, media.mime, media.size and f"{media.size} bytes"]
        yield f"  {', '.join(str(fact) for fact in facts if fact)}"


def _span(span: SourceSpan) -> str:
    since = f"revision {span.since_revision}{_day(span.since)}"
    if span.until_revision is None:
        return f"in {span.source} since {since}"
    until = f"revision {span.until_revision}{_day(span.until)}"
    return f"no longer in {span.source}: from {since} until {until}"


def _opinion(record: OpinionRecord) -> Iterator[str]:
    stored, opinion = record.stored, record.stored.opinion
    code = "" if opinion.raw_category is None else f" (code {opinion.raw_category})"
    went = "" if record.active else f"  WITHDRAWN ({record.withdrawn_reason})"
    yield (
        f"  {stored.source}: {opinion.label.value}{code}, "
        f"Baseline {_BASELINES[opinion.baseline]} [{stored.record_key}]{went}"
    )
    where = f"list {stored.file_name}, " if stored.file_name is not None else ""
    yield (
        f"    {where}import {stored.snapshot_id}, revision {stored.first_revision}"
        f"{_day(stored.imported_at.isoformat())}; confirmed last by import "
        f"{stored.last_snapshot_id}{_day(record.last_seen_at)}"
    )
    if not record.active:
        yield f"    withdrawn at revision {record.withdrawn_revision}{_day(record.withdrawn_at)}"
    digests = ", ".join(f"{name} {value}" for name, value in stored.digests.items())
    yield f"    states {digests or 'no digest'}, scheme {opinion.scheme}"
    details = dict(_details(opinion))
    if details:
        yield f"    {_members(details)}"
    if stored.extra:
        yield f"    {_members(stored.extra)}"


def _details(opinion: Opinion) -> Iterator[tuple[str, str]]:
    for name in Opinion.FLAGS:
        value = getattr(opinion, name)
        if value is not None:
            yield name.replace("_", " "), _BASELINES[value]
    for name in ("series", "tags"):
        if texts := getattr(opinion, name):
            yield name, ", ".join(texts)
    if opinion.submissions is not None:
        yield "submissions", str(opinion.submissions)
    if opinion.updated_raw is not None:
        yield "updated", opinion.updated_raw
    yield from opinion.facts.to_dict().items()


def _hash(row: StatedHash) -> str:
    value = row.value
    quality = "" if value.quality is None else f", quality {value.quality}"
    frame = "" if value.frame is None else f", frame {value.frame}"
    time = "" if value.time_s is None else f", at {value.time_s:g} s"
    if not row.active:
        found = "its statement was withdrawn"
    else:
        found = "matchable" if row.matchable else f"never matched: {row.reason}"
    return f"{value.algorithm} {value.hex}{quality}{frame}{time}; {row.source}; {found}"


def _sighting(row: StatedSighting) -> str:
    place = row.place
    stated = {
        "case": place.case,
        "file": place.file_path or place.file_name,
        "in": place.parent_path,
        "created": place.created_raw,
        "written": place.written_raw,
        "accessed": place.accessed_raw,
        **place.extra,
    }
    went = "" if row.active else " (its statement was withdrawn)"
    known = {name: text for name, text in stated.items() if text is not None}
    return f"{row.source}, revision {row.first_revision}: {_members(known)}{went}"


def _event(event: Event) -> str:
    when = f"revision {event.revision}{_day(event.at)}"
    if event.what in _WORDS:
        return f"{when}: {_WORDS[event.what].format(event.media_id)}"
    nothing = "unknown" if event.what == "baseline" else "none"
    return f"{when}: {event.what}: {event.before or nothing} became {event.after or nothing}"


def _members(texts: Mapping[str, str]) -> str:
    return "; ".join(f"{name}: {text}" for name, text in texts.items())


def _day(time: str | None) -> str:
    return "" if time is None else f", {time[:10]}"
