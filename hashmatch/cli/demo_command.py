"""``hashmatch demo``: the main job on ordinary photographs, from lists to accountable answers."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click

from hashmatch.cli.check_output import says_briefly
from hashmatch.cli.exhibit_output import print_counts
from hashmatch.cli.exits import Exit
from hashmatch.cli.options import json_option
from hashmatch.cli.output import console, print_last_ledger, print_table, shown, write_json
from hashmatch.database import open_database
from hashmatch.fingerprinting import examine_image
from hashmatch.ledger import Ledger
from hashmatch.matching import Alert, Checker, CheckResult, CheckStatus, MatchKind
from hashmatch.triage import ExhibitOrder, ExhibitResult, Header, work_exhibit


@dataclass(frozen=True, slots=True)
class Expected:
    """The one right answer for a file."""

    status: CheckStatus
    alert: Alert
    kind: MatchKind | None = None
    variant: str | None = None
    conflict: bool = False

    def met(self, result: CheckResult) -> bool:
        best = result.matches[0] if result.matches else None
        return (
            result.status is self.status
            and result.alert is self.alert
            and result.conflict is self.conflict
            and (best.kind if best else None) is self.kind
            and (best.variant if best else None) == self.variant
            and len(result.matches) == (1 if self.kind else 0)
        )


@click.command("demo")
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    help="Keep pictures, lists and database in this new folder.",
)
@json_option
def demo_command(folder: Path | None, as_json: bool) -> int:
    """Show the main job on ordinary photographs.

    Writes an INTERPOL ICSE list and a national VICS list for half of them, imports both, and checks
    the originals, edited copies and the other half; then it works all of them as an exhibit, whose
    report --folder keeps. Exit code 2 if any answer is not the expected one.
    """
    ledger = Ledger()
    unexpected = []
    rows = []
    with _workplace(folder) as place:
        for name, expected, result in _answers(place, as_json):
            ledger.add_done()
            right = expected.met(result)
            if not right:
                unexpected.append(name)
            if as_json:
                write_json({"path": name, "as_expected": right, **result.to_dict()})
            rows.append(_row(name, result, right))
        exhibit = _exhibit(place)
    if not as_json:
        columns = ("file", "status", "alert", "by", "bits", "orientation", "opinions", "expected")
        print_table("checks", columns, rows)
        console().print("the same files as a seized set (hashmatch scan):")
        print_counts(exhibit)
    print_last_ledger(ledger, what="demo", as_json=as_json)
    if unexpected:
        console(stderr=True).print(f"NOT as expected: {', '.join(map(shown, unexpected))}")
        return Exit.FAILED
    console(stderr=True).print("every answer is the expected one")
    return Exit.DONE


@contextmanager
def _workplace(folder: Path | None) -> Iterator[Path]:
    if folder is not None:
        folder.mkdir(parents=True)
        yield folder
        return
    with tempfile.TemporaryDirectory(prefix="hashmatch-demo-") as name:
        yield Path(name)


def _answers(place: Path, as_json: bool) -> Iterator[tuple[str, Expected, CheckResult]]:
    from hashmatch.cli.demo_lists import SAID, write_icse, write_national
    from hashmatch.cli.demo_pictures import EDITS, KNOWN, UNKNOWN, write_copy, write_photographs

    originals = write_photographs(place / "originals")
    known = {name: examine_image(originals[name]) for name in KNOWN}
    write_icse(place / "icse.csv", known)
    write_national(place / "national.json", known)
    with open_database(place / "national.db", create=True) as db:
        for file, source in (("icse.csv", "INTERPOL ICSE"), ("national.json", "National list")):
            report = db.import_file(place / file, source=source)
            if not as_json:
                console().print(
                    f"imported {file}: {report.seen} seen, {report.added} added, "
                    f"{report.merged} of them about media that another list knows"
                )
        checker = Checker(db)
        for name in KNOWN:
            said = SAID[name]
            expected = Expected(
                CheckStatus.MATCH, said.alert, MatchKind.DIGEST, "original", said.conflict
            )
            yield originals[name].name, expected, checker.check(originals[name])
        for name in KNOWN:
            said = SAID[name]
            for edit, (_, variant) in EDITS.items():
                copy = write_copy(originals[name], edit, place / "copies")
                expected = Expected(
                    CheckStatus.MATCH, said.alert, MatchKind.HASH, variant, said.conflict
                )
                yield copy.name, expected, checker.check(copy)
        for name in UNKNOWN:
            expected = Expected(CheckStatus.NO_MATCH, Alert.NONE)
            yield originals[name].name, expected, checker.check(originals[name])


def _exhibit(place: Path) -> ExhibitResult:
    """All of it as a set that was seized."""
    order = ExhibitOrder(
        roots=(place / "originals", place / "copies"),
        folder=place / "exhibit",
        isolate=False,
        header=Header(exhibit="demo", command_line=("hashmatch", "demo")),
    )
    with open_database(place / "national.db", read_only=True) as db:
        return work_exhibit(order, db=db)


def _row(name: str, result: CheckResult, right: bool) -> tuple[object, ...]:
    verdict = "yes" if right else "NO"
    answer = (name, result.status.value, result.alert.value)
    if not result.matches:
        return (*answer, "", "", "", "", verdict)
    best = result.matches[0]
    opinions = [says_briefly(stored) for stored in best.opinions]
    if best.conflict:
        opinions.append("(the sources disagree)")
    return (*answer, best.algorithm, best.distance, best.variant, opinions, verdict)
