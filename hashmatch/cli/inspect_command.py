"""``hashmatch inspect``: what a list is and holds, before anybody imports it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from hashmatch.cli.exits import Exit
from hashmatch.cli.list_options import (
    MAX_SHOWN,
    print_rejects,
    print_warnings,
    reading,
    reading_options,
    size_of,
)
from hashmatch.cli.options import json_option
from hashmatch.cli.output import console, print_error, print_ledger, shown, write_json
from hashmatch.cli.progress import progress
from hashmatch.database import why_not_matchable
from hashmatch.exchange import Inspection, inspect_list
from hashmatch.ledger import Ledger
from hashmatch.types import Label

LABELS: Mapping[str, str] = {
    Label.CSAM.value: "CSAM",
    Label.EXPLOITIVE.value: "exploitive or age-difficult",
    Label.CGI.value: "CGI or animation, exploitive",
    Label.COMPARISON.value: "comparison pictures",
    Label.UNCATEGORIZED.value: "no meaning that is known",
    Label.NON_PERTINENT.value: "not pertinent",
    Label.KNOWN_IGNORABLE.value: "known and ignorable, never CSAM",
}
"""Labels in an analyst's words."""


@click.command("inspect")
@click.argument("file", type=click.Path())
@reading_options
@json_option
def inspect_command(file: str, as_json: bool, **how: Any) -> int:
    """Say what the hash list FILE is and count what is in it; nothing is imported.

    Exit code 2 if the list is not complete or if records of it were refused.
    """
    with progress(f"reading {Path(file).name}", size_of(file)) as advance:
        found = inspect_list(
            file,
            why_not_matchable=why_not_matchable,
            on_progress=lambda done, total: advance(done),
            **reading(**how),
        )
    if as_json:
        write_json({"schema": "hashmatch.inspect/1", **found.to_dict()})
    else:
        _print(found)
    if found.problem is not None:
        print_error("ExchangeError", found.problem, as_json=False)
    print_ledger(_ledger(found), what="inspect")
    return Exit.FAILED if found.rejected or not found.complete else Exit.DONE


def _ledger(found: Inspection) -> Ledger:
    counts = found.survey
    ledger = Ledger(done=counts["records"] + counts["deletions"], rejected=counts["rejected"])
    for reason, count in counts["rejected_reasons"].items():
        ledger.reasons["rejected", reason] += count
    return ledger


def _print(found: Inspection) -> None:
    out = console()
    out.print(f"{shown(found.path)}: {shown(found.title)}")
    for name, text in _lines(found):
        out.print(f"  {name + ':' if name else '':<21}{shown(text)}")
    print_rejects(found.survey["rejects"])
    print_warnings(found.warnings)


def _lines(found: Inspection) -> Iterator[tuple[str, str]]:
    counts, info = found.survey, found.info
    yield "format", f"{info.format} ({info.document})"
    if info.context:
        yield "says of itself", info.context
    for name, text in sorted(info.facts.items()):
        yield "", f"{name} = {text}"
    yield "file", f"{found.size:,} bytes, SHA-256 {found.sha256}"
    yield "complete", "yes" if found.complete else "NO, counts are of what could be read"
    yield "records", f"{counts['records']:,}"
    if counts["deletions"]:
        yield "deletions", f"{counts['deletions']:,} ({_pairs(counts['deletion_reasons'])})"
    yield "refused", f"{counts['rejected']:,} records, {counts['field_rejects']:,} single fields"
    yield "meaning", _pairs({LABELS[n]: c for n, c in counts["labels"].items()}) or "nothing"
    for row in counts["categories"][:MAX_SHOWN]:
        code = "no category" if row["category"] is None else f"category {row['category']}"
        yield "", f"{row['count']:,} {code} ({row['scheme']}): {LABELS[row['label']]}"
    more = len(counts["categories"]) - MAX_SHOWN
    if more > 0 or counts["more_categories"]:
        yield "", "other categories, see --json"
    yield "media", _pairs(counts["kinds"])
    if counts["mimes"]:
        yield "MIME types", _pairs(counts["mimes"])
    fields = counts["fields"]
    digests = {name: fields[name] for name in ("md5", "sha1", "sha256") if name in fields}
    yield "digests", _pairs(digests) or "none"
    yield from _hashes(counts["hashes"])
    yield from _flags(counts["flags"], counts["records"])
    yield from _dates(counts["dates"])
    others = {n: c for n, c in fields.items() if n not in digests and not n.startswith("hash: ")}
    yield "fields", _pairs(others) or "none"
    yield from _repeats(counts["repeats"])


def _hashes(hashes: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if not hashes:
        yield "perceptual hashes", "none"
    for name, counts in hashes.items():
        low = sum(counts["low_information"].values())
        parts = [f"{counts['values']:,}", f"{counts['with_quality']:,} with quality"]
        if counts["with_time"]:
            parts.append(f"{counts['with_time']:,} with a frame or time")
        parts.append(
            f"{low:,} of low information, never matched ({_pairs(counts['low_information'])})"
            if low
            else "none of low information"
        )
        yield "perceptual hashes", f"{name}: {', '.join(parts)}"


def _flags(flags: Mapping[str, Any], records: int) -> Iterator[tuple[str, str]]:
    for name, counts in flags.items():
        if counts["unknown"] < records:
            unknown = f", {counts['unknown']:,} unknown" if counts["unknown"] else ""
            yield name.replace("_", " "), f"{counts['yes']:,} yes, {counts['no']:,} no{unknown}"


def _dates(dates: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if dates["first"] is not None:
        yield "updated", f"{dates['first']} to {dates['last']}"
    odd = {
        name.replace("_", " "): dates[name]
        for name in ("no_zone", "unclear", "implausible")
        if dates[name]
    }
    if odd:
        yield "dates", _pairs(odd)


def _repeats(repeats: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    words = {
        "record_keys": "record keys that came before",
        "digests": "digests that came before",
        "md5_with_another_sha1": "MD5 values with another SHA-1",
    }
    told = [f"{count:,} {words[name]}" for name, count in repeats.items() if count]
    yield "repeated", ", ".join(told) or "nothing"


def _pairs(counts: Mapping[str, int]) -> str:
    parts = [f"{count:,} {name}" for name, count in list(counts.items())[:MAX_SHOWN]]
    if len(counts) > MAX_SHOWN:
        parts.append(f"{len(counts) - MAX_SHOWN} others")
    return ", ".join(parts)
