"""``hashmatch hash``: fingerprints of pictures and videos, a list that ``check --hashes`` reads."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import click

from hashmatch import fingerprinting
from hashmatch.cli.exits import Exit
from hashmatch.cli.options import decoding_options, fingerprints, json_option, paths_argument
from hashmatch.cli.output import print_last_ledger, shown, stdout, write_json
from hashmatch.cli.video_files import VideoFiles
from hashmatch.errors import DecodeError
from hashmatch.fingerprinting import Fingerprint, FingerprintStatus, VideoFingerprint
from hashmatch.ledger import Ledger


@click.command("hash")
@paths_argument
@click.option(
    "--interval",
    type=click.FloatRange(0, 86_400),
    default=1.0,
    show_default=True,
    help="Hash a frame of a video for each so many seconds; 0: every frame.",
)
@click.option(
    "--vpdq",
    type=click.Path(file_okay=False),
    help="Write the vPDQ features of each video into this folder, named by its SHA-256.",
)
@click.option(
    "--tmk",
    type=click.Path(file_okay=False),
    help="Write the TMK+PDQF fingerprint of each video into this folder, named by its SHA-256.",
)
@decoding_options
@json_option
def hash_command(
    paths: tuple[str, ...],
    interval: float,
    vpdq: str | None,
    tmk: str | None,
    workers: int | None,
    in_process: bool,
    as_json: bool,
) -> int:
    """Hash pictures and videos: PDQ, MD5, SHA-1, SHA-256.

    PATHS are files and folders; links below a folder are not followed. The list goes to standard
    output as CSV (or JSON, which alone has the hashes of videos), the ledger to standard error.
    Exit code 2 if any file failed.
    """
    if not paths:
        raise click.UsageError("expected at least one file or folder")
    ledger = Ledger()
    files = VideoFiles(vpdq, tmk, seconds_per_hash=interval, isolate=not in_process)
    if not as_json:
        _write_row(fingerprinting.CSV_COLUMNS)
    try:
        made_all = fingerprints(
            paths,
            "hashing",
            ledger,
            dihedral=True,
            interval_s=interval,
            video_algorithms=("pdq",) if tmk is None else ("pdq", "tmk"),
            workers=workers,
            in_process=in_process,
        )
        for path, made in made_all:
            schema = fingerprinting.SCHEMA
            if isinstance(made, VideoFingerprint):
                made, schema = _with_files(path, made, files), fingerprinting.VIDEO_SCHEMA
            enter(ledger, made)
            if as_json:
                write_json({"schema": schema, **made.to_dict()})
            else:
                _write_row(fingerprinting.to_row(made))
    finally:
        print_last_ledger(ledger, what="hash", as_json=as_json)
    return Exit.FAILED if ledger.failed else Exit.DONE


def _with_files(path: str, made: VideoFingerprint, files: VideoFiles) -> VideoFingerprint:
    """The fingerprint; one whose files could not be made says so."""
    try:
        files.write(path, made)
    except DecodeError as error:
        status = FingerprintStatus.UNREADABLE
        return dataclasses.replace(made, status=status, reason=f"vPDQ: {error}")
    return made


def _write_row(cells: Sequence[str]) -> None:
    out = stdout()
    if out.isatty():  # names without loss are for files; a terminal would obey some of them
        cells = [shown(cell) for cell in cells]
    out.write(fingerprinting.csv_line(cells))


def enter(ledger: Ledger, made: Fingerprint) -> None:
    """Count one fingerprint by how far it got."""
    status = made.status
    if status is FingerprintStatus.OK:
        ledger.add_done()
    elif status in (FingerprintStatus.TRUNCATED, FingerprintStatus.PARTIAL):
        ledger.add_done(note=status.value)
    elif status in (FingerprintStatus.LOW_INFORMATION, FingerprintStatus.TOO_SMALL):
        ledger.add_low_information(status.value)
    elif made.out_of_scope:
        ledger.add_rejected(f"{status.value}: {made.mime or 'unknown type'}")
    else:
        ledger.add_failed(f"{status.value}: {made.reason}")
