"""``hashmatch scan``: triage of an exhibit against the national database."""

from __future__ import annotations

from typing import Any

import click

from hashmatch.cli.exhibit_options import exhibit_options, order_of, roots_argument
from hashmatch.cli.exhibit_running import run_order
from hashmatch.cli.options import json_option
from hashmatch.cli.policy_options import policy_of, policy_options


@click.command("scan")
@roots_argument
@click.option("--db", "database", required=True, envvar="HASHMATCH_DB", type=click.Path())
@policy_options
@click.option(
    "--calibration",
    type=click.Path(),
    help="Chance matches from a file of `hashmatch calibrate`; the packaged one by default.",
)
@click.option("--audit/--no-audit", default=True, show_default=True, help="Log what matched.")
@click.option(
    "--group-distance",
    type=click.IntRange(0, 256),
    default=20,
    show_default=True,
    help="Largest PDQ distance of near copies within the set.",
)
@exhibit_options
@json_option
def scan_command(
    roots: tuple[str, ...],
    database: str,
    policy_file: str | None,
    level: str | None,
    max_distance: int | None,
    review_distance: int | None,
    min_quality: int | None,
    orientations: bool | None,
    calibration: str | None,
    audit: bool,
    as_json: bool,
    **asked: Any,
) -> int:
    """Sort the files under ROOTS by what the national database DB says of them.

    Each content is examined once, checked as `check` does, and grouped with its copies; OUT gets
    a report, tables and a manifest. Nothing under the roots is written. Run again, it goes on, and
    looks only at what is new. Exit code 1 if anything is known, else 2 if anything failed, else 0.
    """
    policy = policy_of(
        policy_file,
        level=level,
        max_distance=max_distance,
        review_distance=review_distance,
        min_quality=min_quality,
        orientations=orientations,
    )
    order = order_of(roots, turned=policy.orientations, **asked)
    return run_order(
        "scan", order, database, policy, calibration=calibration, audit=audit, as_json=as_json
    )
