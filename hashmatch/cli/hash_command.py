"""``hashmatch hash``: fingerprints of pictures, as a list that ``check --hashes`` reads."""

from __future__ import annotations

from collections.abc import Sequence

import click

from hashmatch import fingerprinting
from hashmatch.cli.exits import Exit
from hashmatch.cli.options import decoding_options, fingerprints, json_option, paths_argument
from hashmatch.cli.output import print_last_ledger, shown, stdout, write_json
from hashmatch.fingerprinting import FingerprintStatus, ImageFingerprint
from hashmatch.ledger import Ledger


@click.command("hash")
@paths_argument
@decoding_options
@json_option
def hash_command(
    paths: tuple[str, ...], workers: int | None, in_process: bool, as_json: bool
) -> int:
    """Hash pictures: PDQ in eight orientations, MD5, SHA-1, SHA-256.

    PATHS are files and folders; links below a folder are not followed. The list goes to standard
    output as CSV (or JSON), the ledger to standard error. Exit code 2 if any file failed.
    """
    if not paths:
        raise click.UsageError("expected at least one file or folder")
    ledger = Ledger()
    if not as_json:
        _write_row(fingerprinting.CSV_COLUMNS)
    try:
        made_all = fingerprints(
            paths, "hashing", ledger, dihedral=True, workers=workers, in_process=in_process
        )
        for _, made in made_all:
            enter(ledger, made)
            if as_json:
                write_json({"schema": fingerprinting.SCHEMA, **made.to_dict()})
            else:
                _write_row(fingerprinting.to_row(made))
    finally:
        print_last_ledger(ledger, what="hash", as_json=as_json)
    return Exit.FAILED if ledger.failed else Exit.DONE


def _write_row(cells: Sequence[str]) -> None:
    out = stdout()
    if out.isatty():  # names without loss are for files; a terminal would obey some of them
        cells = [shown(cell) for cell in cells]
    out.write(fingerprinting.csv_line(cells))


def enter(ledger: Ledger, made: ImageFingerprint) -> None:
    """Count one fingerprint by how far it got."""
    status = made.status
    if status is FingerprintStatus.OK:
        ledger.add_done()
    elif status is FingerprintStatus.TRUNCATED:
        ledger.add_done(note=status.value)
    elif status in (FingerprintStatus.LOW_INFORMATION, FingerprintStatus.TOO_SMALL):
        ledger.add_low_information(status.value)
    elif made.out_of_scope:
        ledger.add_rejected(f"{status.value}: {made.mime or 'unknown type'}")
    else:
        ledger.add_failed(f"{status.value}: {made.reason}")
