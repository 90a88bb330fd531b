"""What ``hashmatch dedupe`` wrote about a made exhibit, beside what is true of it."""

from __future__ import annotations

import json
import os
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

from benchmarks.exhibit_truth import Pair, TruthFile, counted, pair_of, true_pairs

OUTCOMES = ("done", "low information", "rejected", "failed")
_EXACT_ROLES = ("original", "exact", "link")


def relative(row: dict[str, Any], root: Path) -> str:
    """A row's path as the truth has it."""
    path = os.fsdecode(bytes.fromhex(row["path_hex"])) if row.get("path_hex") else row["path"]
    return os.path.relpath(path, root)


def rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def group_pairs(groups: Path, root: Path) -> set[Pair]:
    """Every two files that are in one group of ``groups.jsonl``."""
    members: dict[int, list[str]] = defaultdict(list)
    for row in rows(groups):
        members[row["group"]].append(relative(row, root))
    return {pair_of(a, b) for paths in members.values() for a, b in combinations(paths, 2)}


def same_bytes(groups: Path, root: Path) -> set[Pair]:
    """Pairs of one content: right whatever the truth says, as of files cut within their headers."""
    contents: dict[str, set[str]] = defaultdict(set)
    for row in rows(groups):
        contents[row["sha256"]].add(relative(row, root))
    return {pair_of(a, b) for paths in contents.values() for a, b in combinations(paths, 2)}


def groups_beside_truth(
    truth: Sequence[TruthFile], pairs: set[Pair], same: set[Pair] | None = None
) -> dict[str, Any]:
    """Precision, recall by kind of pair, and what was wrong.

    Args:
        same: ``same_bytes``; those that the truth does not name are no part of the pairs.
    """
    counts = counted(truth, pairs - ((same or set()) - true_pairs(truth).keys()))
    kinds = sorted(counts.found.keys() | counts.missed.keys())
    return {
        "precision": counts.precision,
        "pairs of unrelated pictures": len(counts.false),
        "pairs of look-alikes": counts.alike,
        "pairs of neighbours in a chain": counts.neighbours,
        "examples": [list(pair) for pair in counts.false[:10]],
        "kinds": [
            {
                "pairs": kind,
                "of": counts.found.get(kind, 0) + counts.missed.get(kind, 0),
                "recall": counts.recall(kind),
            }
            for kind in kinds
        ],
    }


def ledger_beside_truth(truth: Sequence[TruthFile], ledger: dict[str, Any]) -> dict[str, Any]:
    """Counts, and what does not add up; an empty list of problems is what is wanted."""
    expected = Counter(file.outcome for file in truth)
    free = expected.pop("", 0)
    said = {name: ledger[name.replace(" ", "_")] for name in OUTCOMES}
    problems = []
    if ledger["seen"] != len(truth):
        problems.append(f"seen {ledger['seen']}, there are {len(truth)}")
    if sum(said.values()) != ledger["seen"]:
        problems.append(f"{said} do not add up to {ledger['seen']}")
    beyond = {name: said[name] - expected.get(name, 0) for name in OUTCOMES}
    if min(beyond.values()) < 0 or sum(beyond.values()) != free:
        problems.append(f"expected {dict(expected)} and {free} of any kind, not {said}")
    return {"said": said, "expected": dict(expected), "of any kind": free, "problems": problems}


def alerts_beside_truth(truth: Sequence[TruthFile], matches: Path, root: Path) -> dict[str, Any]:
    """Files whose original is on the list: those that matched, by role; and false matches."""
    said: dict[str, set[str]] = defaultdict(set)
    possible: set[str] = set()
    for row in rows(matches):
        path = relative(row, root)
        if row["status"] == "MATCH":
            said[path].add(row["alert"])
        else:
            possible.add(path)
    labels = {file.path: file.label for file in truth}
    known = [file for file in truth if file.label not in ("", "IGNORABLE")]
    by_role: dict[str, Counter[str]] = defaultdict(Counter)
    for file in known:
        role = "exact" if file.role in _EXACT_ROLES else file.role
        right = file.label in said[file.path]
        by_role[role]["files"] += 1
        by_role[role]["matched"] += right
        by_role[role]["possible"] += not right and file.path in possible
    wrong = sorted(path for path, alerts in said.items() if alerts and labels[path] not in alerts)
    return {
        "roles": [{"role": role, **counts} for role, counts in sorted(by_role.items())],
        "files matched that are on no list": wrong,
        "possible, on no list": sum(labels[path] in ("", "IGNORABLE") for path in possible),
    }
