"""What was measured, as the planner takes it; each number names the file that it comes from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"
_ISA = "avx512"


@dataclass(frozen=True)
class LevelCosts:
    """One level of a check that finds nothing.

    Attributes:
        views_ms: making the parts of the picture that are asked besides, 0.15 megapixels.
        forms: of the query that are compared with every entry in registration.
        broadcasts: questions to all entries.
        ns_a_form: for one form and 1,000 entries, all of registration included.
    """

    views_ms: float
    forms: int
    broadcasts: int
    ns_a_form: float


@dataclass(frozen=True)
class Costs:
    """Costs on one core of the machine that the results are of.

    Attributes:
        file_ms: decoding, hashing and three digests, by kind of file.
        orientations_ms: PDQ in eight orientations.
        plain_ms: the rest of a check at level fast of a million entries.
        digest_us: a digest that is not known.
        probe_us: one hash, radius 31, multi-index: by the number of entries.
        scan_g: billions of comparisons a second of a scan of 64 queries.
        scan_one_us: a scan of a million entries for one query: what memory gives.
        bytes_a_hash: by strategy.
        bytes_a_digest: with what it stands for.
        levels: by name.
        request_ms: that a request through the service takes longer than a local one.
        broadcast_ms, shard_ms: what a question to shards takes besides, and for each of them.
    """

    file_ms: Mapping[str, float]
    orientations_ms: float
    plain_ms: float
    digest_us: float
    probe_us: Mapping[int, float]
    scan_g: float
    scan_one_us: float
    bytes_a_hash: Mapping[str, float]
    bytes_a_digest: float
    levels: Mapping[str, LevelCosts]
    request_ms: float
    broadcast_ms: float
    shard_ms: float


def measured(results: Path = RESULTS) -> Costs:
    """The costs in ``benchmarks/results``.

    Raises:
        FileNotFoundError: a result is missing.
        KeyError: a result has no such number; it is of another version.
    """

    def read(name: str) -> Any:
        return json.loads((results / f"{name}.json").read_text(encoding="utf-8"))

    check, search, service = read("check"), read("search"), read("service")
    growth = [*read("growth")["growth"], *read("growth50m")["growth"]]
    files = {one["files"]: one["milliseconds a file"] for one in read("decode_hash")["files"]}
    one_query = next(row for row in search["one query"] if row["base"] == "random")
    levels = read("check_levels")
    return Costs(
        file_ms={
            "0.15 megapixels": files["0.15 Mpx"]["exact, with digests"],
            "12 megapixels": files["12 Mpx, camera"]["exact, with digests"],
        },
        orientations_ms=check["pictures"]["PDQ in eight orientations alone, ms"],
        plain_ms=_median(levels, "fast"),
        digest_us=1e6 / check["digests"][0]["misses a second"],
        probe_us={row["hashes"]: row["microseconds a query"] for row in growth},
        scan_g=search["64 queries"]["G comparisons/s"][_ISA],
        scan_one_us=one_query["microseconds"]["scan"],
        bytes_a_hash={
            "scan": growth[-1]["bytes a hash, scan only"],
            "multi-index": growth[-2]["bytes a hash"],
        },
        bytes_a_digest=read("digest_set")["building"][1]["file bytes a digest"],
        levels={name: _level(levels, name) for name in ("fast", "standard", "thorough")},
        request_ms=service["ms of a request beside a local one"],
        broadcast_ms=service["broadcast"]["ms besides"],
        shard_ms=service["broadcast"]["ms a shard"],
    )


_PLAIN_FORMS = 8


def _nothing(levels: Any, level: str) -> Any:
    (size,) = levels["sizes"]
    return next(
        row for row in size["levels"] if row["level"] == level and row["finds"] == "nothing"
    )


def _median(levels: Any, level: str) -> float:
    return float(_nothing(levels, level)["median ms of the thread"])


def _level(levels: Any, name: str) -> LevelCosts:
    (size,) = levels["sizes"]
    row = _nothing(levels, name)
    before = next(one for one in levels["before a check"] if one["level"] == name)
    forms = round(row["comparisons a query"] / size["entries"]) - _PLAIN_FORMS
    beyond_ms = _median(levels, name) - _median(levels, "fast")
    per = 1e6 * beyond_ms / forms / (size["entries"] / 1000) if forms else 0.0
    return LevelCosts(before["of these for the views, ms"], forms, 3 if forms else 1, per)
