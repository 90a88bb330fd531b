"""Options that make the policy of a check: a file, and what the command line sets over it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

import click

from hashmatch.matching import Level, MatchPolicy

F = TypeVar("F", bound=Callable[..., Any])


def policy_options(command: F) -> F:
    """What ``policy_of`` takes."""
    for option in (
        click.option(
            "--policy",
            "policy_file",
            type=click.Path(),
            help="Thresholds from a TOML file (docs/policy.md); the options here are set over it.",
        ),
        click.option(
            "--level",
            type=click.Choice([level.value for level in Level]),
            help="How much is tried; standard by default.",
        ),
        click.option(
            "--max-distance",
            type=click.IntRange(0, 256),
            help="Match PDQ up to this distance; 31 by default.",
        ),
        click.option(
            "--review-distance",
            type=click.IntRange(0, 256),
            help="Show matches up to this distance as POSSIBLE; as --max-distance by default.",
        ),
        click.option("--min-quality", type=click.IntRange(0, 100), help="Of PDQ; 50 by default."),
        click.option(
            "--orientations/--no-orientations",
            default=None,
            help="Compare mirrored and turned forms too; so by default.",
        ),
    )[::-1]:
        command = option(command)
    return command


def policy_of(
    policy_file: str | None,
    *,
    level: str | None,
    max_distance: int | None,
    review_distance: int | None,
    min_quality: int | None,
    orientations: bool | None,
) -> MatchPolicy:
    """The file's policy, or the default one, with what was given set over it.

    Raises:
        InputError: the file is no policy, or a value contradicts another one.
    """
    policy = MatchPolicy() if policy_file is None else MatchPolicy.from_toml(policy_file)
    if max_distance is not None and review_distance is None:
        # A review band stays; without one, none comes into being.
        has_band = policy.review_max_distance > policy.max_distance
        review_distance = max(max_distance, policy.review_max_distance if has_band else 0)
    given: dict[str, Any] = {
        "level": None if level is None else Level(level),
        "max_distance": max_distance,
        "review_max_distance": review_distance,
        "min_quality": min_quality,
        "orientations": orientations,
    }
    return replace(policy, **{name: value for name, value in given.items() if value is not None})
