"""``hashmatch explain``: one medium against the national database, and why the answer is so."""

from __future__ import annotations

import warnings

import click

from hashmatch.cli.exits import Exit
from hashmatch.cli.explain_output import print_explanation
from hashmatch.cli.options import json_option
from hashmatch.cli.output import write_json
from hashmatch.cli.policy_options import policy_of, policy_options
from hashmatch.cli.warned import segments_warnings_told
from hashmatch.database import open_database
from hashmatch.matching import Checker, CheckResult, CheckStatus


@click.command("explain")
@click.argument("path", metavar="FILE", type=click.Path(path_type=str))
@click.option("--db", "database", required=True, envvar="HASHMATCH_DB", type=click.Path())
@policy_options
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=10,
    show_default=True,
    help="Entries to tell of: what matched, then the nearest ones.",
)
@click.option(
    "--in-process",
    is_flag=True,
    help="Decode in this process: without limits on time and memory; a crash ends the run.",
)
@json_option
def explain_command(
    path: str,
    database: str,
    policy_file: str | None,
    level: str | None,
    max_distance: int | None,
    review_distance: int | None,
    min_quality: int | None,
    orientations: bool | None,
    limit: int,
    in_process: bool,
    as_json: bool,
) -> int:
    """Check FILE against the national database DB and explain the answer.

    What was tried, the nearest entries with their distances, why each of them was accepted or not,
    and what it cost. No picture is shown, and nothing is written into the audit log. Exit code as
    `check`: 1 if it matched, else 2 if it failed, else 0.
    """
    policy = policy_of(
        policy_file,
        level=level,
        max_distance=max_distance,
        review_distance=review_distance,
        min_quality=min_quality,
        orientations=orientations,
    )
    # Pillow warns of large pictures; here they are within the limits or refused with a reason.
    warnings.filterwarnings("ignore", module="PIL")
    with segments_warnings_told(), open_database(database, read_only=True) as db:
        made = Checker(db, policy).explain(path, limit=limit, isolate=not in_process)
    if as_json:
        write_json({"path": path, **made.to_dict()})
    else:
        print_explanation(path, made)
    return _exit_code(made.result)


def _exit_code(result: CheckResult) -> Exit:
    if result.matched:
        return Exit.MATCHED
    made = result.fingerprint
    in_scope = made is None or not made.out_of_scope
    return Exit.FAILED if result.status is CheckStatus.FAILED and in_scope else Exit.DONE
