"""Options that several commands share, and the walk over their paths."""

from __future__ import annotations

import warnings
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

import click

from hashmatch.cli.interrupts import stop_if_asked
from hashmatch.cli.progress import Advance, progress, wanted
from hashmatch.fingerprinting import (
    Fingerprint,
    FingerprintStatus,
    ImageFingerprint,
    access_status,
    examine_images,
    examine_media,
)
from hashmatch.ledger import Ledger
from hashmatch.scan import Found, walk

F = TypeVar("F", bound=Callable[..., Any])

PATHS = click.Path(exists=False, path_type=str)
database_argument = click.argument("database", type=click.Path())


def json_option(command: F) -> F:
    return click.option(
        "--json", "as_json", is_flag=True, help="Print JSON, one object a line (docs/json.md)."
    )(command)


def csv_option(command: F) -> F:
    return click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")(command)


def one_form(as_json: bool, as_csv: bool) -> None:
    """Refuse --json together with --csv."""
    if as_json and as_csv:
        raise click.UsageError("--json and --csv: expected one of them, got both")


def paths_argument(command: F) -> F:
    return click.argument("paths", nargs=-1, type=PATHS)(command)


def decoding_options(command: F) -> F:
    """How the media under the paths are decoded."""
    command = click.option(
        "--in-process",
        is_flag=True,
        help="Decode in this process: without limits on time and memory; a crash ends the run.",
    )(command)
    return click.option(
        "--workers",
        type=click.IntRange(min=1),
        help="Files decoded at once; one for each processor by default.",
    )(command)


def fingerprints(
    paths: tuple[str, ...],
    what: str,
    ledger: Ledger,
    *,
    algorithms: Sequence[str] = ("pdq",),
    dihedral: bool,
    views: str = "none",
    video_algorithms: Sequence[str] = ("pdq",),
    interval_s: float = 1.0,
    pictures_only: bool = False,
    workers: int | None,
    in_process: bool,
) -> Iterator[tuple[str, Fingerprint]]:
    """Every file under the paths with its fingerprint, in the walk's order; what the walk skips
    goes to the ledger.

    Args:
        pictures_only: no video is decoded, and of an animation only the first frame.
    """
    taken: deque[Found] = deque()

    def files() -> Iterator[str]:
        for found in walked(paths, what):
            taken.append(found)
            if found.skipped is None and found.failed is None:
                yield found.path

    def passed_over() -> Iterator[tuple[str, Fingerprint]]:
        while taken and not (taken[0].skipped is None and taken[0].failed is None):
            found = taken.popleft()
            if found.skipped is not None:
                ledger.add_rejected(found.skipped)
            else:
                yield found.path, unreachable(found)

    made: Iterator[Fingerprint]
    if pictures_only:
        made = examine_images(
            files(),
            workers=workers,
            algorithms=algorithms,
            dihedral=dihedral,
            views=views,
            isolate=not in_process,
        )
    else:
        made = examine_media(
            files(),
            workers=workers,
            algorithms=algorithms,
            dihedral=dihedral,
            views=views,
            video_algorithms=video_algorithms,
            interval_s=interval_s,
            isolate=not in_process,
        )
    for fingerprint in made:
        stop_if_asked()
        yield from passed_over()
        yield taken.popleft().path, fingerprint
    yield from passed_over()


def unreachable(found: Found) -> ImageFingerprint:
    """What stands for a file that the walk could not reach."""
    status = access_status(found.errno) if found.errno else FingerprintStatus.UNREADABLE
    return ImageFingerprint(status=status, name=found.path, reason=found.failed)


def walked(paths: tuple[str, ...], what: str) -> Iterator[Found]:
    """The items under the paths, with a progress bar over them if anybody sees it."""
    # Pillow warns of large pictures; here they are within the limits or refused with a reason.
    warnings.filterwarnings("ignore", module="PIL")
    total = sum(1 for _ in walk(paths)) if wanted(beside_results=True) else None
    advance: Advance
    with progress(what, total, beside_results=True) as advance:
        for done, found in enumerate(walk(paths), start=1):
            yield found
            advance(done)
