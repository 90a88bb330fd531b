"""The group that an examiner saw in a report, for a decision on all of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import groupby
from os import PathLike
from pathlib import Path
from typing import Any

import orjson

from hashmatch.errors import ExchangeError, InputError
from hashmatch.report import GroupKind, TriageClass, path_of
from hashmatch.triage.classify_groups import SETTLING_SHARE

TABLE = "groups.jsonl"


def shown_group(folder: str | PathLike[str], sha256: str) -> dict[str, str]:
    """What a decision on a content's group covers, as the report in a folder shows the group.

    That are members that have to be looked at, and those that a look at another one settles; not
    what lists, decisions or earlier batches settle. Of videos the representative, and those nearly
    all of whose footage it has.

    Args:
        folder: of the outputs.
        sha256: of a member, in hex.

    Returns:
        Path of the first file of each content, by SHA-256 in hex, sorted; empty where the content
        is in no group.

    Raises:
        ExchangeError: there is no such table, or it is damaged.
        InputError: the content is settled otherwise, or is a video that its representative does
            not have.
    """
    wanted = sha256.lower()
    for _, rows in groupby(_rows(Path(os.fspath(folder)) / TABLE), key=lambda row: row["group"]):
        members = list(rows)
        if all(row["sha256"] != wanted for row in members):
            continue
        covered: dict[str, str] = {}
        for row in members:
            if _is_covered(row):
                covered.setdefault(row["sha256"], path_of(row))
        if wanted not in covered:
            raise InputError(f"{wanted}: it is {_class_in(members, wanted)}, decide on it alone")
        return dict(sorted(covered.items()))
    return {}


def _is_covered(row: dict[str, Any]) -> bool:
    triage = TriageClass(row["triage"])
    if not (triage.to_look_at or triage is TriageClass.DUPLICATE):
        return False
    share = row["share"]
    return row["kind"] != GroupKind.VIDEO or share is None or share >= SETTLING_SHARE


def _class_in(members: list[dict[str, Any]], sha256: str) -> str:
    return next(str(row["triage"]) for row in members if row["sha256"] == sha256)


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    try:
        with path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                row = orjson.loads(line)
                if not isinstance(row, dict) or not row.keys() >= _COLUMNS:
                    raise ExchangeError(f"{path}, line {number}: no row of a group")
                yield row
    except OSError as error:
        raise ExchangeError(f"can't read {path}: {error.strerror}") from error
    except orjson.JSONDecodeError as error:
        raise ExchangeError(f"{path}: {error}") from error


_COLUMNS = frozenset(("group", "kind", "sha256", "triage", "share", "path"))
