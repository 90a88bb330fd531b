"""``hashmatch calibrate``: how near pictures come by chance, from the user's own pictures."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from hashmatch.cli.exits import Exit
from hashmatch.cli.hash_command import enter
from hashmatch.cli.interrupts import stop_if_asked
from hashmatch.cli.options import decoding_options, fingerprints, json_option, paths_argument
from hashmatch.cli.output import console, print_last_ledger, shown, write_json
from hashmatch.cli.progress import Advance, progress
from hashmatch.errors import InputError
from hashmatch.fingerprinting import Fingerprint, FingerprintStatus, ImageFingerprint
from hashmatch.ledger import Ledger
from hashmatch.matching import (
    Calibration,
    Impostors,
    Level,
    MatchPolicy,
    calibrated,
    distinct,
    own_impostors,
)

_LEVELS = (Level.STANDARD.value, Level.THOROUGH.value)


@click.command("calibrate")
@paths_argument
@click.option("--out", required=True, type=click.Path(), help="Write the calibration here (TOML).")
@click.option(
    "--level",
    type=click.Choice(_LEVELS),
    default=_LEVELS[0],
    show_default=True,
    help="The level of checks whose registration is measured.",
)
@click.option(
    "--entries",
    type=click.IntRange(1, 10_000_000),
    default=100_000,
    show_default=True,
    help="Hashes of parts that the queries are compared with.",
)
@click.option(
    "--kind", default="photographs", show_default=True, help="What the pictures are, in a word."
)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@click.option("--overwrite", is_flag=True, help="Replace the file if it exists.")
@decoding_options
@json_option
def calibrate_command(
    paths: tuple[str, ...],
    out: str,
    level: str,
    entries: int,
    kind: str,
    seed: int,
    overwrite: bool,
    workers: int | None,
    in_process: bool,
    as_json: bool,
) -> int:
    """Measure how near pictures that are in NO list come to each other by chance.

    PATHS are files and folders of ordinary pictures, the more the better (docs/calibration.md).
    Half of them, cropped, framed and turned a little, are the queries; parts of the others are
    the entries. Exit code 2 if a file failed, or if there were too few pairs for a calibration.
    """
    if not paths:
        raise click.UsageError("expected at least one file or folder")
    if not overwrite and os.path.lexists(out):  # known before the work is done
        raise click.UsageError(f"{out}: the file exists, and --overwrite was not given")
    ledger = Ledger()
    try:
        made = fingerprints(
            paths,
            "reading",
            ledger,
            dihedral=True,
            pictures_only=True,
            workers=workers,
            in_process=in_process,
        )
        found = _collected(_usable(made, ledger), ledger, level, entries, seed, in_process)
        sample = found.sample
        calibration = calibrated(
            sample,
            kind=kind,
            provenance=(
                f"{sample.n_pairs} pairs, {datetime.now(UTC):%Y-%m-%d}: edited copies of "
                f"{sample.n_groups} pictures with {len(sample.entries)} parts of others, "
                f"level {level}"
            ),
            seed=seed,
        )
        calibration.save(out, overwrite=overwrite)
        _show(out, calibration, found, as_json=as_json)
    finally:
        print_last_ledger(ledger, what="calibrate", as_json=as_json)
    return Exit.FAILED if ledger.failed else Exit.DONE


def _usable(made: Iterable[tuple[str, Fingerprint]], ledger: Ledger) -> list[str]:
    """Paths of the pictures that can be impostors of each other; the rest goes to the ledger."""
    fine: list[ImageFingerprint] = []
    for _, one in made:
        if isinstance(one, ImageFingerprint) and one.status is FingerprintStatus.OK:
            fine.append(one)
        elif one.status is FingerprintStatus.TRUNCATED:
            ledger.add_rejected(one.status.value)
        else:
            enter(ledger, one)
    usable = []
    for one, is_new in zip(fine, distinct(fine), strict=True):
        if is_new and one.name is not None:
            usable.append(one.name)
        else:
            ledger.add_rejected("shows the same as another picture")
    return usable


def _collected(
    usable: list[str], ledger: Ledger, level: str, entries: int, seed: int, in_process: bool
) -> Impostors:
    advance: Advance
    with progress("comparing", len(usable)) as advance:

        def advanced(done: int) -> None:
            stop_if_asked()
            advance(done)

        try:
            found = own_impostors(
                usable,
                Level(level),
                n_entries=entries,
                seed=seed,
                isolate=not in_process,
                advance=advanced,
            )
        except InputError:
            for _ in usable:
                ledger.add_rejected("not enough pictures to compare it with")
            raise
    for path in usable:
        if path in found.failed:
            ledger.add_failed(found.failed[path])
        elif path in found.unused:
            ledger.add_low_information("no part of it says enough")
        else:
            ledger.add_done()
    return found


def _show(path: str, made: Calibration, found: Impostors, *, as_json: bool) -> None:
    policy = MatchPolicy()
    expected = {
        name: made.expected_false_matches(bits, 1_000_000, made.n_placements)
        for name, bits in (
            ("match", policy.registered_max_distance),
            ("possible", policy.registered_review_max_distance),
        )
    }
    if as_json:
        write_json(_values(path, made, found, expected))
        return
    whole = made.tails[0]
    screen = console()
    screen.print(f"{shown(path)}: {made.kind}, {made.provenance}")
    screen.print(
        f"  {whole.n_exceedances} pairs within {whole.u0:.1f} bits, the nearest at "
        f"{whole.lowest:.1f}; to 1/e every {whole.scale:.2f} bits "
        f"({whole.scale_interval[0]:.2f} to {whole.scale_interval[1]:.2f})"
    )
    screen.print(
        "  false matches expected of one check against a million such entries: "
        f"{expected['match']:.2g} as MATCH (at most {policy.registered_max_distance} bits), "
        f"{expected['possible']:.2g} as POSSIBLE ({policy.registered_review_max_distance})"
    )
    screen.print("  the nearest pairs; remove one of each that do show the same, and run again:")
    for pair in found.nearest:
        screen.print(f"    {pair.adjusted:.1f} bits: {shown(pair.query)} and {shown(pair.entry)}")


def _values(
    path: str, made: Calibration, found: Impostors, expected: Mapping[str, float]
) -> dict[str, Any]:
    whole = made.tails[0]
    return {
        "schema": "hashmatch.calibrate/1",
        "path": str(Path(path)),
        "kind": made.kind,
        "provenance": made.provenance,
        "n_placements": made.n_placements,
        "n_pairs": whole.n_pairs,
        "n_exceedances": whole.n_exceedances,
        "u0": whole.u0,
        "scale": whole.scale,
        "scale_interval": list(whole.scale_interval),
        "shape": whole.shape,
        "lowest": whole.lowest,
        "classes": [tail.name for tail in made.tails[1:]],
        "expected": dict(expected),
        "nearest": [
            {"adjusted": pair.adjusted, "query": pair.query, "entry": pair.entry}
            for pair in found.nearest
        ],
    }
