"""``hashmatch db stats``: what the national database holds, counted, and how it does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import click

from hashmatch.cli.csv_output import write_csv
from hashmatch.cli.exits import Exit
from hashmatch.cli.options import csv_option, database_argument, json_option, one_form
from hashmatch.cli.output import console, shown, write_json
from hashmatch.database import DatabaseStats, Indicators, open_database

STATS_SCHEMA = "hashmatch.db.stats/1"
COLUMNS = ("indicator", "key", "second key", "number")
_COUNTS = ("revision", "media", "opinions", "withdrawn", "conflicts", "md5_conflicts", "snapshots")


@click.command("stats")
@database_argument
@json_option
@csv_option
def stats_command(database: str, as_json: bool, as_csv: bool) -> int:
    """Count what DATABASE holds: by kind, label, source and month; who overlaps and disagrees."""
    one_form(as_json, as_csv)
    with open_database(database, read_only=True) as db:
        stats, found = db.stats(), db.indicators()
    if as_json:
        write_json({"schema": STATS_SCHEMA, **stats.to_dict(), **found.to_dict()})
    elif as_csv:
        for row in (COLUMNS, *_csv_rows(stats, found)):
            write_csv(row)
    else:
        out = console()
        for line in _lines(stats, found):
            out.print(line)
    return Exit.DONE


def _csv_rows(stats: DatabaseStats, found: Indicators) -> Iterator[tuple[str, str, str, int]]:
    values = stats.to_dict()
    for name in _COUNTS:
        yield name, "", "", values[name]
    for name in ("by_source", "by_label", "by_baseline"):
        for key, count in values[name].items():
            yield f"opinions_{name}", key, "", count
    for name, counts in stats.hashes.items():
        yield "hashes_matchable", name, "", counts.matchable
    yield from found.rows()


def _lines(stats: DatabaseStats, found: Indicators) -> Iterator[str]:
    """The whole account in words."""
    yield (
        f"Revision {stats.revision}: {_number(stats.media, 'medium', 'media')}, about which "
        f"{_number(stats.opinions, 'statement')} of {_number(len(stats.by_source), 'source')} "
        f"hold; {stats.withdrawn} more were withdrawn. {_number(stats.snapshots, 'import')} so far."
    )
    yield f"Content digest {found.content_digest}."
    media = found.media
    yield from _part("Media by label", media.labels)
    yield from _part("Media by INTERPOL Baseline", media.baselines)
    yield from _part("Media by kind", media.kinds)
    yield from _part("Media by source", media.sources)
    yield from _part("Media by month in which they were first known", media.months)
    yield f"Media that one source alone has: {media.only_one_source}"
    yield from _part("Media that two sources both have", _pairs(media.overlaps))
    yield f"Media on which sources disagree: {stats.conflicts}"
    yield from _part("Which sources disagree, and on how many media", _pairs(media.conflicts))
    yield f"MD5 values that stand for more than one file: {stats.md5_conflicts}"
    yield from _part(
        f"Media with a perceptual hash that a search finds, of {stats.media}", found.coverage
    )
    yield from _part("Hashes that are kept and never matched", _flat(found.not_matchable))
    yield from _part(
        "Latest import of each source",
        {
            name: f"{age.days} days ago ({age.imported_at[:10]}"
            f"{'' if age.file_name is None else ', ' + age.file_name}"
            f"{', complete' if age.complete else ''})"
            for name, age in sorted(found.lists.items())
        },
    )
    yield from _part("Answers with a match, by month and alert", _flat(found.matches))
    yield from _part(
        "Sets of known files",
        {
            name: f"{counts['records']} records; {counts['overlap']} media illegal to a list"
            for name, counts in sorted(found.known_sets.items())
        },
    )


def _part(title: str, values: Mapping[str, Any]) -> Iterable[str]:
    if not values:
        return [f"{title}: none"]
    rows = sorted(values.items())
    width = max(len(shown(name)) for name, _ in rows)
    return [f"{title}:", *(f"  {shown(name):<{width}}  {shown(value)}" for name, value in rows)]


def _pairs(counts: Mapping[tuple[str, str], int]) -> dict[str, int]:
    return {f"{one} and {other}": count for (one, other), count in counts.items()}


def _flat(counts: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    return {f"{one}: {other}": n for one, inner in counts.items() for other, n in inner.items()}


def _number(count: int, one: str, many: str | None = None) -> str:
    return f"{count} {one if count == 1 else many or one + 's'}"
