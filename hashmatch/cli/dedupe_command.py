"""``hashmatch dedupe``: copies within an exhibit, put together."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import click

from hashmatch.cli.exhibit_options import exhibit_options, order_of, roots_argument
from hashmatch.cli.exhibit_running import run_order
from hashmatch.cli.options import json_option
from hashmatch.matching import Level, MatchPolicy


@click.command("dedupe")
@roots_argument
@click.option(
    "--db",
    "database",
    envvar="HASHMATCH_DB",
    type=click.Path(),
    help="Check against this national database too, as `scan` does.",
)
@click.option(
    "--policy",
    "policy_file",
    type=click.Path(),
    help="Thresholds of the check, from a TOML file (docs/policy.md).",
)
@click.option(
    "--level",
    type=click.Choice([level.value for level in Level]),
    help="How much the check tries; standard by default.",
)
@click.option("--audit/--no-audit", default=True, show_default=True, help="Log what matched.")
@click.option(
    "--max-distance",
    "--group-distance",
    "group_distance",
    type=click.IntRange(0, 256),
    default=20,
    show_default=True,
    help="Largest PDQ distance of near copies.",
)
@click.option(
    "--orientations/--no-orientations",
    "turned",
    default=True,
    show_default=True,
    help="Group mirrored and turned copies too.",
)
@exhibit_options
@json_option
def dedupe_command(
    roots: tuple[str, ...],
    database: str | None,
    policy_file: str | None,
    level: str | None,
    audit: bool,
    as_json: bool,
    **asked: Any,
) -> int:
    """Put the copies among the files under ROOTS together: the same bytes, near, the same footage.

    Each content is examined once; OUT gets a report, tables and a manifest. Nothing under the
    roots is written, moved or deleted. Run again, it goes on, and looks only at what is new. Exit
    code 1 if --db knows anything, else 2 if anything failed, else 0.
    """
    order = order_of(roots, **asked)
    policy = MatchPolicy() if policy_file is None else MatchPolicy.from_toml(policy_file)
    if level is not None:
        policy = replace(policy, level=Level(level))
    return run_order("dedupe", order, database, policy, audit=audit, as_json=as_json)
