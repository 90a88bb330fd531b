"""The head of a report: who did what to which exhibit, with what, and when."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from hashmatch._version import __version__
from hashmatch.errors import InputError
from hashmatch.matching import MatchPolicy
from hashmatch.report import Evidence
from hashmatch.scan import Catalogue

EPOCH_VARIABLE = "SOURCE_DATE_EPOCH"
"""Seconds since 1970 that stand for now, by the convention of reproducible builds."""


def evidence_of(
    catalogue: Catalogue,
    *,
    command_line: Sequence[str],
    started_at: datetime,
    ended_at: datetime,
    examiner: str | None = None,
    case: str | None = None,
    exhibit: str | None = None,
    policy: MatchPolicy | None = None,
    database_revision: int | None = None,
    database_digest: str | None = None,
    environment: Mapping[str, str] = os.environ,
) -> Evidence:
    """Put the head together.

    Roots and versions of libraries are those of the catalogue's last run: another machine may
    write the report.

    Args:
        catalogue: after a scan.
        started_at, ended_at: with a zone. ``SOURCE_DATE_EPOCH`` of the environment stands for both.
        policy: that was applied; None without a database.
        database_revision, database_digest: of the database that was asked.

    Raises:
        InputError: a time without a zone, an end before the start, or ``SOURCE_DATE_EPOCH`` is no
            number of seconds.
    """
    fixed = fixed_time(environment)
    runs = catalogue.runs()
    recipe = json.loads(catalogue.recipe or "{}")
    versions = dict(recipe.get("versions", {}))
    tool = versions.pop("hashmatch", __version__)
    return Evidence(
        started_at=fixed or started_at,
        ended_at=fixed or ended_at,
        tool=f"hashmatch {tool}",
        command_line=tuple(command_line),
        roots=tuple(runs[-1]["roots"]) if runs else (),
        examiner=examiner,
        case=case,
        exhibit=exhibit,
        libraries=tuple(sorted(versions.items())),
        policy_digest=None if policy is None else policy.digest,
        database_revision=database_revision,
        database_digest=database_digest,
    )


def fixed_time(environment: Mapping[str, str] = os.environ) -> datetime | None:
    """The moment of ``SOURCE_DATE_EPOCH``; None where it is not set.

    Raises:
        InputError: it is no number of seconds.
    """
    text = environment.get(EPOCH_VARIABLE, "")
    if not text:
        return None
    try:
        return datetime.fromtimestamp(int(text), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise InputError(f"{EPOCH_VARIABLE}: expected seconds since 1970, got {text!r}") from error
