"""``hashmatch check``: media, or values, against the national database."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from itertools import chain

import click

from hashmatch import fingerprinting
from hashmatch.cli.check_output import print_result
from hashmatch.cli.exits import Exit
from hashmatch.cli.interrupts import stop_if_asked
from hashmatch.cli.options import (
    decoding_options,
    fingerprints,
    json_option,
    paths_argument,
    unreachable,
    walked,
)
from hashmatch.cli.output import print_error, print_last_ledger, write_json
from hashmatch.cli.policy_options import policy_of, policy_options
from hashmatch.cli.warned import segments_warnings_told
from hashmatch.database import open_database
from hashmatch.errors import RecordError
from hashmatch.fingerprinting import Fingerprint, FingerprintStatus, VideoFingerprint
from hashmatch.ledger import Ledger
from hashmatch.matching import Calibration, Checker, CheckResult, CheckStatus

Answer = tuple[str, CheckResult]


@click.command("check")
@paths_argument
@click.option("--db", "database", required=True, envvar="HASHMATCH_DB", type=click.Path())
@click.option(
    "--hashes",
    type=click.Path(),
    help="Check the list that `hashmatch hash` printed, or PDQ hashes in hex, one a line.",
)
@click.option("--md5", help="Check one digest, in hex.")
@click.option("--sha1", help="Check one digest, in hex.")
@click.option("--sha256", help="Check one digest, in hex.")
@click.option("--pdq", "pdq_hex", help="Check one PDQ hash, in hex.")
@click.option("--quality", type=click.IntRange(0, 100), help="Quality of --pdq.")
@click.option(
    "--photodna",
    help="Check one PhotoDNA value, in base64 or hex, made by software that is licensed for it.",
)
@policy_options
@click.option(
    "--calibration",
    type=click.Path(),
    help="Chance matches from a file of `hashmatch calibrate`; the packaged one by default.",
)
@click.option("--audit/--no-audit", default=True, show_default=True, help="Log what matched.")
@decoding_options
@json_option
def check_command(
    paths: tuple[str, ...],
    database: str,
    hashes: str | None,
    md5: str | None,
    sha1: str | None,
    sha256: str | None,
    pdq_hex: str | None,
    quality: int | None,
    photodna: str | None,
    policy_file: str | None,
    level: str | None,
    max_distance: int | None,
    review_distance: int | None,
    min_quality: int | None,
    orientations: bool | None,
    calibration: str | None,
    audit: bool,
    workers: int | None,
    in_process: bool,
    as_json: bool,
) -> int:
    """Check media against the national database DB.

    PATHS are files and folders. Digests are compared first, then PDQ in eight orientations, and
    other hashes that the database holds; videos by their frames. Exit code 1 if anything matched,
    else 2 if anything failed, else 0.
    """
    digests = {"md5": md5, "sha1": sha1, "sha256": sha256}
    given = (hashes, pdq_hex, photodna, *digests.values())
    if not paths and all(value is None for value in given):
        raise click.UsageError("expected PATHS, --hashes, --pdq, --photodna or a digest")
    policy = policy_of(
        policy_file,
        level=level,
        max_distance=max_distance,
        review_distance=review_distance,
        min_quality=min_quality,
        orientations=orientations,
    )
    measured = None if calibration is None else Calibration.from_toml(calibration)
    ledger = Ledger()
    matched = False
    with segments_warnings_told(), open_database(database, read_only=not audit) as db:
        checker = Checker(db, policy, calibration=measured)
        try:
            stated = (("pdq", pdq_hex, quality), ("photodna", photodna, None))
            values = chain(
                _of_values(checker, digests, stated),
                _of_list(checker, ledger, hashes, as_json=as_json),
            )
            media = _of_media(checker, ledger, paths, workers, in_process)
            for name, result in chain(values, media):
                _enter(ledger, result)
                matched = matched or result.matched
                if as_json:
                    write_json({"path": name, **result.to_dict()})
                else:
                    print_result(name, result)
        finally:
            print_last_ledger(ledger, what="check", as_json=as_json)
    if matched:
        return Exit.MATCHED
    return Exit.FAILED if ledger.failed else Exit.DONE


def _of_values(
    checker: Checker,
    digests: dict[str, str | None],
    hashes: Iterable[tuple[str, str | None, int | None]],
) -> Iterator[Answer]:
    """The digests as those of one medium; each hash by itself."""
    given = {name: value for name, value in digests.items() if value is not None}
    if given:
        yield ", ".join(f"{n}:{v}" for n, v in given.items()), checker.check_digests(**given)
    for algorithm, value, quality in hashes:
        if value is not None:
            yield f"{algorithm}:{value}", checker.check_hash(algorithm, value, quality)


def _of_list(
    checker: Checker, ledger: Ledger, hashes: str | None, *, as_json: bool
) -> Iterator[Answer]:
    if hashes is None:
        return
    for item in _listed(hashes):
        if isinstance(item, RecordError):
            ledger.add_failed("bad line in the list of hashes")
            print_error("RecordError", f"{hashes}: {item}", as_json=as_json)
        else:
            yield _name_of(item), checker.check_fingerprint(item)


def _name_of(item: Fingerprint) -> str:
    if item.name or isinstance(item, VideoFingerprint):
        return item.name or item.digests.sha256 or ""
    return item.hashes["pdq"].hex if "pdq" in item.hashes else ""


def _of_media(
    checker: Checker,
    ledger: Ledger,
    paths: tuple[str, ...],
    workers: int | None,
    in_process: bool,
) -> Iterator[Answer]:
    if not paths:
        return
    algorithms = checker.algorithms
    if not algorithms:
        yield from _of_bytes(checker, ledger, paths)
        return
    made = fingerprints(
        paths,
        "checking",
        ledger,
        algorithms=algorithms,
        dihedral=checker.policy.orientations,
        views=checker.views,
        video_algorithms=checker.video_algorithms,
        interval_s=checker.policy.video.interval_s,
        workers=workers,
        in_process=in_process,
    )
    for path, fingerprint in made:
        yield path, checker.check_fingerprint(fingerprint)


def _of_bytes(checker: Checker, ledger: Ledger, paths: tuple[str, ...]) -> Iterator[Answer]:
    """Nothing is decoded, so no worker is needed."""
    for found in walked(paths, "checking"):
        stop_if_asked()
        if found.skipped is not None:
            ledger.add_rejected(found.skipped)
        elif found.failed is not None:
            yield found.path, checker.check_fingerprint(unreachable(found))
        else:
            yield found.path, checker.check(found.path)


def _listed(hashes: str) -> Iterator[Fingerprint | RecordError]:
    handle = os.dup(0) if hashes == "-" else os.open(hashes, os.O_RDONLY | os.O_CLOEXEC)
    # newline="": a carriage return may be part of a name.
    with os.fdopen(handle, encoding="utf-8", errors="surrogateescape", newline="") as stream:
        yield from fingerprinting.read_listing(fingerprinting.bounded_lines(stream))


def _enter(ledger: Ledger, result: CheckResult) -> None:
    made = result.fingerprint
    if result.status is CheckStatus.LOW_INFORMATION:
        ledger.add_low_information(result.reason or "low information")
    elif result.status is not CheckStatus.FAILED:
        partly = (FingerprintStatus.TRUNCATED, FingerprintStatus.PARTIAL)
        ledger.add_done(note=made.status.value if made and made.status in partly else None)
    elif made is not None and made.out_of_scope:
        # Its digests were checked; there is nothing else to do with it.
        ledger.add_rejected(f"{made.status.value}: {made.mime or 'unknown type'}")
    else:
        status = made.status.value if made else "FAILED"
        ledger.add_failed(f"{status}: {result.reason}")
